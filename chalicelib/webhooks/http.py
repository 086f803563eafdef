"""One HTTP request to the webhook URL of a merchant, with an SSRF guard and limits.

The guard validates the URL again, resolves the host name once and connects to the address that it checked
(``guarded_adapter.py``). The limits are DEADLINE_S for everything from the name resolution to the last byte,
and MAX_BODY_BYTES of the raw body, which is not decompressed. Redirects are not followed. Connections are
reused for some seconds (``kept_connections.py``).
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Protocol

import requests
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.exceptions import TimeoutError as HttpTimeoutError

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.webhook_url import check_webhook_url
from chalicelib.webhooks.guarded_adapter import (
    MAX_HEAD_BYTES,
    GuardedAdapter,
    HeadTooLongError,
    PrivateAddressError,
)
from chalicelib.webhooks.kept_connections import KeptConnections
from chalicelib.webhooks.paced_body import PacedBody

RequestBody = bytes | PacedBody

DEADLINE_S = 5.0
MAX_BODY_BYTES = 64 * 1024
MAX_OPEN_REQUESTS = 64  # ten per 5 s, each with a thread that a name server can block for about 30 s
_CHUNK_BYTES = 4 * 1024
_TIMEOUTS = (TimeoutError, HttpTimeoutError, requests.exceptions.Timeout)


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """The response of a receiver. ``truncated``: it had more than the MAX_BODY_BYTES of ``body``."""

    code: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool


class DeliveryError(Exception):
    """No complete response was received. The message is the reason, for the merchant's developers."""


class Sender(Protocol):
    """Sends a POST request."""

    def post(self, url: str, body: RequestBody, headers: Mapping[str, str]) -> HttpResponse:
        """The response of the receiver, with any status. Raises DeliveryError.

        Only ``headers`` and the headers that HTTP requires are sent.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class HttpSender:
    """Sends requests over the network. ``allow_private`` is for local stages and tests."""

    allow_private: bool
    deadline_s: float = DEADLINE_S
    _slots: BoundedSemaphore = field(init=False, default_factory=lambda: BoundedSemaphore(MAX_OPEN_REQUESTS))
    _connections: KeptConnections = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_connections", KeptConnections(allow_private=self.allow_private))

    def post(self, url: str, body: RequestBody, headers: Mapping[str, str]) -> HttpResponse:
        """The response of the receiver, within the deadline. Raises DeliveryError."""
        deadline = time.monotonic() + self.deadline_s
        try:
            check_webhook_url(url, allow_private=self.allow_private)
        except BadRequestError as error:
            raise DeliveryError(error.description) from error
        if not self._slots.acquire(timeout=self.deadline_s):
            raise DeliveryError("too many requests are waiting for a response")
        request = _Request(
            url=url, body=body, headers=headers, connections=self._connections, done=self._slots.release
        )
        try:
            return request.response_by(deadline)
        except TimeoutError as error:
            raise DeliveryError(f"no complete response within {self.deadline_s:g} s") from error


@dataclass(frozen=True, kw_only=True)
class _Request:
    """One request in a separate thread, so that a blocking call cannot exceed the deadline.

    ``done`` is called when the thread ends, which can be after the deadline.
    """

    url: str
    body: RequestBody
    headers: Mapping[str, str]
    connections: KeptConnections
    done: Callable[[], None]
    adapter: GuardedAdapter = field(init=False)
    response: Future[HttpResponse] = field(init=False, default_factory=Future)

    def __post_init__(self) -> None:
        object.__setattr__(self, "adapter", self.connections.take(self.url))

    def response_by(self, deadline: float) -> HttpResponse:
        """Send the request and wait. Raises DeliveryError, and TimeoutError at the deadline."""
        try:
            threading.Thread(target=self._run, args=(deadline,), daemon=True).start()
        except RuntimeError as error:
            self.done()
            raise DeliveryError("the request could not be started") from error
        try:
            return self.response.result(timeout=deadline - time.monotonic())
        except TimeoutError:
            self.adapter.abort()
            raise

    def _run(self, deadline: float) -> None:
        try:
            self.response.set_result(self._exchange(deadline))
        except _TIMEOUTS:  # of the sockets, at about the same time as that of the waiting thread
            self.response.set_exception(TimeoutError())
        except Exception as error:  # of any kind: the waiting thread needs a result
            failure = DeliveryError(_reason(error))
            failure.__cause__ = error
            self.response.set_exception(failure)
        finally:
            self.done()

    def _exchange(self, deadline: float) -> HttpResponse:
        """Send the request without a session, which would read and decompress redirects and use proxies."""
        request = requests.Request("POST", self.url, data=self.body, headers=dict(self.headers)).prepare()
        with ExitStack() as unless_kept:
            unless_kept.callback(self.adapter.close)
            with self._sent(request, deadline) as response:
                body, truncated = _read(response, deadline)
            if not truncated and response.status_code >= HTTPStatus.OK:  # after 101, the data is not HTTP
                unless_kept.pop_all()
                self.connections.keep(self.url, self.adapter)
            return HttpResponse(
                code=response.status_code, headers=dict(response.headers), body=body, truncated=truncated
            )

    def _sent(self, request: requests.PreparedRequest, deadline: float) -> requests.Response:
        """The response, whose body is unread. Sends again if the receiver had closed the kept connection."""

        def send() -> requests.Response:
            timeout_s = max(0.001, deadline - time.monotonic())
            response: requests.Response = self.adapter.send(request, stream=True, timeout=timeout_s)
            return response

        try:
            return send()
        except requests.exceptions.ConnectionError as error:
            if not (self.adapter.is_kept and _is_closed(error)):
                raise
            return send()


def _is_closed(error: requests.exceptions.ConnectionError) -> bool:
    """Whether the connection was closed before a response."""
    return any(
        isinstance(cause, ProtocolError) and isinstance(cause.args[-1], OSError) for cause in error.args
    )


def _read(response: requests.Response, deadline: float) -> tuple[bytes, bool]:
    """The first MAX_BODY_BYTES of the raw body, not decompressed, and whether it was truncated."""
    chunks = bytearray()
    while len(chunks) <= MAX_BODY_BYTES:
        if time.monotonic() >= deadline:
            raise TimeoutError
        chunk = response.raw.read1(_CHUNK_BYTES, decode_content=False)
        if not chunk:
            return bytes(chunks), False
        chunks += chunk
    return bytes(chunks[:MAX_BODY_BYTES]), True


_BROKEN = "the response is incomplete or not valid HTTP"
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (PrivateAddressError, "the URL points to a private or internal address"),
    (HeadTooLongError, f"the response headers are larger than {MAX_HEAD_BYTES // 1024} KB"),
    (requests.exceptions.SSLError, "the TLS handshake failed or the certificate was not accepted"),
    (requests.exceptions.InvalidURL, "the URL is not valid"),
    (requests.exceptions.InvalidHeader, _BROKEN),
    (requests.exceptions.ConnectionError, "could not connect"),
    (HTTPError, _BROKEN),
)


def _reason(error: Exception) -> str:
    """The reason of the error. Reveals nothing about the network of the gateway."""
    if any(isinstance(cause, ProtocolError) for cause in error.args):  # requests calls it a ConnectionError
        return _BROKEN
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "the request failed")
