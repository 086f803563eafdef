"""Compares the counters with the rows, while both change."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.counters import ALL_MERCHANTS, TOTALS_TO, CounterKey, Counts
from chalicelib.store.counters import CounterStore
from infra.operator.doctor.findings import Finding, Kind, Report

FIRST = "day#"  # counters of days and totals are one range of names
SETTLE_S = 3.0  # the relay counts a change within about a second

Values = Counter[CounterKey]


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
        """Read the counters of these merchants and of all merchants together."""
        owners = {*merchant_ids, ALL_MERCHANTS}
        return cls(counters=counters, owners=owners, before=_read(counters, owners), settle_s=settle_s)

    def add(self, counts: Counts) -> None:
        """Add the counts of a row, as if it were new."""
        self.rows.update(counts)
        self.owners.update(key.owner for key in counts)

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
                message = f"counter {key.name} is {later[key]}, the rows have {self.rows[key]}"
                report(Finding(kind=Kind.COUNTERS, subject=_owner(key), message=message))

    def _wrong(self, counters: Values) -> list[CounterKey]:
        keys = sorted({*counters, *self.rows}, key=lambda key: (key.owner, key.name))
        return [key for key in keys if counters[key] != self.rows[key]]


def _read(counters: CounterStore, owners: Collection[str]) -> Values:
    values: Values = Counter()
    for owner in owners:
        named: Mapping[str, int] = counters.read(owner, first=FIRST, last=TOTALS_TO)
        values.update({CounterKey(owner, name): value for name, value in named.items()})
    return values


def _owner(key: CounterKey) -> str:
    return "all merchants" if key.owner == ALL_MERCHANTS else f"merchant {key.owner}"
