"""The local server: it forwards requests unchanged, and serves sites as S3's website hosting does."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from hypercorn.config import Config

from infra.local import local_server as local_front
from infra.local.local_server import IDLE_S, MAX_BODY_BYTES, LocalServer
from infra.local.ports import HOST, Ports
from infra.local.proxies import ApiProxy, SiteProxy
from infra.sites import CHECKOUT, DASHBOARD, Site

OBJECTS = {"/bucket/index.html": b"<p>home</p>", "/bucket/app.js": b"run()"}


class Aws(BaseHTTPRequestHandler):
    """API Gateway, which returns the received request, and a bucket."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path in OBJECTS:
            self._answer(200, OBJECTS[self.path], {"Content-Type": "text/html", "x-amz-id-2": "secret"})
        elif self.path.startswith("/bucket/"):
            self._answer(404, b"<Error/>", {})
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            received = {
                "method": self.command,
                "path": self.path,
                "headers": dict(self.headers),
                "body": body.decode(),
            }
            self._answer(
                418, json.dumps(received).encode(), {"Content-Type": "application/json", "Allow": "GET"}
            )

    do_POST = do_GET  # noqa: N815 - the base class asks for it

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Suppress the log in the test's output."""


@pytest.fixture(scope="module")
def ports():
    return Ports.free()


@pytest.fixture(scope="module")
def lines():
    return []


@pytest.fixture(scope="module", autouse=True)
def local_server(ports, lines):
    with ThreadingHTTPServer((HOST, ports.aws), Aws) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        aws = f"http://{HOST}:{ports.aws}"
        gone = f"http://{HOST}:{ports.receiver}"
        started = LocalServer(
            {
                ports.api: ApiProxy(f"{aws}/stage", concurrency=2),
                ports.dashboard: SiteProxy(DASHBOARD, f"{aws}/bucket"),
                ports.checkout: ApiProxy(gone, concurrency=2),
            },
            lambda who, what: lines.append(f"{who} {what}"),
        )
        started.start()
        yield
        started.stop()
        server.shutdown()


def send(port: int, path: str = "/", method: str = "GET", **request: Any) -> requests.Response:
    return requests.request(method, f"http://{HOST}:{port}{path}", timeout=60, **request)


def test_a_request_is_forwarded_unchanged(ports):
    answer = send(ports.api, "/a%2Fb/../c?x=1&x=%20", "POST", data="{", headers={"Content-Type": "text/odd"})
    received = answer.json()
    assert (answer.status_code, answer.headers["Allow"]) == (418, "GET")
    assert (received["method"], received["body"]) == ("POST", "{")
    assert received["path"].startswith("/stage/")
    assert received["path"].endswith("?x=1&x=%20")
    assert received["headers"]["Content-Type"] == "text/odd"


def test_a_large_body_is_forwarded_completely(ports):
    body = "x" * (2 * 1024 * 1024)
    received = send(ports.api, "/", "POST", data=body).json()
    assert received["body"] == body
    assert received["headers"]["Content-Length"] == str(len(body))


def test_nothing_is_added_to_a_request(ports):
    session = requests.Session()
    session.headers.clear()
    received = session.get(f"http://{HOST}:{ports.api}/", timeout=60).json()
    assert not {"Accept", "Content-Type", "Cookie"} & set(received["headers"])


def test_a_body_over_api_gateways_limit_is_rejected_as_by_api_gateway(ports):
    answer = send(ports.api, "/", "POST", data=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


def test_a_line_break_in_a_path_is_forwarded(ports):
    assert send(ports.api, "/a%0Ab").json()["path"] == "/stage/a%0Ab"


def test_a_header_that_is_not_text_is_rejected_and_not_dropped(ports):
    answer = send(ports.api, "/", headers={"Idempotency-Key": b"\x84"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


def test_an_api_that_does_not_respond_is_an_internal_error(ports):
    answer = send(ports.checkout, "/")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL_SERVER_ERROR"


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/", 200, "<p>home</p>"), ("/app.js", 200, "run()"), ("/nowhere", 404, "<p>home</p>")],
)
def test_a_site_has_an_index_and_an_error_page(ports, path, status, body):
    answer = send(ports.dashboard, path)
    assert (answer.status_code, answer.text) == (status, body)
    assert "x-amz-id-2" not in answer.headers


def test_only_the_checkout_page_can_be_framed():
    def policy(site: Site, key: str) -> str | None:
        return SiteProxy(site, "http://bucket").headers(key).get("Content-Security-Policy")

    for key in ("checkout", "checkout.html", "checkout/checkout.html"):
        assert policy(CHECKOUT, key) is None
    for site, key in ((CHECKOUT, "demo/"), (CHECKOUT, "checkout.css"), (DASHBOARD, "index.html")):
        assert policy(site, key) == "frame-ancestors 'none'"


def test_no_other_site_can_frame_or_load_a_page_of_the_dashboard(ports):
    headers = send(ports.dashboard, "/").headers
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_site_is_read_only(ports):
    assert send(ports.dashboard, "/", "POST", data="x").status_code == 405


def test_every_request_is_logged(ports, lines):
    send(ports.dashboard, "/app.js?secret=1")
    assert [line for line in lines if line.startswith("dashboard GET /app.js 200 ")]
    assert not [line for line in lines if "secret" in line]


def test_idle_connections_to_the_embedded_aws_are_closed_before_it_closes_them():
    assert Config.keep_alive_timeout / 2 > IDLE_S


def test_an_idle_connection_is_not_reused(monkeypatch: pytest.MonkeyPatch):
    """The simulated AWS resets a connection if a second request follows after a pause."""
    monkeypatch.setattr(local_front, "IDLE_S", 0.05)
    ports = Ports.free()

    class Impatient(Aws):
        def do_POST(self):
            if getattr(self, "has_answered", False):
                self.close_connection = True
                return
            self.has_answered = True
            self._answer(418, b"{}", {})

    with ThreadingHTTPServer((HOST, ports.aws), Impatient) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        local_server = LocalServer({ports.api: ApiProxy(f"http://{HOST}:{ports.aws}", concurrency=2)})
        local_server.start()
        statuses = []
        for _ in range(2):
            statuses.append(send(ports.api, "/", "POST").status_code)
            time.sleep(0.2)  # the connection is idle for longer than the limit
        local_server.stop()
        server.shutdown()
    assert statuses == [418, 418]
