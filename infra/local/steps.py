"""Progress output: the steps of a start, each with its duration."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

WIDTH = 16
_GREEN, _RED, _DIM = "32", "31", "2"


class Steps:
    """Runs steps without output. Base class of PrintedSteps."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Run one step."""
        del name
        yield


class PrintedSteps(Steps):
    """Prints one line per step. On a terminal, it also shows the running step."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._live = out.isatty()
        self._coloured = self._live and "NO_COLOR" not in os.environ

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Run one step, and print whether it succeeded."""
        if self._live:
            self._print(f"  … {name}", end="")
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self._finish(self.paint(_RED, "✗"), name, started)
            raise
        self._finish(self.paint(_GREEN, "✓"), name, started)

    def paint(self, style: str, text: str) -> str:
        """``text`` in an ANSI style if colours are enabled."""
        return f"\x1b[{style}m{text}\x1b[0m" if self._coloured else text

    def _finish(self, mark: str, name: str, started: float) -> None:
        start_of_line = "\r" if self._live else ""
        took = self.paint(_DIM, f"{time.monotonic() - started:5.1f} s")
        self._print(f"{start_of_line}  {mark} {name:<{WIDTH}}{took}")

    def _print(self, text: str, end: str = "\n") -> None:
        print(text, end=end, file=self._out, flush=True)
