"""The HTTP/1.1 connections of MiniStack, with less CPU time for each request than its server's own.

Hypercorn, MiniStack's server, continues to listen, start and stop. It parses requests in Python with a state
machine, and passes each message of a request and a response through a queue. Here the body of a request is
one message, and the head of a response is written together with its body. WebSockets and HTTP/2, which the
stack does not use, are not supported.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

_BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

Message = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
Application = Callable[..., Awaitable[None]]

logger = logging.getLogger("connections")


class MalformedRequestError(Exception):
    """The request is not HTTP/1.1."""


def install(server: Any) -> None:
    """Replace the class of ``server``, Hypercorn's module, that serves a connection."""
    server.TCPServer = _serve


async def _serve(app: Any, *arguments: Any) -> None:
    """Serve one connection, with the arguments of Hypercorn's TCPServer."""
    _, _, context, _, reader, writer = arguments
    connection = Connection(application=app.app, reader=reader, writer=writer)
    stopping = asyncio.create_task(connection.stop_after(context.terminated))
    try:
        await connection.serve()
    finally:
        stopping.cancel()


@dataclass(kw_only=True)
class Connection:
    """One connection of a client. It ends when the client closes it, and after a malformed request."""

    application: Application
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _is_busy: bool = False
    _is_last: bool = False

    async def stop_after(self, terminated: Any) -> None:
        """Wait for the event. Then end the connection after the current request."""
        await terminated.wait()
        self._is_last = True
        if not self._is_busy:
            self.writer.close()

    async def serve(self) -> None:
        """Answer requests until the connection ends."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while not self._is_last:
                head = await self._head()
                self._is_busy = True
                await self._answer(head)
                self._is_busy = False
        self.writer.close()

    async def _head(self) -> bytes:
        """The request line and the headers. IncompleteReadError if the client has closed the connection."""
        try:
            return await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return b""  # malformed

    async def _answer(self, head: bytes) -> None:
        try:
            scope = self._scope(head)
            headers = dict(scope["headers"])
            body = await self._body(headers)
        except (MalformedRequestError, ValueError, asyncio.LimitOverrunError):
            await self._fail(HTTPStatus.BAD_REQUEST)
            return
        self._is_last |= scope["http_version"] == "1.0" or headers.get(b"connection", b"").lower() == b"close"
        exchange = Exchange(method=scope["method"], body=body, writer=self.writer, is_last=self._is_last)
        try:
            # A task has its own context: MiniStack stores the account and the region of the request in it.
            await asyncio.create_task(self._run(scope, exchange))
        except ConnectionError:
            raise
        except Exception:
            logger.exception("%s %s failed", scope["method"], scope["path"])
        if not exchange.is_complete:
            await self._fail(None if exchange.is_started else HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _run(self, scope: Message, exchange: "Exchange") -> None:
        await self.application(scope, exchange.receive, exchange.send)

    async def _fail(self, status: HTTPStatus | None) -> None:
        """End the connection, after a response if there is a status."""
        self._is_last = True
        if status is not None:
            self.writer.write(_start(status, [(b"content-length", b"0"), (b"connection", b"close")]))
            await self.writer.drain()

    def _scope(self, head: bytes) -> Message:
        """The scope of the request, as ASGI defines it."""
        line, *lines = head[:-4].split(b"\r\n")
        method, _, rest = line.partition(b" ")
        target, _, version = rest.rpartition(b" ")
        if not target or version not in {b"HTTP/1.1", b"HTTP/1.0"}:
            raise MalformedRequestError
        path, _, query = target.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version[5:].decode(),
            "method": method.decode("ascii"),
            "scheme": "http",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [_header(each) for each in lines],
            "client": self.writer.get_extra_info("peername"),
            "server": self.writer.get_extra_info("sockname"),
        }

    async def _body(self, headers: Mapping[bytes, bytes]) -> bytes:
        is_chunked = headers.get(b"transfer-encoding", b"").lower() == b"chunked"
        length = int(headers.get(b"content-length", b"0"))
        if (is_chunked or length) and headers.get(b"expect", b"").lower() == b"100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not is_chunked:
            return await self.reader.readexactly(length) if length else b""
        chunks = list[bytes]()
        while size := int((await self.reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            chunks.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        while (await self.reader.readuntil(b"\r\n")) != b"\r\n":  # trailers
            pass
        return b"".join(chunks)


@dataclass(kw_only=True)
class Exchange:
    """One request and its response: the two channels of an ASGI application."""

    method: str
    body: bytes
    writer: asyncio.StreamWriter
    is_last: bool
    is_started: bool = False
    is_complete: bool = False
    _is_read: bool = False
    _is_chunked: bool = False
    _start: Message = field(default_factory=dict)

    async def receive(self) -> Message:
        """The whole body. A later call does not return; after a disconnection, ``send`` raises."""
        if self._is_read:
            await asyncio.Event().wait()
        self._is_read = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Write a message of the response. The status and the headers are written with the first body."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self.method == "HEAD" or self._start["status"] in _BODILESS:
            body = b""
        data = b"" if self.is_started else self._head(len(body), more=more)
        self.is_started = True
        data += _chunk(body, more=more) if self._is_chunked else body
        self.writer.write(data)
        await self.writer.drain()
        self.is_complete = not more

    def _head(self, length: int, *, more: bool) -> bytes:
        headers = list(self._start["headers"])
        if not any(name.lower() == b"content-length" for name, _ in headers):
            self._is_chunked = more
            framing = (b"transfer-encoding", b"chunked") if more else (b"content-length", b"%d" % length)
            headers.append(framing)
        if self.is_last:
            headers.append((b"connection", b"close"))
        return _start(self._start["status"], headers)


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, separator, value = line.partition(b":")
    if not separator or name != name.strip():
        raise MalformedRequestError
    return name.lower(), value.strip()


def _start(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The status line and the headers. ValueError if one of them would end its line."""
    lines = [b"HTTP/1.1 %d %s" % (status, _phrase(status))]
    lines += [b"%s: %s" % (name, value.strip()) for name, value in headers]
    if any(b"\n" in line or b"\r" in line for line in lines):
        raise ValueError("a header contains a line break")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _phrase(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""


def _chunk(body: bytes, *, more: bool) -> bytes:
    chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
    return chunk if more else chunk + b"0\r\n\r\n"
