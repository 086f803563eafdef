"""The open connections to receivers, which the next webhook to the same origin reuses.

Each adapter has at most one connection in use, and serves one origin: scheme, host and port. For each
request, it resolves the host name and checks the address again. It reuses a connection only if the address is
the same.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import urlsplit

from chalicelib.webhooks.guarded_adapter import GuardedAdapter

KEEP_S = 4.0  # below the 5 s after which widely used servers close an idle connection
MAX_KEPT = 40  # sockets of one process: four batches of ten receivers

Origin = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class KeptConnections:
    """Adapters with an idle connection. Threads can share it."""

    allow_private: bool
    keep_s: float = KEEP_S
    clock_s: Callable[[], float] = time.monotonic
    _kept: deque[tuple[float, Origin, GuardedAdapter]] = field(init=False, default_factory=deque)
    _lock: Lock = field(init=False, default_factory=Lock)

    def take(self, url: str) -> GuardedAdapter:
        """An adapter for the origin of ``url``: the one that was kept last, or a new one."""
        self._close_expired()
        origin = _origin(url)
        with self._lock:
            found = next((one for one in reversed(self._kept) if one[1] == origin), None)
            if found is not None:
                self._kept.remove(found)
                return found[2]
        return GuardedAdapter(is_https=origin[0] == "https", allow_private=self.allow_private)

    def keep(self, url: str, adapter: GuardedAdapter) -> None:
        """Keep the adapter for ``keep_s``. Closes the oldest one if there are more than MAX_KEPT."""
        adapter.is_kept = True
        with self._lock:
            self._kept.append((self.clock_s() + self.keep_s, _origin(url), adapter))
            oldest = self._kept.popleft() if len(self._kept) > MAX_KEPT else None
        if oldest is not None:
            oldest[2].close()

    def _close_expired(self) -> None:
        expired = list[GuardedAdapter]()
        with self._lock:
            while self._kept and self._kept[0][0] <= self.clock_s():
                expired.append(self._kept.popleft()[2])
        for adapter in expired:
            adapter.close()


def _origin(url: str) -> Origin:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
