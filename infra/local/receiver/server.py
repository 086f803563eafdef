"""The test merchant's webhook receiver, in a thread of its own."""

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
PATIENCE_S = 90.0  # for a delivery: on a busy machine a function starts slowly
SHUTDOWN_S = 0.2  # slow answers are a test's, and nobody waits for them any more
TURNS_TO_CONNECT = 5  # of asyncio's loop, from accepting a connection until the server knows it; it takes 3


class Receiver:
    """Verifies, keeps and shows the webhooks that come to `url`; a context manager."""

    def __init__(
        self,
        *,
        secret: str,
        port: int = 0,
        behaviour: Behaviour | None = None,
        shop: MerchantAccount | None = None,
        announce: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Port 0 takes a free one; with a `shop`, its page can order; `announce` gets a line a delivery."""
        self.port = port
        self._inbox = Inbox(secret, announce)
        self._application = Application(self._inbox, behaviour or Behaviour(), shop)
        self._thread: threading.Thread | None = None
        self._stop: Future[Callable[[], object]] = Future()

    @property
    def url(self) -> str:
        """The address to set as the merchant's webhook URL."""
        return f"http://localhost:{self.port}/webhook"

    @property
    def deliveries(self) -> list[ReceivedWebhook]:
        """What has come, oldest first."""
        return self._inbox.deliveries

    @property
    def behaviour(self) -> Behaviour:
        """How deliveries are answered; may be set at any time."""
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
        timeout_s: float = PATIENCE_S,
    ) -> list[ReceivedWebhook]:
        """The deliveries of that event and payment, once there are `count`; else `TimeoutError`."""
        return self._inbox.wait_for(event, payment_id, count, timeout_s)

    def start(self) -> None:
        """Listen on loopback; `OSError` when the port is taken."""
        listening = socket.create_server((HOST, self.port))
        self.port = listening.getsockname()[1]
        self._inbox.page_url = f"http://localhost:{self.port}"
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening)), name="receiver", daemon=True
        )
        self._thread.start()
        self._stop.result()

    def stop(self) -> None:
        """Close every connection and end the thread; nothing when that is done."""
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
    """End `runner` and every connection, also those just accepted and those whose peer reads no more."""
    for _ in range(TURNS_TO_CONNECT):
        await asyncio.sleep(0)
    connections = runner.server.connections if runner.server else []
    transports = [connection.transport for connection in connections]  # which they forget
    await runner.cleanup()
    for transport in transports:
        if transport is not None:
            transport.abort()
