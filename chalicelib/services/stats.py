"""Statistics of a merchant, and the totals of lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.clock import Clock
from chalicelib.domain.counters import ALL_MERCHANTS, TOTALS_TO, day_prefix
from chalicelib.domain.statistics import Summary, last_days, summarize_days, summarize_total
from chalicelib.store.counters import CounterStore, sum_of

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

    def total(self, merchant_id: str, list_: str, *filters: str | None) -> int:
        """The number of rows of a list with these filters; None accepts every value. 1 request."""
        return sum_of(self.counters.read(merchant_id), list_, *filters)

    def of_all_merchants(self) -> dict[str, int]:
        """The totals of all merchants. 1 request."""
        return self.counters.read(ALL_MERCHANTS)
