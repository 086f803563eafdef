"""One HTTP attempt. Hostile receivers and URLs are tested in ``tests/security/outbound``."""

import socket
import time

import pytest

from chalicelib.domain.webhook_url import check_new_webhook_url
from chalicelib.webhooks.http import DeliveryError, HttpSender
from chalicelib.webhooks.paced_body import PAUSE_S, PIECES, PacedBody
from tests.security.outbound.receivers import (
    OK,
    Behaviour,
    answering,
    dripping,
    receiver,
    recording,
    reset_after,
)


def post(url: str, *, deadline_s: float = 5):
    return HttpSender(allow_private=True, deadline_s=deadline_s).post(url, b"{}", {"X-Test": "1"})


def test_a_plain_response_is_returned_completely():
    with receiver(answering(OK)) as url:
        answer = post(url)
    assert (answer.code, answer.body, answer.truncated) == (200, b"hello", False)
    assert answer.headers["Content-Type"] == "text/plain"


def test_the_exact_body_and_headers_are_sent():
    body = "{“é”}".encode()
    got: list[bytes] = []
    with receiver(recording(got), first_read=False) as url:
        HttpSender(allow_private=True).post(url + "?a=1", body, {"X-Test": "yes", "User-Agent": "us"})
    head, _, sent = got[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /webhook?a=1 HTTP/1.1")
    assert b"X-Test: yes" in head
    assert b"User-Agent: us\r\n" in head
    assert b"python" not in head
    assert sent == body


def test_a_body_in_pieces_arrives_slowly_and_completely():
    got: list[bytes] = []
    body = b'{"event":"payment.success"}'
    with receiver(recording(got), first_read=False) as url:
        started_s = time.monotonic()
        HttpSender(allow_private=True).post(url, PacedBody(body), {})
        taken_s = time.monotonic() - started_s
    head, _, sent = b"".join(got).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"chunked" not in head
    assert sent == body
    assert taken_s >= (PIECES - 1) * PAUSE_S


@pytest.mark.parametrize("code", [204, 301, 304, 404, 410, 429, 500, 599])
def test_a_response_with_any_status_is_returned(code: int):
    head = f"HTTP/1.1 {code} Whatever\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    with receiver(answering(head.encode())) as url:
        assert post(url).code == code


def test_a_compressed_redirect_keeps_its_status_and_body():
    head = (
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n"
    )
    with receiver(answering(head + b"\x1f\x8b\x08")) as url:
        answer = post(url)
    assert (answer.code, answer.body) == (302, b"\x1f\x8b\x08")


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (answering(b""), "the response is incomplete or not valid HTTP"),
        (answering(b"this is not HTTP\r\n\r\n"), "the response is incomplete or not valid HTTP"),
        (reset_after(OK[:-2]), "the response is incomplete or not valid HTTP"),
        (answering(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000), "the response headers are larger than 64 KB"),
        (dripping(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n"), "no complete response within 0.3 s"),
    ],
)
def test_a_missing_response_is_described(behave: Behaviour, reason: str):
    with receiver(behave) as url, pytest.raises(DeliveryError) as caught:
        post(url, deadline_s=0.3 if "within" in reason else 5)
    assert str(caught.value) == reason


def test_a_port_without_a_listener_is_described():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DeliveryError, match="could not connect"):
        post(f"http://127.0.0.1:{port}/")


def test_a_url_that_was_saved_before_it_became_invalid_is_not_called():
    with pytest.raises(DeliveryError, match="webhook_url must not contain a user name or password"):
        post("http://user:password@127.0.0.1:1/")


HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\nX-Bare: line feeds\n\n"
UNKNOWN = b"HTTP/1.1 199 Whatever\r\nContent-Length: 5\r\n\r\n"


@pytest.mark.parametrize(
    "interim",
    [HINTS, CONTINUE, PROCESSING, UNKNOWN, HINTS * 3, CONTINUE + HINTS + CONTINUE + PROCESSING, HINTS * 500],
    ids=lambda interim: interim[:30],
)
def test_interim_responses_are_skipped(interim: bytes):
    with receiver(answering(interim + OK)) as url:
        answer = post(url)
    assert (answer.code, answer.body) == (200, b"hello")
    assert "Link" not in answer.headers


@pytest.mark.parametrize(
    ("interim", "reason"),
    [
        (HINTS, "the response is incomplete or not valid HTTP"),
        (HINTS[:-2], "the response is incomplete or not valid HTTP"),
        (HINTS * 2_000 + OK, "the response headers are larger than 64 KB"),
        (b"HTTP/1.1 103 Early Hints\r\nX: " + b"a" * 70_000, "the response headers are larger than 64 KB"),
    ],
)
def test_interim_responses_alone_or_without_end_are_not_a_response(interim: bytes, reason: str):
    with receiver(answering(interim)) as url, pytest.raises(DeliveryError) as caught:
        post(url)
    assert str(caught.value) == reason


def test_a_change_of_protocol_is_a_separate_response():
    with receiver(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + OK)) as url:
        answer = post(url)
    assert (answer.code, answer.body) == (101, b"")


HOSTILE_HEADERS = [
    b"Content-Type: text/html; charset",
    b"Content-Type: ;;;=;charset==;\xff",
    b"Set-Cookie: \xff=\x00; expires=Mon, 01 Jan 99999999999 00:00:00 GMT; max-age=" + b"9" * 5_000,
    b"Set-Cookie: =;;==; domain=..; path=",
    b"Content-Encoding: \xe9, gzip, unknown",
    b"X-Latin: \xe9\xff\x80",
    b"X-Nul: a\x00b",
    b"X-Folded: a\r\n\tb\r\n c",
    b"X-Empty:",
    b": no name",
    b"\xe9: odd name",
    b"X-" + b"n" * 60_000 + b": enormous name",
    b"X-Encoded: =?utf-8?b?7aCA?=",
    b"Retry-After: Mon, 01 Jan 99999999999 00:00:00 GMT",
    b"Content-Length: 5\r\nX-Again: 1\r\nx-again: 2",
    b"Location: http://[",
    b"Transfer-Encoding: identity",
    b"Connection: \xff",
    b"Date: \x00",
]


@pytest.mark.parametrize("header", HOSTILE_HEADERS, ids=lambda header: ascii(header[:40]))
@pytest.mark.parametrize("code", [200, 503])
def test_a_response_with_any_headers_is_returned(code: int, header: bytes):
    head = b"HTTP/1.1 %d Fine\r\n%b\r\nContent-Length: 5\r\n\r\nhello"
    with receiver(answering(head % (code, header))) as url:
        assert post(url).code == code


@pytest.mark.parametrize(
    "target", ["", "/", "?only=query", "/a%2Fb?c=%20&d=1+2", "/x//y/;v=1:2@3!$&'()*+,~", "/p?q=?/:@&r='#part"]
)
def test_a_url_that_can_be_saved_is_sent_exactly_as_written(target: str):
    got: list[bytes] = []
    with receiver(recording(got), first_read=False) as url:
        asked = url.removesuffix("/webhook") + target
        check_new_webhook_url(asked, allow_private=True)
        HttpSender(allow_private=True).post(asked, b"{}", {})
    spelled = target.partition("#")[0]
    spelled = spelled if spelled.startswith("/") else "/" + spelled
    assert got[0].startswith(f"POST {spelled} HTTP/1.1\r\n".encode())
