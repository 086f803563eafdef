"""One HTTP request to a merchant's address: guarded, bounded, and told as it went.

Guarded: the URL is judged as when it was saved, its name is resolved once, and the connection goes to the
very address that was checked (``outbound``). Bounded: DEADLINE_S for everything from resolving the name to
the last byte, MAX_BODY_BYTES of the answer as it came, never unpacked, and no redirect followed.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Protocol
from urllib.parse import urlsplit

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

DEADLINE_S = 5.0
MAX_BODY_BYTES = 64 * 1024
MAX_OPEN_REQUESTS = 64  # ten in 5 s, each with a thread that a name server may hold for some 30 s
_CHUNK_BYTES = 4 * 1024
_TIMEOUTS = (TimeoutError, HttpTimeoutError, requests.exceptions.Timeout)


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """What a receiver answered. ``truncated``: there was more than the MAX_BODY_BYTES of ``body``."""

    code: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool


class DeliveryError(Exception):
    """No answer was had. The message says why, for the merchant's developer."""


class Sender(Protocol):
    """Posts a body to a URL."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        """The receiver's answer, whatever its status. Raises DeliveryError.

        ``headers`` are all that are sent, but those of HTTP itself.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class HttpSender:
    """Posts over the network. ``allow_private`` is for one machine and its tests."""

    allow_private: bool
    deadline_s: float = DEADLINE_S
    _slots: BoundedSemaphore = field(init=False, default_factory=lambda: BoundedSemaphore(MAX_OPEN_REQUESTS))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        """The receiver's answer within the deadline. Raises DeliveryError."""
        deadline = time.monotonic() + self.deadline_s
        try:
            check_webhook_url(url, allow_private=self.allow_private)
        except BadRequestError as error:
            raise DeliveryError(error.description) from error
        if not self._slots.acquire(timeout=self.deadline_s):
            raise DeliveryError("too many requests wait for an answer")
        adapter = GuardedAdapter(is_https=urlsplit(url).scheme == "https", allow_private=self.allow_private)
        request = _Request(url=url, body=body, headers=headers, adapter=adapter, done=self._slots.release)
        try:
            return request.answer_by(deadline)
        except TimeoutError as error:
            raise DeliveryError(f"no complete answer within {self.deadline_s:g} s") from error


@dataclass(frozen=True, kw_only=True)
class _Request:
    """One request, made in a thread of its own so that nothing it waits for can outlast the deadline.

    ``done`` is called when the thread ends, which may be later.
    """

    url: str
    body: bytes
    headers: Mapping[str, str]
    adapter: GuardedAdapter
    done: Callable[[], None]
    answer: Future[HttpResponse] = field(default_factory=Future)

    def answer_by(self, deadline: float) -> HttpResponse:
        """Raises DeliveryError and, from the deadline on, TimeoutError."""
        try:
            threading.Thread(target=self._run, args=(deadline,), daemon=True).start()
        except RuntimeError as error:
            self.done()
            raise DeliveryError("the request could not be started") from error
        try:
            return self.answer.result(timeout=deadline - time.monotonic())
        except TimeoutError:
            self.adapter.shut()
            raise

    def _run(self, deadline: float) -> None:
        try:
            self.answer.set_result(self._exchange(deadline))
        except _TIMEOUTS:  # the sockets' own, which race with the waiter's
            self.answer.set_exception(TimeoutError())
        except Exception as error:  # whatever it is, who waits must hear of it
            failure = DeliveryError(_reason(error))
            failure.__cause__ = error
            self.answer.set_exception(failure)
        finally:
            self.done()

    def _exchange(self, deadline: float) -> HttpResponse:
        """Without a session: that would read a redirect's body to its end, unpack it, and use proxies."""
        request = requests.Request("POST", self.url, data=self.body, headers=dict(self.headers)).prepare()
        timeout_s = max(0.001, deadline - time.monotonic())
        with closing(self.adapter), self.adapter.send(request, stream=True, timeout=timeout_s) as response:
            body, truncated = _read(response, deadline)
            return HttpResponse(
                code=response.status_code, headers=dict(response.headers), body=body, truncated=truncated
            )


def _read(response: requests.Response, deadline: float) -> tuple[bytes, bool]:
    """Up to MAX_BODY_BYTES of the body as it came over the wire, never unpacked, and whether that cut it."""
    chunks = bytearray()
    while len(chunks) <= MAX_BODY_BYTES:
        if time.monotonic() >= deadline:
            raise TimeoutError
        chunk = response.raw.read1(_CHUNK_BYTES, decode_content=False)
        if not chunk:
            return bytes(chunks), False
        chunks += chunk
    return bytes(chunks[:MAX_BODY_BYTES]), True


_BROKEN = "the answer broke off or is not valid HTTP"
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (PrivateAddressError, "the URL leads to a private or internal address"),
    (HeadTooLongError, f"the answer's headers are longer than {MAX_HEAD_BYTES // 1024} KB"),
    (requests.exceptions.SSLError, "the TLS handshake failed or its certificate was not accepted"),
    (requests.exceptions.InvalidURL, "the URL is not valid"),
    (requests.exceptions.InvalidHeader, _BROKEN),
    (requests.exceptions.ConnectionError, "could not connect"),
    (HTTPError, _BROKEN),
)


def _reason(error: Exception) -> str:
    """Why there was no answer, in words that tell nothing of our network."""
    if any(isinstance(cause, ProtocolError) for cause in error.args):  # requests calls it a ConnectionError
        return _BROKEN
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "the request failed")
