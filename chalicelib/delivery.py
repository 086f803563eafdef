"""One HTTP request to a merchant's address: guarded, bounded, and told as it went.

Guarded: the name is resolved once, private and internal addresses are refused, and the connection
goes to the very address that was checked (requests-hardened). Bounded: DEADLINE_S for everything
from resolving the name to the last byte, MAX_BODY_BYTES of the answer, no redirect followed.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

DEADLINE_S = 5.0
MAX_BODY_BYTES = 64 * 1024
USER_AGENT = "payment-gateway-webhooks/1"
_CHUNK_BYTES = 4 * 1024


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a receiver answered. ``truncated``: there was more than the MAX_BODY_BYTES of ``body``."""

    code: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool


class DeliveryError(Exception):
    """No answer was had. The message says why, for the merchant's developer."""


class Sender(Protocol):
    """Posts a body to a URL."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The receiver's answer, whatever its status. Raises DeliveryError."""
        ...


@dataclass(frozen=True, kw_only=True)
class HttpSender:
    """Posts over the network. ``allow_private`` is for one machine and its tests."""

    allow_private: bool
    deadline_s: float = DEADLINE_S

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The receiver's answer within the deadline. Raises DeliveryError."""
        request = _Request(url=url, body=body, headers=headers, allow_private=self.allow_private)
        return request.answer_within(self.deadline_s)


class _Request:
    """One request, made in a thread of its own so that nothing it waits for can outlast the deadline."""

    def __init__(self, *, url: str, body: bytes, headers: Mapping[str, str], allow_private: bool) -> None:
        self._url = url
        self._body = body
        self._headers = {**headers, "Content-Type": "application/json", "User-Agent": USER_AGENT}
        self._adapters = [
            _WatchedAdapter(is_https_proto=is_https, allow_private=allow_private)
            for is_https in (False, True)
        ]
        self._answer: Future[Answer] = Future()

    def answer_within(self, deadline_s: float) -> Answer:
        threading.Thread(target=self._run, args=(time.monotonic() + deadline_s,), daemon=True).start()
        try:
            return self._answer.result(timeout=deadline_s)
        except TimeoutError as error:
            for adapter in self._adapters:
                adapter.shut()
            raise DeliveryError(f"no complete answer within {deadline_s:g} s") from error

    def _run(self, deadline: float) -> None:
        try:
            self._answer.set_result(self._exchange(deadline))
        except DeliveryError as error:
            self._answer.set_exception(error)
        except Exception as error:
            failure = DeliveryError(_reason(error))
            failure.__cause__ = error
            self._answer.set_exception(failure)

    def _exchange(self, deadline: float) -> Answer:
        with requests.Session() as session:
            session.trust_env = False  # neither proxies nor .netrc of whoever runs this
            session.mount("http://", self._adapters[0])
            session.mount("https://", self._adapters[1])
            response = session.post(
                self._url,
                data=self._body,
                headers=self._headers,
                timeout=max(0.001, deadline - time.monotonic()),
                allow_redirects=False,
                stream=True,
            )
            with response:
                body, truncated = _read(response, deadline)
                return Answer(
                    code=response.status_code, headers=dict(response.headers), body=body, truncated=truncated
                )


class _WatchedAdapter(IPFilterAdapter):  # type: ignore[misc]
    """Checks and pins the address, and knows its connections so that they can be shut from outside."""

    def __init__(self, *, is_https_proto: bool, allow_private: bool) -> None:
        super().__init__(is_https_proto=is_https_proto)
        self._allow_private = allow_private
        self._connections: list[Any] = []
        self._is_shut = False

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """The address to connect to; with ``allow_private`` the unchecked one."""
        if self._allow_private:
            return requests.adapters.HTTPAdapter.build_connection_pool_key_attributes(self, *args, **kwargs)
        return super().build_connection_pool_key_attributes(*args, **kwargs)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """A pool whose connections are watched."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        new_connection = pool.ConnectionCls

        def watched(*args: Any, **kwargs: Any) -> Any:
            connection = new_connection(*args, **kwargs)
            connection.connect = self._connect_in_time(connection, connection.connect)
            self._connections.append(connection)
            return connection

        pool.ConnectionCls = watched
        return pool  # type: ignore[no-any-return]

    def _connect_in_time(self, connection: Any, connect: Callable[[], None]) -> Callable[[], None]:
        def connect_in_time() -> None:
            connect()
            if self._is_shut:
                connection.close()
                raise DeliveryError("connected too late")

        return connect_in_time

    def shut(self) -> None:
        """End what is open or about to be; a read that waits in the other thread comes back at once."""
        self._is_shut = True
        for connection in self._connections:
            if connection.sock is not None:
                with suppress(OSError, AttributeError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


def _read(response: requests.Response, deadline: float) -> tuple[bytes, bool]:
    """Up to MAX_BODY_BYTES of the body as it came over the wire, never unpacked, and whether that cut it."""
    chunks = bytearray()
    while len(chunks) <= MAX_BODY_BYTES:
        if time.monotonic() >= deadline:
            raise DeliveryError("the answer's body did not end in time")
        chunk = response.raw.read1(_CHUNK_BYTES, decode_content=False)
        if not chunk:
            return bytes(chunks), False
        chunks += chunk
    return bytes(chunks[:MAX_BODY_BYTES]), True


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (InvalidIPAddress, "the URL leads to a private or internal address"),
    (requests.exceptions.SSLError, "the TLS certificate was not accepted"),
    (requests.exceptions.Timeout, "no answer in time"),
    (requests.exceptions.InvalidURL, "the URL is not valid"),
    (requests.exceptions.InvalidSchema, "the URL is neither http nor https"),
    (requests.exceptions.ConnectionError, "could not connect"),
    (HTTPError, "the answer is not valid HTTP"),
)


def _reason(error: Exception) -> str:
    """Why there was no answer, in words that tell nothing of our network."""
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "the request failed")
