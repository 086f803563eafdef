"""Compares the counters with the rows, while both change."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.counters import TOTALS_TO, Counts
from chalicelib.store.counters import CounterStore
from infra.operator.doctor.findings import Finding, Kind, Report

FIRST = "day#"  # counters of days and totals are one range of names
SETTLE_S = 5.0  # the recorder counts a change within about three seconds

Values = Counter[tuple[str, str]]
"""By merchant and name of the counter."""


@dataclass(frozen=True, kw_only=True)
class CounterCheck:
    """The counts of the rows, and the counters before the first row was read."""

    counters: CounterStore
    owners: set[str]
    before: Values
    settle_s: float = SETTLE_S
    sleep: Callable[[float], None] = time.sleep
    rows: Values = field(default_factory=Counter)

    @classmethod
    def start(
        cls, counters: CounterStore, merchant_ids: Collection[str], *, settle_s: float
    ) -> "CounterCheck":
        """Read the counters of these merchants."""
        owners = set(merchant_ids)
        return cls(counters=counters, owners=owners, before=_read(counters, owners), settle_s=settle_s)

    def add(self, merchant_id: str, counts: Counts) -> None:
        """Add the counts of a payment."""
        self.rows.update({(merchant_id, key.name): value for key, value in counts.items()})
        self.owners.add(merchant_id)

    def finish(self, report: Report) -> None:
        """Report each counter that did not change during the examination and differs from the rows.

        A counter that changed is ignored: its rows were read at another time.
        """
        after = _read(self.counters, self.owners)
        if not self._wrong(after):
            return
        self.sleep(self.settle_s)
        later = _read(self.counters, self.owners)
        for key in self._wrong(later):
            if self.before[key] == after[key] == later[key]:
                merchant_id, name = key
                message = f"counter {name} is {later[key]}, the rows have {self.rows[key]}"
                report(Finding(kind=Kind.COUNTERS, subject=f"merchant {merchant_id}", message=message))

    def _wrong(self, counters: Values) -> list[tuple[str, str]]:
        return [key for key in sorted({*counters, *self.rows}) if counters[key] != self.rows[key]]


def _read(counters: CounterStore, owners: Collection[str]) -> Values:
    values: Values = Counter()
    for owner in owners:
        named: Mapping[str, int] = counters.read(owner, first=FIRST, last=TOTALS_TO)
        values.update({(owner, name): value for name, value in named.items() if _is_checked(name)})
    return values


def _is_checked(name: str) -> bool:
    """Whether it counts payments. The previous version also counted orders, refunds and webhook logs."""
    return name.startswith((FIRST, "total#payments#", "total#volume#"))
