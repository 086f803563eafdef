"""Statistics: counters, summarized for a dashboard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.domain.counters import VOLUME, DayFigure, Total, parse_name
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import PaymentStatus


@dataclass
class Figures:
    """The number of payments, their results, and their volume by currency, in minor units."""

    count: int = 0
    success: int = 0
    failed: int = 0
    volume: dict[str, int] = field(default_factory=dict)

    @property
    def success_rate(self) -> float | None:
        """The share of settled payments that succeeded; None if none is settled."""
        settled = self.success + self.failed
        return self.success / settled if settled else None

    def add(self, currency: str, what: str, value: int) -> None:
        """Add a counter's value."""
        if what == VOLUME:
            self.volume[currency] = self.volume.get(currency, 0) + value
            return
        self.count += value
        if what == PaymentStatus.SUCCESS:
            self.success += value
        elif what == PaymentStatus.FAILED:
            self.failed += value


@dataclass
class Summary:
    """Figures of all methods together, and of each method."""

    all: Figures = field(default_factory=Figures)
    by_method: dict[PaymentMethod, Figures] = field(
        default_factory=lambda: {method: Figures() for method in PaymentMethod}
    )

    def add(self, currency: str, method: str, what: str, value: int) -> None:
        """Add a counter's value."""
        self.all.add(currency, what, value)
        self.by_method[PaymentMethod(method)].add(currency, what, value)


def summarize_total(counters: Mapping[str, int]) -> Summary:
    """The summary of all payments."""
    summary = Summary()
    for name, value in counters.items():
        match parse_name(name):
            case Total("payments", (method, status)):
                summary.add("", method, status, value)
            case Total("volume", (currency, method)):
                summary.add(currency, method, VOLUME, value)
    return summary


def summarize_days(counters: Mapping[str, int], days: Iterable[date]) -> dict[date, Summary]:
    """The summary of the payments of each of ``days``."""
    summaries = {day: Summary() for day in days}
    for name, value in counters.items():
        key = parse_name(name)
        if isinstance(key, DayFigure) and key.day in summaries:
            summaries[key.day].add(key.currency, key.method, key.figure, value)
    return summaries


def last_days(today: date, count: int) -> list[date]:
    """The last ``count`` days including ``today``, oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(count))]
