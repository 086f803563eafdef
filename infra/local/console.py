"""What a running gateway prints: who says what, at what time."""

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
    """One line after the other, from any thread. Silent until it is opened."""

    def __init__(self, progress: PrintedSteps) -> None:
        self._paint = progress.paint
        self._lock = threading.Lock()
        self._is_open = False

    def open(self) -> None:
        """Print from now on."""
        self._is_open = True

    def close(self) -> None:
        """Print no more."""
        self._is_open = False

    def say(self, who: str, what: str, *, at: datetime | None = None, is_warning: bool = False) -> None:
        """Print ``what`` on one line."""
        if not self._is_open:
            return
        time = (at or datetime.now(UTC)).astimezone().strftime("%H:%M:%S")
        source = self._paint(_STYLES.get(who, "0"), f"{who:<{WIDTH}}")
        text = self._paint(_WARNING, what) if is_warning else what
        with self._lock:
            print(f"{self._paint('2', time)} {source}{text}", file=sys.stdout, flush=True)
