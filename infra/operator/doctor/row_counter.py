"""The rows as they are read, with a word now and then on how far that is."""

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO, TypeVar

INTERVAL_S = 5.0
_LIVE_INTERVAL_S = 0.2

Item = TypeVar("Item")


@dataclass(frozen=True)
class RowCounter:
    """Counts on ``out``: in one line on a terminal, a line every few seconds elsewhere."""

    out: TextIO = sys.stderr

    def over(self, what: str, items: Iterable[Item]) -> Iterator[Item]:
        """``items`` as they are, counted."""
        live = self.out.isatty()
        interval_s = _LIVE_INTERVAL_S if live else INTERVAL_S
        started = said = time.monotonic()
        count = 0
        for count, item in enumerate(items, start=1):
            if time.monotonic() - said >= interval_s:
                said = time.monotonic()
                print(f"  {what:<14}{count:>10,} …", end="\r" if live else "\n", file=self.out, flush=True)
            yield item
        took_s = time.monotonic() - started
        print(f"  {what:<14}{count:>10,} rows  {took_s:6.1f} s", file=self.out, flush=True)
