"""The test merchant's webhook receiver. It runs in a separate thread."""

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from aiohttp import web

from infra.local.receiver.application import Application
from infra.local.receiver.behaviour import Behaviour
from infra.local.receiver.inbox import Inbox
from infra.local.receiver.merchant_account import MerchantAccount
from infra.local.receiver.received_webhook import ReceivedWebhook

HOST = "127.0.0.1"
WAIT_TIMEOUT_S = 90.0  # functions start slowly on a busy machine
SHUTDOWN_S = 0.2  # only tests have slow responses, and no client waits for them at shutdown
ACCEPT_ITERATIONS = 5  # of the event loop, until the server registers an accepted connection; it takes 3


class Receiver:
    """Verifies, stores and shows the webhooks that are sent to `url`. Use it as a context manager."""

    def __init__(
        self,
        *,
        secret: str,
        port: int = 0,
        behaviour: Behaviour | None = None,
        shop: MerchantAccount | None = None,
        announce: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Port 0 selects a free port. A `shop` enables orders. `announce` receives a line per delivery."""
        self.port = port
        self._inbox = Inbox(secret, announce)
        self._application = Application(self._inbox, behaviour or Behaviour(), shop)
        self._thread: threading.Thread | None = None
        self._stop: Future[Callable[[], object]] = Future()

    @property
    def url(self) -> str:
        """The URL to set as the merchant's webhook URL."""
        return f"http://localhost:{self.port}/webhook"

    @property
    def deliveries(self) -> list[ReceivedWebhook]:
        """The received webhooks, oldest first."""
        return self._inbox.deliveries

    @property
    def behaviour(self) -> Behaviour:
        """The test switches, which can be set at any time."""
        return self._application.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._application.behaviour = behaviour

    def wait_for(
        self,
        event: str | None = None,
        *,
        payment_id: str | None = None,
        count: int = 1,
        timeout_s: float = WAIT_TIMEOUT_S,
    ) -> list[ReceivedWebhook]:
        """Wait for `count` deliveries of an event and a payment. Raises `TimeoutError`."""
        return self._inbox.wait_for(event, payment_id, count, timeout_s)

    def start(self) -> None:
        """Listen on loopback. Raises `OSError` if the port is in use."""
        listening = socket.create_server((HOST, self.port))
        self.port = listening.getsockname()[1]
        self._inbox.page_url = f"http://localhost:{self.port}"
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening)), name="receiver", daemon=True
        )
        self._thread.start()
        self._stop.result()

    def stop(self) -> None:
        """Close all connections and end the thread. No-op if the receiver is stopped."""
        if self._thread is not None:
            self._stop.result()()
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def _serve(self, listening: socket.socket) -> None:
        runner = web.AppRunner(self._application.build(), access_log=None, shutdown_timeout=SHUTDOWN_S)
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        await runner.setup()
        await web.SockSite(runner, listening).start()
        self._stop.set_result(lambda: loop.call_soon_threadsafe(stopped.set))
        await stopped.wait()
        loop.remove_reader(listening)
        await _close(runner)


async def _close(runner: web.AppRunner) -> None:
    """Stop `runner` and abort all connections, including new ones and those whose peer no longer reads."""
    for _ in range(ACCEPT_ITERATIONS):
        await asyncio.sleep(0)
    connections = runner.server.connections if runner.server else []
    transports = [connection.transport for connection in connections]  # before cleanup removes them
    await runner.cleanup()
    for transport in transports:
        if transport is not None:
            transport.abort()
