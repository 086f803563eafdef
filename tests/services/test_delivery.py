"""One HTTP attempt as its merchant sees it. Hostile receivers and URLs are in ``tests/security/outbound``."""

import socket

import pytest

from chalicelib.delivery import DeliveryError, HttpSender
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


def test_a_plain_answer_comes_back_whole():
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


@pytest.mark.parametrize("code", [204, 301, 304, 404, 410, 429, 500, 599])
def test_whatever_the_status_it_is_an_answer(code: int):
    head = f"HTTP/1.1 {code} Whatever\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    with receiver(answering(head.encode())) as url:
        assert post(url).code == code


def test_a_redirect_that_is_packed_keeps_its_status_and_its_body():
    head = (
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n"
    )
    with receiver(answering(head + b"\x1f\x8b\x08")) as url:
        answer = post(url)
    assert (answer.code, answer.body) == (302, b"\x1f\x8b\x08")


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (answering(b""), "the answer broke off or is not valid HTTP"),
        (answering(b"this is not HTTP\r\n\r\n"), "the answer broke off or is not valid HTTP"),
        (reset_after(OK[:-2]), "the answer broke off or is not valid HTTP"),
        (answering(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000), "the answer's headers are longer than 64 KB"),
        (dripping(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n"), "no complete answer within 0.3 s"),
    ],
)
def test_no_answer_is_told_in_words(behave: Behaviour, reason: str):
    with receiver(behave) as url, pytest.raises(DeliveryError) as caught:
        post(url, deadline_s=0.3 if "within" in reason else 5)
    assert str(caught.value) == reason


def test_a_port_where_nobody_listens_is_told_in_words():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DeliveryError, match="could not connect"):
        post(f"http://127.0.0.1:{port}/")


def test_a_url_that_was_saved_before_it_was_refused_is_not_called():
    with pytest.raises(DeliveryError, match="webhook_url must not hold a user name or password"):
        post("http://user:password@127.0.0.1:1/")
