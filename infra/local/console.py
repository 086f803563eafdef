"""The console of a running gateway: one line per event, with time and source."""

import sys
import threading
from datetime import UTC, datetime

from infra.local.steps import PrintedSteps

WIDTH = 15
_STYLES = {
    "api": "36",
    "relay": "35",
    "payment-worker": "33",
    "webhook-worker": "34",
    "receiver": "32",
    "dashboard": "2",
    "checkout": "2",
}
_WARNING = "31"


class Console:
    """Prints lines from any thread. Prints nothing until it is opened."""

    def __init__(self, progress: PrintedSteps) -> None:
        self._paint = progress.paint
        self._lock = threading.Lock()
        self._is_open = False

    def open(self) -> None:
        """Start printing."""
        self._is_open = True

    def close(self) -> None:
        """Stop printing."""
        self._is_open = False

    def print(self, source: str, text: str, *, at: datetime | None = None, is_warning: bool = False) -> None:
        """Print ``text`` on one line, at the current time by default."""
        if not self._is_open:
            return
        time = self._paint("2", (at or datetime.now(UTC)).astimezone().strftime("%H:%M:%S"))
        label = self._paint(_STYLES.get(source, "0"), f"{source:<{WIDTH}}")
        with self._lock:
            message = self._paint(_WARNING, text) if is_warning else text
            print(f"{time} {label}{message}", file=sys.stdout, flush=True)
