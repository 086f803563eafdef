"""The output of the demo: numbered steps, each with its duration."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from infra.errors import InfraError


class DemoError(Exception):
    """A step failed. The message contains the expected and the actual result."""


def expect(expected: str, got: object) -> None:
    """Raise DemoError unless the values are equal."""
    if got != expected:
        raise DemoError(f"expected {expected}, got {got}")


_DESCRIPTIVE = (DemoError, InfraError, TimeoutError)  # the message suffices, without the type


@dataclass
class Narration:
    """Prints numbered steps and keeps track of the current one."""

    current: str = "start"
    number: int = 0
    coloured: bool = field(default_factory=lambda: sys.stdout.isatty() and "NO_COLOR" not in os.environ)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Run a step. Prints its name, its duration, and the lines that are added to the list."""
        self.current, self.number = name, self.number + 1
        lines: list[str] = []
        started = time.monotonic()
        yield lines
        took = f"{time.monotonic() - started:5.1f} s"
        print(f" {self._paint('1;32', f'{self.number:>2}')}  {name:<44}{self._paint('2', took)}")
        for line in lines:
            print(f"     {line}")
        sys.stdout.flush()

    def fail(self, error: Exception) -> None:
        """Print the failed step and the error."""
        sys.stdout.flush()
        kind = "" if isinstance(error, _DESCRIPTIVE) else f"{type(error).__name__}: "
        print(f" {self._paint('1;31', ' x')}  Failed: {self.current}: {kind}{error}", file=sys.stderr)

    def _paint(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.coloured else text
