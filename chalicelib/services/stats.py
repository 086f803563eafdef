"""Statistics of a merchant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.clock import Clock
from chalicelib.domain.counters import TOTALS_TO, day_prefix
from chalicelib.domain.statistics import Summary, last_days, summarize_days, summarize_total
from chalicelib.store.counters import CounterStore

MAX_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """All payments, and those of each of the last days."""

    total: Summary
    days: Mapping[date, Summary]


@dataclass(frozen=True, kw_only=True)
class StatsService:
    """Reads the counters."""

    counters: CounterStore
    clock: Clock

    def statistics(self, merchant_id: str, days: int) -> Statistics:
        """The merchant's figures over all time and for each of the last ``days`` days. 1 request."""
        wanted = last_days(self.clock().date(), days)
        counters = self.counters.read(merchant_id, first=day_prefix(wanted[0]), last=TOTALS_TO)
        return Statistics(total=summarize_total(counters), days=summarize_days(counters, wanted))
