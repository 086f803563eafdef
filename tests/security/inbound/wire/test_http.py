"""Malformed HTTP requests, and requests that two parsers may interpret differently."""

import json
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from infra.local.gateway import LocalGateway
from infra.project import ROOT
from tests.e2e.api import Api

pytestmark = pytest.mark.e2e

TIMEOUT_S = 20.0
BODY = b'{"amount": 500}'
SMUGGLED = b"POST /api/v1/orders HTTP/1.1\r\nHost: x\r\n"

Send = Callable[..., list[int]]
UNFINISHED = {"a length that is too large", "a length with many digits", "a chunk size that is too large"}


@pytest.fixture
def send(gateway: LocalGateway) -> Send:
    """Send bytes and return the statuses of all responses.

    Unless the request is complete, the write side of the connection is closed.
    """

    def statuses(request: bytes, *, is_all: bool = True) -> list[int]:
        port = urlsplit(gateway.api_url).port
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
            connection.sendall(request)
            if not is_all:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while received := _received(connection):
                answer += received
        return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]

    return statuses


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionResetError:  # closed with part of the request unread
        return b""


def post(merchant: Api, *lines: bytes, body: bytes = BODY, target: bytes = b"/api/v1/orders") -> bytes:
    """A create-order request, with ``lines`` as the headers that declare the body's length."""
    sent = {"Host": "localhost", "Content-Type": "application/json", **merchant.credentials}
    headers = b"".join(f"{name}: {value}\r\n".encode() for name, value in sent.items())
    return b"POST %s HTTP/1.1\r\n%sConnection: close\r\n%s\r\n%s" % (
        target,
        headers,
        b"".join(line + b"\r\n" for line in lines),
        body,
    )


def orders_of(merchant: Api) -> int:
    return len(merchant.pages("/orders", "limit=100"))


def test_a_handwritten_request_is_accepted(merchant: Api, send: Send):
    """Verifies that the following requests are rejected for their framing only."""
    assert send(post(merchant, b"Content-Length: 15")) == [201]
    chunked = b"f\r\n" + BODY + b"\r\n0\r\n\r\n"
    assert send(post(merchant, b"Transfer-Encoding: chunked", body=chunked)) == [201]
    assert orders_of(merchant) == 2


FRAMES: dict[str, tuple[list[bytes], bytes]] = {
    "a length that is too large": ([b"Content-Length: 99"], BODY),
    "a length that is too small": ([b"Content-Length: 3"], BODY),
    "a negative length": ([b"Content-Length: -15"], BODY),
    "a length with a sign": ([b"Content-Length: +15"], BODY),
    "an invalid length": ([b"Content-Length: 0xf"], BODY),
    "a length with many digits": ([b"Content-Length: " + b"9" * 30], BODY),
    "two lengths": ([b"Content-Length: 15", b"Content-Length: 0"], BODY),
    "two lengths in one header": ([b"Content-Length: 15, 0"], BODY),
    "a length and chunks": (
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        b"0\r\n\r\n" + SMUGGLED + b"\r\n",
    ),
    "chunks and a length": (
        [b"Transfer-Encoding: chunked", b"Content-Length: 15"],
        b"0\r\n\r\n" + SMUGGLED + b"\r\n",
    ),
    "chunked and another encoding": ([b"Transfer-Encoding: chunked, identity"], b"0\r\n\r\n"),
    "an invalid transfer encoding": ([b"Transfer-Encoding: xchunked"], b"0\r\n\r\n"),
    "a space before the colon": ([b"Transfer-Encoding : chunked"], b"0\r\n\r\n"),
    "a chunk without a size": ([b"Transfer-Encoding: chunked"], b"zz\r\n" + BODY + b"\r\n0\r\n\r\n"),
    "a chunk size that is too large": ([b"Transfer-Encoding: chunked"], b"ff\r\n" + BODY),
    "a folded line": ([b"X-Folded: a", b" Content-Length: 15"], BODY),
    "a line without a colon": ([b"Content-Length 15"], BODY),
    "a header without a name": ([b": x", b"Content-Length: 15"], BODY),
    "a NUL in a header": ([b"X-Nul: a\0b", b"Content-Length: 15"], BODY),
    "a lone carriage return": ([b"X-CR: a\rX-Api-Key: b", b"Content-Length: 15"], BODY),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_an_ambiguous_request_has_at_most_one_response_and_creates_no_order(
    merchant: Api, send: Send, frame: str
):
    lines, body = FRAMES[frame]
    statuses = send(post(merchant, *lines, body=body), is_all=frame not in UNFINISHED)
    assert len(statuses) <= 1
    assert all(400 <= status < 500 for status in statuses), statuses
    assert orders_of(merchant) == 0


def test_a_header_of_100_kb_is_rejected(merchant: Api, send: Send):
    assert send(post(merchant, b"X-Large: " + b"x" * 100_000, b"Content-Length: 15")) == [400]


def test_unused_http_features_are_rejected(send: Send):
    for junk in (
        b"\0" * 100,
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 50,
    ):
        assert send(junk, is_all=False) in ([], [400], [505])


TARGETS: dict[bytes, set[int]] = {
    b"/api/v1//orders": {201, 404},
    b"//api/v1/orders": {201, 404},
    b"/api/v1/orders/../orders": {201, 404},
    b"/api/v1/orders/..%2forders": {404, 405},
    b"/api/v1/orders/..%2f..%2f..%2f_ministack%2freset": {404, 405},
    b"/../../_ministack/reset": {400, 404},
    b"/%2e%2e/%2e%2e/_ministack/reset": {400, 404},
    b"/api/v1/orders%2f": {201, 404},
    b"/api/v1/orders%252f..": {404},
    b"/api/v1/orders%00": {404},
    b"/api/v1/orders;jsessionid=1": {404},
    b"/api/v1/ORDERS": {404},
    b"/api/v1/orders\\..\\sessions": {400, 404},
    b"/api/v1/%6frders": {201, 404},
    b"/api/v1/orders?%00=%ff": {201, 400},
    b"/api/v1/orders?" + b"x" * 5_000: {201, 400, 414},
    b"/api/v1/orders#fragment": {201, 400, 404},
    b"http://evil.example/api/v1/orders": {201, 400, 404},
    b"*": {400, 404},
}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: ascii(target[:40]))
def test_an_unusual_target_is_not_found(merchant: Api, send: Send, target: bytes):
    (status,) = send(post(merchant, b"Content-Length: 15", target=target))
    assert status in TARGETS[target]
    assert merchant.get("/merchants/me").status_code == 200, "the stack is still there"


def test_the_gateway_does_not_fetch_a_url_in_the_target(merchant: Api, send: Send):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.5)
        port = elsewhere.getsockname()[1]
        target = b"http://127.0.0.1:%d/api/v1/orders" % port
        send(post(merchant, b"Content-Length: 15", b"Host: 127.0.0.1:%d" % port, target=target))
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_methods_that_the_api_does_not_use_are_rejected(gateway: LocalGateway, send: Send):
    for method in (b"TRACE", b"CONNECT", b"PROPFIND", b"get", b"G\0T", b"X" * 5_000):
        statuses = send(method + b" /api/v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert all(400 <= status < 500 for status in statuses), (method, statuses)


def test_a_response_does_not_reveal_the_server_software(merchant: Api):
    for response in (
        merchant.get("/orders"),
        merchant.get("/nothing"),
        merchant.post("/orders", {"amount": 1}),
    ):
        text = json.dumps(dict(response.headers)).lower() + response.text.lower()
        telling = ("traceback", "ministack", str(ROOT).lower(), "site-packages")
        assert not [word for word in telling if word in text]
