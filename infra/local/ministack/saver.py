"""Saves the state every few seconds without blocking requests.

A forked child process writes the snapshot. It has a consistent copy of the memory, while the server continues
to handle requests.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from infra.local.ministack.state import locked_services

INTERVAL_S = 2.0  # a kill loses at most the changes of this time
PAUSE_FACTOR = 5  # pause after a save, as a multiple of its CPU time, so that a large state leaves CPU time
MAX_FILE_DESCRIPTORS = 65_536  # far more than are open; some systems report limits that overflow
SAVE_TIMEOUT_S = 60  # after this time, the child hangs and is stopped; another child tries again

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger("persistence")


class Save(Protocol):
    """Writes a snapshot."""

    def __call__(self, *, may_replace: Callable[[], bool]) -> None:
        """Write a snapshot, and make it the current one if ``may_replace`` returns True."""


class Saver:
    """Calls ``save`` after requests that may have changed the state."""

    def __init__(self, save: Save) -> None:
        self._save = save
        self._changed = True
        self._child: int | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, application: Application) -> Application:
        """Wrap ``application`` so that its state is saved while it runs."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_and_start(message: Message) -> None:
                if message["type"] == "lifespan.startup.complete":
                    self._task = asyncio.create_task(self._run())
                await send(message)

            try:
                await application(scope, receive, send_and_start)
            finally:
                self._changed |= _may_change(scope)

        return watched

    def save_at_exit(self) -> None:
        """Save the state and wait for the child."""
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
                await asyncio.sleep(PAUSE_FACTOR * cpu_s)

    def _fork(self) -> int:
        parent = os.getpid()
        with locked_services():
            child = os.fork()
        if child:
            return child
        try:
            signal.alarm(SAVE_TIMEOUT_S)
            os.closerange(3, MAX_FILE_DESCRIPTORS)  # the child must not keep the port open
            self._save(may_replace=lambda: os.getppid() == parent)
        except BaseException:
            logger.exception("The state could not be saved")
            os._exit(1)
        os._exit(0)


def _may_change(scope: Scope) -> bool:
    """Whether a request may change the state. `make run` polls logs and health, which do not."""
    if scope["type"] != "http":
        return False
    target = dict(scope["headers"]).get(b"x-amz-target", b"")
    return not (target.startswith(b"Logs_") or scope["path"].startswith("/_ministack"))


def _wait_for(child: int) -> float:
    """Wait for the child. Returns its CPU time in seconds."""
    try:
        _, status, usage = os.wait4(child, 0)
    except ChildProcessError:  # another thread has already waited for the child
        return 0
    if status:
        logger.error("The state was not saved: status %s", status)
    return usage.ru_utime + usage.ru_stime
