"""The reports of the command `lab`: lines for a person, or one JSON document."""

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from chalicelib.domain.lab.check import Check, CheckName, CheckResult, Status

GUIDE = "docs/webhooks.md"
_WIDTH = max(map(len, CheckName)) + 2
_STYLES = {Status.PASS: "32", Status.FAIL: "1;31", Status.SKIP: "2"}
_DIM = "2"
_INDENT = " " * (6 + _WIDTH)
_VALID_FIRST = (
    "\nMake `valid` pass first: the other checks need a receiver that accepts a valid webhook. "
    "Compare the path of the URL and the signing secret."
)
_CLEAR_LINE = "\r\x1b[K"


def _is_terminal(stream: TextIO | None = None) -> bool:
    return (stream or sys.stdout).isatty()


class Report(Protocol):
    """Receives the progress and the results of a run."""

    def start(self, count: int) -> None:
        """``count`` checks will be run."""
        ...

    def running(self, check: Check) -> None:
        """``check`` has started."""
        ...

    def add(self, result: CheckResult) -> None:
        """A check has ended."""
        ...

    def finish(self, results: Sequence[CheckResult]) -> None:
        """All checks have ended."""
        ...


@dataclass(frozen=True)
class TextReport:
    """Prints a line per check to stdout. On a terminal, it has colours and shows the running check."""

    url: str
    is_live: bool = field(default_factory=_is_terminal)
    is_coloured: bool = field(default_factory=lambda: _is_terminal() and "NO_COLOR" not in os.environ)

    def start(self, count: int) -> None:
        """Print the number of checks."""
        print(f"Running {count} {'check' if count == 1 else 'checks'} against {self.url}\n", flush=True)

    def running(self, check: Check) -> None:
        """Show the name of the check until it has ended."""
        if self.is_live:
            print(self._paint(_DIM, f"...   {check.name:<{_WIDTH}}running"), end="", flush=True)

    def add(self, result: CheckResult) -> None:
        """Print the result, and for a failed check its purpose and guide."""
        check, status = result.check, result.status
        label = self._paint(_STYLES[status], f"{status.upper():<6}")
        start = _CLEAR_LINE if self.is_live else ""
        print(f"{start}{label}{check.name:<{_WIDTH}}{result.reason}", flush=True)
        if status is Status.FAIL:
            print(self._paint(_DIM, f"{_INDENT}{check.purpose}: see {guide_of(check)}"), flush=True)

    def finish(self, results: Sequence[CheckResult]) -> None:
        """Print the advice and the number of results."""
        advised = [result.check for result in results if result.status is Status.PASS and result.check.advice]
        if advised:
            print("\nNot visible from outside:")
            for check in advised:
                print(f"      {check.name:<{_WIDTH}}{check.advice}")
        if any(result.check.name is CheckName.VALID and result.status is Status.FAIL for result in results):
            print(_VALID_FIRST)
        counts = Counter(result.status for result in results)
        words = {Status.PASS: "passed", Status.FAIL: "failed", Status.SKIP: "skipped"}
        totals = [f"{counts[status]} {word}" for status, word in words.items() if counts[status]]
        print(f"\n{', '.join(totals)}")

    def _paint(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.is_coloured else text


@dataclass(frozen=True)
class JsonReport:
    """Prints one JSON document to stdout at the end. If stderr is a terminal, it shows the running check."""

    url: str
    is_live: bool = field(default_factory=lambda: _is_terminal(sys.stderr))

    def start(self, count: int) -> None:
        """Print nothing."""

    def running(self, check: Check) -> None:
        """Show the name of the check on stderr."""
        if self.is_live:
            print(f"{_CLEAR_LINE}running {check.name}", end="", file=sys.stderr, flush=True)

    def add(self, result: CheckResult) -> None:  # noqa: ARG002 - the document is printed at the end
        """Remove the name from stderr."""
        if self.is_live:
            print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)

    def finish(self, results: Sequence[CheckResult]) -> None:
        """Print the document."""
        passed = all(result.status is not Status.FAIL for result in results)
        document = {"url": self.url, "passed": passed, "checks": [_fields(result) for result in results]}
        print(json.dumps(document, indent=2))


def guide_of(check: Check) -> str:
    """The document and heading that explain the check."""
    return f"{GUIDE}#{check.section}"


def _fields(result: CheckResult) -> dict[str, str | int | None]:
    return {
        "check": result.check.name,
        "status": result.status,
        "purpose": result.check.purpose,
        "reason": result.reason,
        "advice": result.check.advice,
        "guide": guide_of(result.check),
        "latency_ms": result.latency_ms,
    }
