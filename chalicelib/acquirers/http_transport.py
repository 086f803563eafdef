"""Sends the HTTP requests of all acquirers over the network.

The limits are CONNECT_S for the connection, DEADLINE_S for the whole exchange and MAX_BODY_BYTES for the
response. No redirects are followed, no proxies or cookies of the environment are used, and neither headers
nor bodies are logged. Only this module of the acquirers imports requests.
"""

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from chalicelib.acquirers.transport import DEADLINE_S, NoResponseError, Request, Response
from chalicelib.observability import logger

CONNECT_S = 3.0
MAX_BODY_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024


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
