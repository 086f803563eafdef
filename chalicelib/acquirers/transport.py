"""Sends the HTTP requests of all acquirers.

An adapter turns an operation into a Request, and a Response into a Result; it sends nothing itself. The
transport has the limits: CONNECT_S for the connection, DEADLINE_S for the whole exchange and MAX_BODY_BYTES
for the response. It follows no redirects, uses no proxies or cookies of the environment, and logs neither
headers nor bodies.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from chalicelib.observability import logger

CONNECT_S = 3.0
DEADLINE_S = 8.0  # three requests of one operation end before the time-out of a worker
MAX_BODY_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class NoResultError(Exception):
    """The result of a request is Unknown. The error contains nothing of the request and the response."""


class NoResponseError(NoResultError):
    """No complete response was received."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request. ``repr`` does not contain headers and body, which contain credentials."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Response:
    """The response, with any status. The names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Sends requests."""

    def send(self, request: Request) -> Response:
        """The response. Raises NoResponseError."""
        ...


class HttpTransport:
    """Sends requests over the network. Connections are kept for later requests of this process."""

    def __init__(self, *, connect_s: float = CONNECT_S, deadline_s: float = DEADLINE_S) -> None:
        self._connect_s, self._deadline_s = connect_s, deadline_s
        self._session = requests.Session()
        self._session.trust_env = False  # no proxies and no .netrc
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def send(self, request: Request) -> Response:
        """The response within the deadline. Raises NoResponseError."""
        started = time.monotonic()
        address = urlsplit(request.url)
        facts: dict[str, Any] = {"method": request.method, "host": address.netloc, "path": address.path}
        try:
            response = self._exchange(request, deadline=started + self._deadline_s)
        except (requests.RequestException, HTTPError, NoResponseError) as error:
            logger.warning(
                "acquirer did not respond", **facts, reason=type(error).__name__, took_ms=_ms_since(started)
            )
            raise NoResponseError from None  # the cause can contain the URL and its query
        logger.info("acquirer responded", **facts, status=response.status, took_ms=_ms_since(started))
        return response

    def _exchange(self, request: Request, *, deadline: float) -> Response:
        with self._session.request(
            request.method,
            request.url,
            data=request.body or None,
            headers=dict(request.headers),
            timeout=(self._connect_s, self._deadline_s),
            allow_redirects=False,
            stream=True,
        ) as response:
            return Response(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=_read(response, deadline),
            )


def _read(response: requests.Response, deadline: float) -> bytes:
    """The whole body. Raises NoResponseError if it is too large or takes too long."""
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > MAX_BODY_BYTES or time.monotonic() > deadline:
            raise NoResponseError
    return bytes(body)


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
