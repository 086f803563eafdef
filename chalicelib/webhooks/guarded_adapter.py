"""The HTTP adapter of webhook requests: public addresses only, limited headers, abortable connections."""

import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPResponse
from ipaddress import ip_address
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connectionpool import HTTPConnectionPool

from chalicelib.domain.public_address import is_public

MAX_HEAD_BYTES = 64 * 1024  # like the body; http.client reads up to 6.5 MB, after any number of 1xx responses


class PrivateAddressError(Exception):
    """The host name resolves to an address that is not public."""


class HeadTooLongError(Exception):
    """The status line and headers of the response are larger than MAX_HEAD_BYTES."""


class AbortedError(Exception):
    """The request was aborted before the connection was established."""


class GuardedAdapter(IPFilterAdapter):  # type: ignore[misc]
    """Resolves the host name once, checks the address and connects to it. Can abort open connections.

    ``is_kept``: an earlier request left its connection open, and the receiver may have closed it since.
    """

    def __init__(self, *, is_https: bool, allow_private: bool) -> None:
        super().__init__(is_https_proto=is_https)
        self._allow_private = allow_private
        self._connections: list[Any] = []
        self._is_aborted = False
        self._pools = set[Any]()
        self.is_kept = False

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """The address to connect to. With ``allow_private`` the host name, without a check."""
        if self._allow_private:
            return requests.adapters.HTTPAdapter.build_connection_pool_key_attributes(self, *args, **kwargs)
        try:
            host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        except InvalidIPAddress as error:
            raise PrivateAddressError from error
        if not is_public(ip_address(host["host"].strip("[]"))):
            raise PrivateAddressError  # the library accepts site-local, IPv4-compatible and other addresses
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """A pool that registers its connections and limits the headers of responses."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if pool in self._pools:
            return pool  # type: ignore[no-any-return]
        self._pools.add(pool)
        new_connection = pool.ConnectionCls

        def registered(*args: Any, **kwargs: Any) -> Any:
            connection = new_connection(*args, **kwargs)
            connection.response_class = _BoundedResponse
            connection.connect = self._abortable(connection, connection.connect)
            self._connections.append(connection)
            return connection

        pool.ConnectionCls = registered
        return pool  # type: ignore[no-any-return]

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:  # noqa: ARG002
        """The raw status and headers, and the unread body.

        The method of the library also parses the content type and cookies, and raises for some values.
        """
        response = requests.Response()
        response.status_code, response.raw = resp.status, resp
        response.headers = CaseInsensitiveDict(resp.headers)
        return response

    def _abortable(self, connection: Any, connect: Callable[[], None]) -> Callable[[], None]:
        def connect_unless_aborted() -> None:
            if self._is_aborted:  # the name resolution was slow
                raise AbortedError
            connect()
            if self._is_aborted:
                connection.close()
                raise AbortedError

        return connect_unless_aborted

    def abort(self) -> None:
        """Close open connections and prevent new ones. A blocking read in another thread ends immediately."""
        self._is_aborted = True
        for connection in self._connections:
            if (open_socket := connection.sock) is not None:
                with suppress(OSError):
                    # Not SSLSocket.shutdown, after which another thread would continue to send in plain text.
                    socket.socket.shutdown(open_socket, socket.SHUT_RDWR)


class _BoundedResponse(HTTPResponse):
    """A response with at most MAX_HEAD_BYTES of headers, including the interim responses before it."""

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final response. http.client skips only 100, not other interim responses.

        101 is final: the receiver switched the protocol, and the following data is not HTTP.
        """
        while True:
            version, code, reason = super()._read_status()  # type: ignore[misc]
            if not HTTPStatus.PROCESSING <= code < HTTPStatus.OK:
                return version, code, reason
            while self.fp.readline(MAX_HEAD_BYTES).strip(b"\r\n"):
                pass

    def begin(self) -> None:
        whole = self.fp
        self.fp = _Head(whole)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = whole


class _Head:
    """The lines of a response. Raises HeadTooLongError after MAX_HEAD_BYTES."""

    def __init__(self, lines: Any) -> None:
        self._lines = lines
        self._left = MAX_HEAD_BYTES
        self.close = lines.close

    def readline(self, limit: int) -> bytes:
        line: bytes = self._lines.readline(min(limit, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise HeadTooLongError
        return line
