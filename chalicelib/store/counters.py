"""Counters of each merchant in DynamoDB. `store/events.py` increments them with the recorded events.

A counter is the sum of its row and of its value in ``held`` of the merchant's row ``total#events``. Every
transaction that records events writes that row anyway, so the counters that change often cost no other write.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pynamodb.attributes import MapAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.domain.counters import EVENTS, TOTALS_FROM, TOTALS_TO
from chalicelib.store import write

MAX_HELD = 20  # with these counters the row has less than 1 KB, so that a transaction uses 2 write units


class CounterRow(Model):
    """A counter of a merchant.

    The number of events also has the key of the ``newest`` event, and the values of ``held`` counters.
    """

    class Meta:
        table_name = "stats"

    owner = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    value = NumberAttribute(null=True)
    newest = UnicodeAttribute(null=True)
    held: MapAttribute[str, Any] = MapAttribute(null=True)
    expires_at = TTLAttribute(null=True)  # of the marks of the previous version


@dataclass(frozen=True, kw_only=True)
class Position:
    """The end of a merchant's feed: the number of its events, and the key of the newest, if there is one.

    ``held``: the counters in the same row.
    """

    count: int
    key: str
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def time(self) -> str:
        """The time at which the newest event was recorded."""
        return self.key.partition("#")[0]


class CounterStore:
    """The counters of all merchants."""

    def __init__(self, table: type[CounterRow]) -> None:
        self._table = table

    def read(self, owner: str, *, first: str = TOTALS_FROM, last: str = TOTALS_TO) -> dict[str, int]:
        """The counters whose names are from ``first`` to ``last``, a range that includes ``total#events``.

        One request for some thousand.
        """
        values: Counter[str] = Counter()
        for row in self._table.query(owner, range_key_condition=self._table.name.between(first, last)):
            held = {name: value for name, value in _held(row).items() if first <= name <= last}
            values.update({row.name: int(row.value or 0)} | held)
        return dict(values)

    def position(self, owner: str) -> Position:
        """The end of the merchant's feed. One request."""
        try:
            row = self._table.get(owner, EVENTS.name, consistent_read=True)
        except self._table.DoesNotExist:
            return Position(count=0, key="")
        return Position(count=int(row.value or 0), key=row.newest or "", held=_held(row))

    def advance(
        self, owner: str, before: Position, after: Position, sums: Mapping[str, int], *, max_moved: int
    ) -> list[write.Update]:
        """The writes that move the end of the feed from ``before`` to ``after`` and add ``sums``.

        They apply if the end of the feed is still ``before``, the condition of the first of them. If more
        than MAX_HELD counters are held, at most ``max_moved`` others than those of ``sums`` are added to
        their rows.
        """
        table, held = self._table, Counter(before.held)
        held.update(sums)
        unchanged = sorted(before.held.keys() - sums.keys())
        moved = {name: held.pop(name) for name in unchanged[:max_moved]} if len(held) > MAX_HELD else {}
        end = write.Update(
            row=table(owner, EVENTS.name),
            actions=[
                table.value.set(after.count),
                table.newest.set(after.key),
                table.held.set(MapAttribute(**held)),
            ],
            condition=table.newest == before.key if before.key else table.newest.does_not_exist(),
        )
        return [end, *self._additions(owner, moved)]

    def add(self, owner: str, sums: Mapping[str, int]) -> None:
        """Add ``sums`` to the rows of the counters with these names. One request."""
        write.transact(self._additions(owner, sums))

    def _additions(self, owner: str, sums: Mapping[str, int]) -> list[write.Update]:
        table = self._table
        return [
            write.Update(row=table(owner, name), actions=[table.value.add(value)])
            for name, value in sums.items()
            if value
        ]

    def counted_before(self, change_ids: Collection[str]) -> set[str]:
        """The changes that the previous version counted. One request for each hundred.

        It left a mark for each change, which expires after three days.
        """
        marks = {f"counted#{change_id}": change_id for change_id in change_ids}
        rows = self._table.batch_get([(owner, "counted") for owner in marks], attributes_to_get=["owner"])
        return {marks[row.owner] for row in rows}


def _held(row: CounterRow) -> dict[str, int]:
    return {name: int(value) for name, value in row.held.as_dict().items()} if row.held else {}
