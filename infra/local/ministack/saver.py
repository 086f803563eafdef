"""Saves the state every few seconds without holding up a request.

A forked child writes the snapshot. It has a copy of the memory as it was at one moment, so that the server
can continue meanwhile.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from infra.local.ministack.state import nothing_half_done

INTERVAL_S = 2.0  # what a kill may lose
REST = 5  # times the processor time of a save: a large state may not take the whole machine
HIGHEST_FILE = 65_536  # far more than are open; systems report limits that overflow
SAVE_TIMEOUT_S = 60  # then the child hangs, and another one tries

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger("persistence")


class Save(Protocol):
    """Writes a snapshot, and makes it the current one if it still may."""

    def __call__(self, *, may_replace: Callable[[], bool]) -> None:
        """Write it."""


class Saver:
    """Saves with ``save`` when something may have changed."""

    def __init__(self, save: Save) -> None:
        self._save = save
        self._changed = True
        self._child: int | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, application: Application) -> Application:
        """The application, which is saved while it runs."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_and_begin(message: Message) -> None:
                if message["type"] == "lifespan.startup.complete":
                    self._task = asyncio.create_task(self._run())
                await send(message)

            try:
                await application(scope, receive, send_and_begin)
            finally:
                self._changed |= _may_change(scope)

        return watched

    def save_last(self) -> None:
        """Save at a stop, and wait until that is done."""
        if self._child is not None:
            _wait_for(self._child)
        _wait_for(self._fork())

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)
            if self._changed:
                self._changed = False
                self._child = self._fork()
                cpu_s = await asyncio.to_thread(_wait_for, self._child)
                self._child = None
                await asyncio.sleep(REST * cpu_s)

    def _fork(self) -> int:
        parent = os.getpid()
        with nothing_half_done():
            child = os.fork()
        if child:
            return child
        try:
            signal.alarm(SAVE_TIMEOUT_S)
            os.closerange(3, HIGHEST_FILE)  # it must not hold the port open
            self._save(may_replace=lambda: os.getppid() == parent)
        except BaseException:
            logger.exception("The state could not be saved")
            os._exit(1)
        os._exit(0)


def _may_change(scope: Scope) -> bool:
    """Reading logs and health, as `make run` does all the time, changes nothing."""
    if scope["type"] != "http":
        return False
    target = dict(scope["headers"]).get(b"x-amz-target", b"")
    return not (target.startswith(b"Logs_") or scope["path"].startswith("/_ministack"))


def _wait_for(child: int) -> float:
    """The processor time that the child took, in seconds."""
    try:
        _, status, usage = os.wait4(child, 0)
    except ChildProcessError:  # another thread has waited for it
        return 0
    if status:
        logger.error("The state was not saved: status %s", status)
    return usage.ru_utime + usage.ru_stime
