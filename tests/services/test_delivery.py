"""One HTTP attempt: bounded in time and memory whatever the receiver does, and guarded."""

import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from chalicelib.delivery import MAX_BODY_BYTES, DeliveryError, HttpSender

DEADLINE_S = 0.6
SLACK_S = 0.5
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"

Behaviour = Callable[[socket.socket], None]


@contextmanager
def receiver(behave: Behaviour, *, first_read: bool = True) -> Iterator[str]:
    """A server that reads a request and then does ``behave`` with the connection; yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        if first_read:
                            connection.recv(65536)
                        behave(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/webhook"


def answering(data: bytes) -> Behaviour:
    return lambda connection: connection.sendall(data)


def dripping(start: bytes, drop: bytes) -> Behaviour:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(200):
            connection.sendall(drop)
            time.sleep(0.05)

    return drip


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    chunk = b"x" * 1_000_000
    for _ in range(1000):
        connection.sendall(chunk)


def silence(_connection: socket.socket) -> None:
    time.sleep(5)


def post(url: str, *, allow_private: bool = True, deadline_s: float = DEADLINE_S):
    return HttpSender(allow_private=allow_private, deadline_s=deadline_s).post(url, b"{}", {"X-Test": "1"})


def test_a_plain_answer_comes_back_whole():
    with receiver(answering(OK)) as url:
        answer = post(url)
    assert (answer.code, answer.body, answer.truncated) == (200, b"hello", False)
    assert answer.headers["Content-Type"] == "text/plain"


def test_the_exact_body_and_headers_are_sent():
    body = "{“é”}".encode()
    got = bytearray()

    def read_all(connection: socket.socket) -> None:
        while not got.endswith(body):
            got.extend(connection.recv(65536))
        connection.sendall(OK)

    with receiver(read_all, first_read=False) as url:
        HttpSender(allow_private=True).post(url + "?a=1", body, {"X-Test": "yes"})
    head = bytes(got).partition(b"\r\n\r\n")[0]
    assert head.startswith(b"POST /webhook?a=1 HTTP/1.1")
    assert b"X-Test: yes" in head
    assert b"Content-Type: application/json" in head


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(code: int):
    visited = threading.Event()
    with receiver(lambda _: visited.set()) as elsewhere:
        head = f"HTTP/1.1 {code} Moved\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n"
        with receiver(answering(head.encode())) as url:
            assert post(url).code == code
    assert not visited.is_set()


@pytest.mark.parametrize(
    "behave",
    [
        silence,
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
    ],
    ids=["silence", "endless header", "endless headers", "slow body", "slow chunks", "slow until closed"],
)
def test_a_slow_receiver_costs_the_deadline_and_leaves_nothing_running(behave: Behaviour):
    before = set(threading.enumerate())
    with receiver(behave) as url:
        started = time.monotonic()
        with pytest.raises(DeliveryError):
            post(url)
        assert time.monotonic() - started < DEADLINE_S + SLACK_S
        left = [thread for thread in threading.enumerate() if thread not in before and "_run" in thread.name]
        for thread in left:
            thread.join(DEADLINE_S + 2 * SLACK_S)
        assert not any(thread.is_alive() for thread in left)


def test_a_gigabyte_is_cut_and_costs_little_memory():
    with receiver(flood) as url:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = post(url, deadline_s=5)
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (answer.code, len(answer.body), answer.truncated) == (200, MAX_BODY_BYTES, True)
    assert grown_kb < 20_000


def test_a_compressed_bomb_is_not_unpacked():
    bomb = b"\x1f\x8b" + b"\0" * 1000
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    with receiver(answering(head + bomb)) as url:
        assert post(url).body == bomb


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (lambda connection: connection.close(), "could not connect"),
        (answering(b"this is not HTTP\r\n\r\n"), "could not connect"),
    ],
)
def test_no_answer_is_told_in_words(behave: Behaviour, reason: str):
    with receiver(behave) as url, pytest.raises(DeliveryError, match=reason):
        post(url)


def test_a_port_where_nobody_listens_is_told_in_words():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DeliveryError, match="could not connect"):
        post(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "0.0.0.0",
        "2130706433",
    ],
)
def test_private_and_internal_addresses_are_refused(host: str):
    with pytest.raises(DeliveryError, match="private or internal address"):
        post(f"http://{host}:4566/", allow_private=False)


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with receiver(answering(OK)) as url:
        assert post(url).code == 200
