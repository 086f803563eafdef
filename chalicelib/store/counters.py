"""Counters in DynamoDB. Counting is idempotent per stream record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.domain.counters import TOTALS_FROM, TOTALS_TO, CounterKey, Counts, Total, parse_name
from chalicelib.store import write


class CounterRow(Model):
    """A counter of a merchant, or the mark that a change was counted."""

    class Meta:
        table_name = "stats"

    owner = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    value = NumberAttribute(null=True)
    expires_at = TTLAttribute(null=True)


MARK_LIFE = timedelta(days=3)  # a stream keeps a record for one day and cannot deliver it after that
_MARKS = "counted"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The increments of one change. ``change_id`` is the id of the stream record."""

    change_id: str
    counts: Counts


class CounterStore:
    """The counters of all merchants."""

    def __init__(self, table: type[CounterRow]) -> None:
        self._table = table

    def count(self, changes: Sequence[Counted], *, now: datetime) -> None:
        """Add the increments of ``changes``, each once. One request for some dozens if all are new.

        The transaction also writes a mark for each change, on the condition that there is none. Changes may
        therefore be delivered repeatedly, in any order and in any batches.
        """
        wanted = {change.change_id: change for change in changes if change.counts}
        pending = list(wanted.values())
        while pending:
            batch, rest = self._batch(pending)
            counted_before = self._try(batch, now)
            pending = [change for change in batch if counted_before and change not in counted_before] + rest

    def read(self, owner: str, *, first: str = TOTALS_FROM, last: str = TOTALS_TO) -> dict[str, int]:
        """The counters whose names are from ``first`` to ``last``. One request for some thousand."""
        rows = self._table.query(owner, range_key_condition=self._table.name.between(first, last))
        return {row.name: int(row.value or 0) for row in rows}

    def _batch(self, pending: list[Counted]) -> tuple[list[Counted], list[Counted]]:
        """As many of ``pending`` as one transaction holds, and the rest."""
        keys: set[CounterKey] = set()
        for index, change in enumerate(pending):
            keys |= change.counts.keys()
            if index and index + 1 + len(keys) > write.MAX_ITEMS:
                return pending[:index], pending[index:]
        return pending, []

    def _try(self, batch: Sequence[Counted], now: datetime) -> list[Counted]:
        """Count ``batch``; where some were counted before, count none and return those."""
        marks = [self._mark(change, now) for change in batch]
        try:
            write.transact([*marks, *self._additions(batch)])
        except write.ConditionFailedError as failure:
            return [batch[index] for index in failure.indexes if index < len(batch)]
        return []

    def _mark(self, change: Counted, now: datetime) -> write.Put:
        """The mark that a change was counted."""
        row = self._table(owner=f"{_MARKS}#{change.change_id}", name=_MARKS, expires_at=now + MARK_LIFE)
        return write.Put(row=row, condition=self._table.owner.does_not_exist())

    def _additions(self, batch: Sequence[Counted]) -> list[write.Update]:
        sums: Counter[CounterKey] = Counter()
        for change in batch:
            sums.update(change.counts)
        return [self._addition(key, value) for key, value in sums.items() if value]

    def _addition(self, key: CounterKey, value: int) -> write.Update:
        return write.Update(row=self._table(key.owner, key.name), actions=[self._table.value.add(value)])


def sum_of(counters: Mapping[str, int], list_: str, *filters: str | None) -> int:
    """The sum of a list's totals whose values match ``filters``; None accepts every value."""
    keys = ((parse_name(name), value) for name, value in counters.items() if name.startswith(TOTALS_FROM))
    return sum(
        value for key, value in keys if isinstance(key, Total) and key.list == list_ and key.matches(*filters)
    )
