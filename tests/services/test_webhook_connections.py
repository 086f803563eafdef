"""Webhooks reuse the connections to their receivers. No request is lost or unchecked because of that."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
import requests
from urllib3.connectionpool import HTTPConnectionPool

from chalicelib.jobs.concurrent import run_concurrently
from chalicelib.webhooks.guarded_adapter import GuardedAdapter, PrivateAddressError
from chalicelib.webhooks.http import DeliveryError, HttpSender
from chalicelib.webhooks.kept_connections import MAX_KEPT, KeptConnections

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BATCH = 10


@dataclass
class Server:
    """A receiver that counts connections and requests. It answers the requests of a connection in turn."""

    port: int
    answers: Callable[[int], list[bytes]]  # by the number of the connection, from 0; then it closes
    connections: int = 0
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with self.lock:
                number, self.connections = self.connections, self.connections + 1
            threading.Thread(target=self._answer, args=(connection, number), daemon=True).start()

    def _answer(self, connection: socket.socket, number: int) -> None:
        with suppress(ConnectionError), connection, connection.makefile("rb") as lines:
            for answer in self.answers(number):
                length = 0
                while (line := lines.readline().strip().lower()) != b"":
                    length = int(line.partition(b":")[2]) if line.startswith(b"content-length") else length
                if not length:
                    return
                lines.read(length)
                with self.lock:
                    self.requests += 1
                if not answer:
                    return
                connection.sendall(answer)


@contextmanager
def server(answers: Callable[[int], list[bytes]] = lambda _number: [OK] * 100) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        one = Server(listening.getsockname()[1], answers)
        thread = threading.Thread(target=one.serve, args=(listening,), daemon=True)
        thread.start()
        yield one
        listening.shutdown(socket.SHUT_RDWR)


def sender() -> HttpSender:
    return HttpSender(allow_private=True)


def post(by: HttpSender, url: str) -> int:
    return by.post(url, b"{}", {"X-Test": "1"}).code


def test_webhooks_one_after_another_use_one_connection():
    with server() as receiver:
        by = sender()
        assert [post(by, receiver.url) for _ in range(5)] == [200] * 5
        assert (receiver.connections, receiver.requests) == (1, 5)


def test_the_batches_of_a_worker_use_one_connection_for_each_receiver():
    by = sender()
    with server() as first, server() as second:
        for _ in range(3):
            for receiver in (first, second):
                urls = [receiver.url] * BATCH
                codes = run_concurrently(
                    lambda url: post(by, url) == 200, urls, max_workers=BATCH, timeout_s=20
                )
                assert codes == [True] * BATCH
        assert first.requests == second.requests == 3 * BATCH
        assert first.connections <= BATCH
        assert second.connections <= BATCH


def test_a_kept_connection_that_the_receiver_closes_at_the_request_is_replaced():
    with server(lambda number: [OK, b""] if number == 0 else [OK]) as receiver:
        by = sender()
        assert [post(by, receiver.url), post(by, receiver.url)] == [200, 200]
        assert (receiver.connections, receiver.requests) == (2, 3)


def test_a_new_connection_that_the_receiver_closes_is_not_replaced():
    with server(lambda _number: [b""]) as receiver:
        with pytest.raises(DeliveryError):
            post(sender(), receiver.url)
        assert (receiver.connections, receiver.requests) == (1, 1)


def test_a_webhook_is_sent_again_once_only():
    with server(lambda number: [OK, b""] if number == 0 else [b""]) as receiver:
        by = sender()
        post(by, receiver.url)
        with pytest.raises(DeliveryError):
            post(by, receiver.url)
        assert (receiver.connections, receiver.requests) == (2, 3)


def test_a_connection_is_reused_only_for_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch):
    adapter = GuardedAdapter(is_https=False, allow_private=False)
    request = requests.Request("POST", "http://receiver.example/hook").prepare()

    def connections_to(address: str) -> HTTPConnectionPool:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
        return adapter.get_connection_with_tls_context(request, verify=True)

    first, other, again = (connections_to(address) for address in ("8.8.8.8", "8.8.4.4", "8.8.8.8"))
    assert [first.host, other.host] == ["8.8.8.8", "8.8.4.4"]
    assert first is again
    with pytest.raises(PrivateAddressError):
        connections_to("127.0.0.1")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    ],
    ids=["other protocol", "large body", "close"],
)
def test_a_connection_in_an_unclear_state_is_not_reused(answer: bytes):
    with server(lambda _number: [answer, answer]) as receiver:
        by = sender()
        for _ in range(2):
            by.post(receiver.url, b"{}", {})
        assert (receiver.connections, receiver.requests) == (2, 2)


def test_adapters_are_kept_for_their_origin_and_a_limited_time():
    now = [0.0]
    kept = KeptConnections(allow_private=True, keep_s=4, clock_s=lambda: now[0])
    adapter = kept.take("https://a.example/x")
    kept.keep("https://a.example/x", adapter)
    for other in ("http://a.example/x", "https://b.example/x", "https://a.example:444/x"):
        assert kept.take(other) is not adapter
    assert kept.take("https://a.example/y") is adapter
    assert kept.take("https://a.example/y") is not adapter  # another request uses it
    kept.keep("https://a.example/x", adapter)
    now[0] = 4.0
    assert kept.take("https://a.example/x") is not adapter


def test_the_number_of_kept_adapters_is_limited():
    kept = KeptConnections(allow_private=True)
    urls = [f"https://{number}.example/" for number in range(MAX_KEPT + 1)]
    adapters = [kept.take(url) for url in urls]
    for url, adapter in zip(urls, adapters, strict=True):
        kept.keep(url, adapter)
    assert [kept.take(url) is adapter for url, adapter in zip(urls, adapters, strict=True)] == [
        False,
        *[True] * MAX_KEPT,
    ]
