"""The front: requests pass as they came, sites answer as S3's hosting does."""

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
    """API Gateway, which tells what it was asked, and a bucket."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path in OBJECTS:
            self._answer(200, OBJECTS[self.path], {"Content-Type": "text/html", "x-amz-id-2": "secret"})
        elif self.path.startswith("/bucket/"):
            self._answer(404, b"<Error/>", {})
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = {
                "method": self.command,
                "path": self.path,
                "headers": dict(self.headers),
                "body": body.decode(),
            }
            self._answer(418, json.dumps(told).encode(), {"Content-Type": "application/json", "Allow": "GET"})

    do_POST = do_GET  # noqa: N815 - the base class asks for it

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Not to the test's output."""


@pytest.fixture(scope="module")
def ports():
    return Ports.free()


@pytest.fixture(scope="module")
def lines():
    return []


@pytest.fixture(scope="module", autouse=True)
def front(ports, lines):
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


def ask(port: int, path: str = "/", method: str = "GET", **request: Any) -> requests.Response:
    return requests.request(method, f"http://{HOST}:{port}{path}", timeout=60, **request)


def test_a_request_passes_as_it_came(ports):
    answer = ask(ports.api, "/a%2Fb/../c?x=1&x=%20", "POST", data="{", headers={"Content-Type": "text/odd"})
    told = answer.json()
    assert (answer.status_code, answer.headers["Allow"]) == (418, "GET")
    assert (told["method"], told["body"]) == ("POST", "{")
    assert told["path"].startswith("/stage/")
    assert told["path"].endswith("?x=1&x=%20")
    assert told["headers"]["Content-Type"] == "text/odd"


def test_a_large_body_passes_whole(ports):
    body = "x" * (2 * 1024 * 1024)
    told = ask(ports.api, "/", "POST", data=body).json()
    assert told["body"] == body
    assert told["headers"]["Content-Length"] == str(len(body))


def test_nothing_is_added_to_a_request(ports):
    session = requests.Session()
    session.headers.clear()
    told = session.get(f"http://{HOST}:{ports.api}/", timeout=60).json()
    assert not {"Accept", "Content-Type", "Cookie"} & set(told["headers"])


def test_a_body_over_api_gateways_limit_is_refused_as_it_would_refuse_it(ports):
    answer = ask(ports.api, "/", "POST", data=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


def test_a_line_break_in_a_path_passes(ports):
    assert ask(ports.api, "/a%0Ab").json()["path"] == "/stage/a%0Ab"


def test_a_header_that_is_no_text_is_refused_rather_than_left_out(ports):
    answer = ask(ports.api, "/", headers={"Idempotency-Key": b"\x84"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


def test_an_api_that_does_not_answer_is_an_internal_error(ports):
    answer = ask(ports.checkout, "/")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL_SERVER_ERROR"


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/", 200, "<p>home</p>"), ("/app.js", 200, "run()"), ("/nowhere", 404, "<p>home</p>")],
)
def test_a_site_has_an_index_and_an_error_page(ports, path, status, body):
    answer = ask(ports.dashboard, path)
    assert (answer.status_code, answer.text) == (status, body)
    assert "x-amz-id-2" not in answer.headers


def test_only_the_checkout_page_may_be_framed():
    def policy(site: Site, key: str) -> str | None:
        return SiteProxy(site, "http://bucket").headers(key).get("Content-Security-Policy")

    for key in ("checkout", "checkout.html", "checkout/checkout.html"):
        assert policy(CHECKOUT, key) is None
    for site, key in ((CHECKOUT, "demo/"), (CHECKOUT, "checkout.css"), (DASHBOARD, "index.html")):
        assert policy(site, key) == "frame-ancestors 'none'"


def test_no_other_site_may_frame_or_load_a_page_of_the_dashboard(ports):
    headers = ask(ports.dashboard, "/").headers
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_site_is_only_read(ports):
    assert ask(ports.dashboard, "/", "POST", data="x").status_code == 405


def test_every_request_is_announced(ports, lines):
    ask(ports.dashboard, "/app.js?secret=1")
    assert [line for line in lines if line.startswith("dashboard GET /app.js 200 ")]
    assert not [line for line in lines if "secret" in line]


def test_idle_connections_to_the_embedded_aws_are_closed_before_it_closes_them():
    assert Config.keep_alive_timeout / 2 > IDLE_S


def test_an_idle_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch):
    """An AWS that resets a connection when a second request comes on it after a pause."""
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
        front = LocalServer({ports.api: ApiProxy(f"http://{HOST}:{ports.aws}", concurrency=2)})
        front.start()
        statuses = []
        for _ in range(2):
            statuses.append(ask(ports.api, "/", "POST").status_code)
            time.sleep(0.2)  # the connection is idle for longer than it may be
        front.stop()
        server.shutdown()
    assert statuses == [418, 418]
