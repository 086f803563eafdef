"""Statistics: what the counters say, put together for a dashboard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.domain.counting import day_prefix
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import PaymentStatus

_VOLUME = "volume"


@dataclass
class Figures:
    """Some payments: how many, how they ended, and what they brought, a currency."""

    count: int = 0
    success: int = 0
    failed: int = 0
    volume: dict[str, int] = field(default_factory=dict)

    @property
    def success_rate(self) -> float | None:
        """The share that succeeded of those that ended; None when none did."""
        ended = self.success + self.failed
        return self.success / ended if ended else None

    def add(self, currency: str, what: str, value: int) -> None:
        """Add a counter's value."""
        if what == _VOLUME:
            self.volume[currency] = self.volume.get(currency, 0) + value
            return
        self.count += value
        if what == PaymentStatus.SUCCESS:
            self.success += value
        elif what == PaymentStatus.FAILED:
            self.failed += value


@dataclass
class Summary:
    """Figures of all methods, and of each."""

    all: Figures = field(default_factory=Figures)
    by_method: dict[PaymentMethod, Figures] = field(
        default_factory=lambda: {method: Figures() for method in PaymentMethod}
    )

    def add(self, currency: str, method: str, what: str, value: int) -> None:
        """Add a counter's value."""
        self.all.add(currency, what, value)
        self.by_method[PaymentMethod(method)].add(currency, what, value)


def summarize_total(counters: Mapping[str, int]) -> Summary:
    """All payments there ever were."""
    summary = Summary()
    for name, value in counters.items():
        match name.split("#"):
            case ["total", "payments", method, status]:
                summary.add("", method, status, value)
            case ["total", "volume", currency, method]:
                summary.add(currency, method, _VOLUME, value)
    return summary


def summarize_days(counters: Mapping[str, int], days: Iterable[date]) -> dict[date, Summary]:
    """The payments of each of ``days``."""
    summaries = {day: Summary() for day in days}
    for day, summary in summaries.items():
        for name, value in counters.items():
            if name.startswith(day_prefix(day)):
                _, _, currency, method, what = name.split("#")
                summary.add(currency, method, what, value)
    return summaries


def last_days(today: date, count: int) -> list[date]:
    """``count`` days up to ``today``, oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(count))]
