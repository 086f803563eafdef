"""Progress output of the examination: the number of rows read."""

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
    """Prints the count to ``out``: in one updated line on a terminal, else in a line every few seconds."""

    out: TextIO = sys.stderr

    def over(self, label: str, items: Iterable[Item]) -> Iterator[Item]:
        """Yield ``items`` unchanged and count them."""
        live = self.out.isatty()
        interval_s = _LIVE_INTERVAL_S if live else INTERVAL_S
        started = printed_at = time.monotonic()
        count = 0
        for count, item in enumerate(items, start=1):
            if time.monotonic() - printed_at >= interval_s:
                printed_at = time.monotonic()
                print(f"  {label:<14}{count:>10,} …", end="\r" if live else "\n", file=self.out, flush=True)
            yield item
        took_s = time.monotonic() - started
        print(f"  {label:<14}{count:>10,} rows  {took_s:6.1f} s", file=self.out, flush=True)
