"""The known ports of the stack: one small server, in a thread of its own.

On AWS its place is taken by API Gateway and by S3's website hosting.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Protocol

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

from infra.errors import InfraError
from infra.local.ports import HOST

MAX_BODY_BYTES = 10 * 1024 * 1024  # API Gateway's limit
SHUTDOWN_S = 1.0
# The embedded AWS closes a connection that was idle for 5 s. A request that is sent at that moment fails, and
# aiohttp does not repeat a POST, so this side closes idle connections first.
IDLE_S = 2.0

# What aiohttp would add of its own to a request that it passes on.
_ADDED_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class Proxy(Protocol):
    """What answers on a port."""

    name: str

    async def answer(self, request: web.Request, client: ClientSession) -> web.StreamResponse:
        """Answer one request."""


Announce = Callable[[str, str], None]  # who says what


def say_nothing(_who: str, _what: str) -> None:
    """Announce nothing."""


class LocalServer:
    """Each proxy on its port, on loopback."""

    def __init__(self, proxies: Mapping[int, Proxy], announce: Announce = say_nothing) -> None:
        """``announce`` is called with a line for every request."""
        self._proxies = proxies
        self._announce = announce
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="local server", daemon=True
        )
        self._stop: Future[Callable[[], object]] = Future()

    def start(self) -> None:
        """Listen; InfraError when a port is taken."""
        self._thread.start()
        try:
            self._stop.result()
        except OSError as error:
            raise InfraError(f"The local server cannot listen: {error.strerror}.") from error

    def stop(self) -> None:
        """Finish what is being answered, close every connection and end the thread."""
        self._stop.result()()
        self._thread.join()

    async def _serve(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        async with ClientSession(
            connector=TCPConnector(keepalive_timeout=IDLE_S),
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            skip_auto_headers=_ADDED_HEADERS,
        ) as client:
            runners = {port: self._runner(proxy, client) for port, proxy in self._proxies.items()}
            try:
                for port, runner in runners.items():
                    await runner.setup()
                    await web.TCPSite(runner, HOST, port).start()
                self._stop.set_result(lambda: loop.call_soon_threadsafe(stopped.set))
                await stopped.wait()
            except OSError as error:
                self._stop.set_exception(error)
            finally:
                await asyncio.gather(*(runner.cleanup() for runner in runners.values()))

    def _runner(self, proxy: Proxy, client: ClientSession) -> web.AppRunner:
        async def answer(request: web.Request) -> web.StreamResponse:
            started = time.monotonic()
            response = await proxy.answer(request, client)
            took_ms = round((time.monotonic() - started) * 1000)
            self._announce(proxy.name, f"{request.method} {request.path} {response.status} {took_ms} ms")
            return response

        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:(?s:.*)}", answer)  # a path may hold a line break
        return web.AppRunner(
            application,
            access_log=None,
            shutdown_timeout=SHUTDOWN_S,
            auto_decompress=False,  # a packed body goes on as it came
        )
