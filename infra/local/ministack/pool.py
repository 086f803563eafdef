"""Fewer processes of functions: an invocation waits for a free one while another starts in the background.

MiniStack, as Lambda, starts a process for each concurrent invocation, which waits for its start. Here a
process takes about half a second of CPU time to start, and an API request about a hundredth of that. A
burst would wait for processes that it does not need.
"""

import logging
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

GROW_AFTER_S = 0.05  # a longer wait for a free process starts another: a few API requests take less
START_S = 2.0  # after this wait, an invocation starts a process for itself; a start usually takes less

Arguments = tuple[str, dict[str, Any], bytes]  # the name of a function, its configuration and its code

logger = logging.getLogger("pool")


@dataclass
class Pool:
    """The processes of ``runtime``, a module of MiniStack that runs them for ``service``, its Lambda."""

    service: Any
    runtime: Any
    _released: Condition = field(default_factory=Condition)
    _starting: set[str] = field(default_factory=set)

    def install(self) -> None:
        """Replace the two functions of ``service`` that take and return a process."""
        self._acquire, self._release = self.service.acquire_worker, self.service.release_worker
        self.service.acquire_worker, self.service.release_worker = self.acquire, self.release

    def acquire(self, *function: Any, qualifier: str = "$LATEST") -> tuple[Any, str]:
        """A free process of the function, or a new one if none is free in time."""
        name, config, _ = function
        key = self.runtime._worker_key(name, config, qualifier)
        with self._released:  # also while it is taken, so that no two threads take the same free process
            if not self._released.wait_for(lambda: not self._is_busy(key), GROW_AFTER_S):
                self._start_another(key, function, qualifier)
                self._released.wait_for(lambda: not self._is_busy(key), START_S)
            taken: tuple[Any, str] = self._acquire(*function, qualifier=qualifier)
            return taken

    def release(self, process: Any) -> None:
        """Return a process."""
        self._release(process)
        with self._released:
            self._released.notify_all()

    def _start_another(self, key: str, function: Arguments, qualifier: str) -> None:
        """Start a process in the background, unless one is starting."""
        if key not in self._starting:
            process, _ = self._acquire(*function, qualifier=qualifier)
            if process is not None:  # None at MiniStack's limit of processes
                self._starting.add(key)
                Thread(target=copy_context().run, args=(self._start, key, process), daemon=True).start()

    def _start(self, key: str, process: Any) -> None:
        try:
            with process._lock:
                process._spawn()
        except Exception:  # of any kind: the next invocation starts it again, and fails with the reason
            logger.exception("a process of %s did not start", key)
        finally:
            with self._released:
                self._starting.discard(key)
                self.release(process)

    def _is_busy(self, key: str) -> bool:
        """Whether the function has processes, and none is free."""
        with self.runtime._lock:
            processes = self.runtime._workers.get(key, [])
            return bool(processes) and all(each.in_use for each in processes)
