"""The HTTP server on the fixed local ports. It runs in a separate thread.

On AWS, API Gateway and S3 website hosting take its place.
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
# The embedded AWS closes connections that are idle for 5 s. A request that is sent at that moment fails, and
# aiohttp does not retry a POST, so this side closes idle connections first.
IDLE_S = 2.0

# Headers that aiohttp would add to forwarded requests.
_ADDED_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class Proxy(Protocol):
    """The handler of a port."""

    name: str

    async def handle(self, request: web.Request, client: ClientSession) -> web.StreamResponse:
        """Return the response to ``request``."""


LogRequest = Callable[[str, str], None]  # receives the proxy's name and a line about the request


def ignore_request(_source: str, _text: str) -> None:
    """Log nothing."""


class LocalServer:
    """Serves each proxy on its port, on loopback."""

    def __init__(self, proxies: Mapping[int, Proxy], log_request: LogRequest = ignore_request) -> None:
        """``log_request`` is called for every request."""
        self._proxies = proxies
        self._log_request = log_request
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="local server", daemon=True
        )
        self._stop: Future[Callable[[], object]] = Future()

    def start(self) -> None:
        """Start listening. Raises InfraError if a port is in use."""
        self._thread.start()
        try:
            self._stop.result()
        except OSError as error:
            raise InfraError(
                f"The local server cannot listen on its ports: {error.strerror}. "
                "Choose other ports with API_PORT, DASHBOARD_PORT or CHECKOUT_PORT."
            ) from error

    def stop(self) -> None:
        """Finish open requests, close all connections and end the thread."""
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
        async def handle(request: web.Request) -> web.StreamResponse:
            started = time.monotonic()
            response = await proxy.handle(request, client)
            took_ms = round((time.monotonic() - started) * 1000)
            self._log_request(proxy.name, f"{request.method} {request.path} {response.status} {took_ms} ms")
            return response

        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:(?s:.*)}", handle)  # a path can contain a line break
        return web.AppRunner(
            application,
            access_log=None,
            shutdown_timeout=SHUTDOWN_S,
            auto_decompress=False,  # forward compressed bodies unchanged
        )
