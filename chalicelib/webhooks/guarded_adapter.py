"""The network under ``delivery``: only public addresses, only short heads, and what is open can be ended."""

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

MAX_HEAD_BYTES = 64 * 1024  # as of a body; http.client alone takes 6.5 MB after any number of 1xx answers


class PrivateAddressError(Exception):
    """The name leads to an address that is not the public's."""


class HeadTooLongError(Exception):
    """The answer's status line and headers go on and on."""


class TooLateError(Exception):
    """Nobody waits for the connection any more."""


class GuardedAdapter(IPFilterAdapter):  # type: ignore[misc]
    """Resolves a name once, checks the address and connects to that one; knows what it has open."""

    def __init__(self, *, is_https: bool, allow_private: bool) -> None:
        super().__init__(is_https_proto=is_https)
        self._allow_private = allow_private
        self._connections: list[Any] = []
        self._is_shut = False

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """The address to connect to; with ``allow_private`` the unchecked name."""
        if self._allow_private:
            return requests.adapters.HTTPAdapter.build_connection_pool_key_attributes(self, *args, **kwargs)
        try:
            host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        except InvalidIPAddress as error:
            raise PrivateAddressError from error
        if not is_public(ip_address(host["host"].strip("[]"))):
            raise PrivateAddressError  # what the library lets through: site-local, IPv4-compatible and others
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """A pool whose connections are watched and whose answers have bounded heads."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        new_connection = pool.ConnectionCls

        def watched(*args: Any, **kwargs: Any) -> Any:
            connection = new_connection(*args, **kwargs)
            connection.response_class = _BoundedResponse
            connection.connect = self._connect_in_time(connection, connection.connect)
            self._connections.append(connection)
            return connection

        pool.ConnectionCls = watched
        return pool  # type: ignore[no-any-return]

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:  # noqa: ARG002
        """The status, the headers and the unread body, as they came.

        The library's own method also parses the content type and cookies, and some values make it raise.
        """
        response = requests.Response()
        response.status_code, response.raw = resp.status, resp
        response.headers = CaseInsensitiveDict(resp.headers)
        return response

    def _connect_in_time(self, connection: Any, connect: Callable[[], None]) -> Callable[[], None]:
        def connect_in_time() -> None:
            if self._is_shut:  # the name server took its time
                raise TooLateError
            connect()
            if self._is_shut:
                connection.close()
                raise TooLateError

        return connect_in_time

    def shut(self) -> None:
        """End what is open or about to be; a read that waits in another thread comes back at once."""
        self._is_shut = True
        for connection in self._connections:
            if (open_socket := connection.sock) is not None:
                with suppress(OSError):
                    # The socket's own, not TLS's, which would go on in plain text for whoever still sends.
                    socket.socket.shutdown(open_socket, socket.SHUT_RDWR)


class _BoundedResponse(HTTPResponse):
    """A response whose head is read up to MAX_HEAD_BYTES, including the interim responses before it."""

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final response. http.client itself skips 100 and no other interim response.

        101 is final: the receiver changed the protocol, and what follows is not HTTP.
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
    """Lines of an answer, as long as they are not too many."""

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
