"""The transport of acquirers, with a server on this machine."""

import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chalicelib.acquirers.http_transport import MAX_BODY_BYTES, HttpTransport
from chalicelib.acquirers.transport import NoResponseError, Request

SECRET = "sk_live_do_not_show"
DEADLINE_S = 0.5


class Vendor(BaseHTTPRequestHandler):
    """Behaves as the path says. Records the requests in ``seen``."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, dict[str, str], bytes]] = []  # noqa: RUF012 - one server per module

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((f"{self.command} {self.path}", dict(self.headers), body))
        getattr(self, self.path.partition("?")[0].strip("/"))()

    def do_POST(self) -> None:
        self.do_GET()

    def answer(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "session=1")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def ok(self) -> None:
        self.answer(200, b'{"id": "pi_1"}')

    def declined(self) -> None:
        self.answer(402)

    def moved(self) -> None:
        self.answer(302, Location="/ok")

    def large(self) -> None:
        self.answer(200, b" " * (MAX_BODY_BYTES + 1))

    def slow(self) -> None:
        time.sleep(DEADLINE_S * 2)
        with suppress(BrokenPipeError):  # the client gave up at its deadline
            self.answer(200)

    def drips(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        with suppress(BrokenPipeError):  # the client gives up at its deadline
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(DEADLINE_S / 10)

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{")
        self.close_connection = True

    def silent(self) -> None:
        self.close_connection = True


@pytest.fixture(scope="module", name="url")
def _url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(name="transport")
def _transport() -> HttpTransport:
    return HttpTransport(connect_s=DEADLINE_S, deadline_s=DEADLINE_S)


def post(url: str) -> Request:
    return Request(
        method="POST", url=f"{url}?key={SECRET}", headers={"Authorization": SECRET}, body=SECRET.encode()
    )


def test_a_response_is_returned_whatever_its_status(transport: HttpTransport, url: str):
    response = transport.send(post(f"{url}/ok"))
    assert (response.status, response.body) == (200, b'{"id": "pi_1"}')
    assert transport.send(post(f"{url}/declined")).status == 402


def test_redirects_are_not_followed_and_no_cookies_are_kept(transport: HttpTransport, url: str):
    Vendor.seen.clear()
    response = transport.send(post(f"{url}/moved"))
    assert (response.status, response.headers["location"]) == (302, "/ok")
    transport.send(Request(method="GET", url=f"{url}/ok"))
    assert [asked.partition("?")[0] for asked, _, _ in Vendor.seen] == ["POST /moved", "GET /ok"]
    assert "Cookie" not in Vendor.seen[1][1]


def test_the_environment_chooses_no_proxy(transport: HttpTransport, url: str, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert transport.send(post(f"{url}/ok")).status == 200


@pytest.mark.parametrize("behaviour", ["slow", "drips", "cut", "silent", "large"])
def test_without_a_complete_response_the_result_is_unknown(
    transport: HttpTransport, url: str, behaviour: str
):
    started = time.monotonic()
    with pytest.raises(NoResponseError):
        transport.send(post(f"{url}/{behaviour}"))
    assert time.monotonic() - started < DEADLINE_S * 6


def test_a_server_that_is_down_gives_no_response(transport: HttpTransport):
    with pytest.raises(NoResponseError):
        transport.send(post("http://127.0.0.1:9/ok"))


def test_no_log_or_error_contains_a_credential(transport: HttpTransport, url: str, caplog):
    caplog.set_level(logging.DEBUG)
    request = Request(method="POST", url=url, headers={"Authorization": SECRET}, body=SECRET.encode())
    assert SECRET not in repr(request)
    transport.send(post(f"{url}/ok"))
    with pytest.raises(NoResponseError) as raised:
        transport.send(post(f"{url}/silent"))
    own = [record for record in caplog.records if record.name == "payment-gateway"]
    assert [record.getMessage() for record in own] == ["acquirer responded", "acquirer did not respond"]
    for record in own:
        assert SECRET not in str(vars(record))
    assert SECRET not in str(raised.value)
    assert raised.value.__suppress_context__
