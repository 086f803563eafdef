"""Fewer processes of functions: a short wait for a free process before another is started.

MiniStack, as Lambda, starts a process for each concurrent invocation. Here a process takes about half a
second of CPU time to start, and an API request about a hundredth of that: a burst would wait for processes
that it does not need.
"""

from dataclasses import dataclass, field
from threading import Condition
from typing import Any

WAIT_S = 0.2  # longer than a few API requests or a batch of a worker take, shorter than a start


@dataclass
class Pool:
    """The processes of ``runtime``, a module of MiniStack that runs them for ``service``, its Lambda."""

    service: Any
    runtime: Any
    _released: Condition = field(default_factory=Condition)

    def install(self) -> None:
        """Replace the two functions of ``service`` that take and return a process."""
        self._acquire, self._release = self.service.acquire_worker, self.service.release_worker
        self.service.acquire_worker, self.service.release_worker = self.acquire, self.release

    def acquire(
        self, name: str, config: dict[str, Any], code: bytes, qualifier: str = "$LATEST"
    ) -> tuple[Any, str]:
        """A free process of the function, or a new one if none is free within WAIT_S."""
        key = self.runtime._worker_key(name, config, qualifier)
        with self._released:  # also while it is taken, so that no two threads take the same free process
            self._released.wait_for(lambda: not self._is_busy(key), WAIT_S)
            taken: tuple[Any, str] = self._acquire(name, config, code, qualifier=qualifier)
            return taken

    def release(self, process: Any) -> None:
        """Return a process."""
        self._release(process)
        with self._released:
            self._released.notify_all()

    def _is_busy(self, key: str) -> bool:
        """Whether the function has processes, and none is free."""
        with self.runtime._lock:
            processes = self.runtime._workers.get(key, [])
            return bool(processes) and all(each.in_use for each in processes)
