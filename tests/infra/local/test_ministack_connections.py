"""The HTTP connections of the embedded AWS."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, TypeVar

import pytest

from infra.local.ministack.connections import Connection

ACCOUNT: ContextVar[str] = ContextVar("account", default="none")

Result = TypeVar("Result")
Application = Callable[[Any, Any, Any], Awaitable[None]]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Return the request line, one header and the body."""
    body = (await receive())["body"].decode()
    name = dict(scope["headers"]).get(b"x-name", b"").decode()
    text = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} {name} {body}"
    await start(send)
    await send({"type": "http.response.body", "body": text.encode()})


async def start(send: Any, status: int = 200, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


def run_apart(run: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run it in another thread: browser tests leave an event loop running in the main thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def exchange(application: Application, *requests: bytes) -> bytes:
    """What a connection answers to the requests, after which the client sends nothing."""

    async def run() -> bytes:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await Connection(application=application, reader=reader, writer=writer).serve()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for request in requests:
            writer.write(request)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
        server.close()
        return answer

    return run_apart(run)


def test_one_connection_answers_several_requests() -> None:
    answer = exchange(
        echo,
        b"POST /a%20b?c=d HTTP/1.1\r\nX-Name: One\r\nContent-Length: 4\r\n\r\nbody",
        b"GET /two HTTP/1.1\r\n\r\n",
    )

    assert bodies(answer) == [b"POST /a b c=d One body", b"GET /two   "]


def test_a_chunked_body_is_read_after_the_client_may_send_it() -> None:
    answer = exchange(
        echo,
        b"PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
        b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n",
        b"GET /next HTTP/1.1\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert bodies(answer) == [b"PUT /a   abcde", b"GET /next   "]


@pytest.mark.parametrize("line", [b"Connection: close", b"Connection: Close"])
def test_the_connection_ends_when_the_client_asks_for_it(line: bytes) -> None:
    request = b"GET / HTTP/1.1\r\n" + line + b"\r\n\r\n"

    answer = exchange(echo, request, request)

    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert b"connection: close" in answer


def test_a_stream_is_chunked() -> None:
    async def stream(_scope: Any, _receive: Any, send: Any) -> None:
        await start(send)
        for part in (b"one", b"two"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    answer = exchange(stream, b"GET / HTTP/1.1\r\n\r\n")

    assert answer.endswith(b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


@pytest.mark.parametrize(("method", "status"), [(b"HEAD", 200), (b"GET", 204), (b"GET", 304)])
def test_a_response_that_has_no_body_sends_none(method: bytes, status: int) -> None:
    async def respond(_scope: Any, _receive: Any, send: Any) -> None:
        await start(send, status, ((b"Content-Length", b"4"),))
        await send({"type": "http.response.body", "body": b"body"})

    assert exchange(respond, method + b" / HTTP/1.1\r\n\r\n").endswith(b"Content-Length: 4\r\n\r\n")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_a_malformed_request_ends_the_connection(request_: bytes) -> None:
    answer = exchange(echo, request_, b"GET / HTTP/1.1\r\n\r\n")

    assert answer == b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def test_a_header_cannot_add_lines_to_the_response() -> None:
    async def respond(_scope: Any, _receive: Any, send: Any) -> None:
        await start(send, 200, ((b"location", b"/\r\nset-cookie: a=b"),))
        await send({"type": "http.response.body", "body": b"body"})

    answer = exchange(respond, b"GET / HTTP/1.1\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"set-cookie" not in answer


def test_an_incomplete_response_ends_the_connection() -> None:
    async def fail(_scope: Any, _receive: Any, send: Any) -> None:
        await start(send)
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        raise RuntimeError

    answer = exchange(fail, b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n")

    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b"4\r\npart\r\n")


def test_each_request_has_a_separate_context() -> None:
    async def account(scope: Any, _receive: Any, send: Any) -> None:
        before = ACCOUNT.get()
        ACCOUNT.set(scope["path"])
        await start(send)
        await send({"type": "http.response.body", "body": before.encode()})

    answer = exchange(account, b"GET /1 HTTP/1.1\r\n\r\n", b"GET /2 HTTP/1.1\r\n\r\n")

    assert bodies(answer) == [b"none", b"none"]


def test_a_stop_ends_idle_connections_and_waits_for_the_current_request() -> None:
    async def run() -> tuple[bytes, bytes]:
        terminated, is_running, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def respond(scope: Any, _receive: Any, send: Any) -> None:
            is_running.set()
            await may_end.wait()
            await echo(scope, _receive, send)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = Connection(application=respond, reader=reader, writer=writer)
            await asyncio.gather(connection.serve(), connection.stop_after(terminated))
            await writer.wait_closed()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        idle, idle_writer = await asyncio.open_connection(*address)
        busy, writer = await asyncio.open_connection(*address)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await is_running.wait()
        terminated.set()
        from_idle = await asyncio.wait_for(idle.read(), 10)
        may_end.set()
        from_busy = await asyncio.wait_for(busy.read(), 10)
        for each in (idle_writer, writer):
            each.close()
            await each.wait_closed()
        server.close()
        return from_idle, from_busy

    from_idle, from_busy = run_apart(run)

    assert from_idle == b""
    assert bodies(from_busy) == [b"GET /   "]


def bodies(answer: bytes) -> list[bytes]:
    """The bodies of the final responses, which have no blank line."""
    return [part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 200 OK\r\n")[1:]]
