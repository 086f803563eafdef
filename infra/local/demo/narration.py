"""The narration as it is printed: numbered acts, each with the time it took."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from infra.errors import InfraError


class DemoError(Exception):
    """A step did not happen; the message says what was expected and what came."""


def expect(expected: str, got: object) -> None:
    """DemoError unless they are equal."""
    if got != expected:
        raise DemoError(f"expected {expected}, got {got}")


TOLD = (DemoError, InfraError, TimeoutError)  # their messages are whole sentences


@dataclass
class Narration:
    """Numbers the acts, and knows which one is being told."""

    act: str = "starting"
    number: int = 0
    coloured: bool = field(default_factory=lambda: sys.stdout.isatty() and "NO_COLOR" not in os.environ)

    @contextmanager
    def tell(self, act: str) -> Iterator[list[str]]:
        """Run an act; the lines put into the list are printed under it with the time it took."""
        self.act, self.number = act, self.number + 1
        lines: list[str] = []
        started = time.monotonic()
        yield lines
        took = f"{time.monotonic() - started:5.1f} s"
        print(f" {self._paint('1;32', f'{self.number:>2}')}  {act:<44}{self._paint('2', took)}")
        for line in lines:
            print(f"     {line}")
        sys.stdout.flush()

    def fail(self, error: Exception) -> None:
        """Say which act failed, and why."""
        sys.stdout.flush()
        kind = "" if isinstance(error, TOLD) else f"{type(error).__name__}: "
        print(f" {self._paint('1;31', ' x')}  Failed at: {self.act}. {kind}{error}", file=sys.stderr)

    def _paint(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.coloured else text
