"""Counters of each merchant in DynamoDB. `store/events.py` increments them with the recorded events."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.domain.counters import EVENTS, TOTALS_FROM, TOTALS_TO, Key
from chalicelib.store import write


class CounterRow(Model):
    """A counter of a merchant. The number of events also has the key of the ``newest`` event."""

    class Meta:
        table_name = "stats"

    owner = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    value = NumberAttribute(null=True)
    newest = UnicodeAttribute(null=True)
    expires_at = TTLAttribute(null=True)  # of the marks of the previous version


@dataclass(frozen=True, kw_only=True)
class Position:
    """The end of a merchant's feed: the number of its events, and the key of the newest, if there is one."""

    count: int
    key: str

    @property
    def time(self) -> str:
        """The time at which the newest event was recorded."""
        return self.key.partition("#")[0]


class CounterStore:
    """The counters of all merchants."""

    def __init__(self, table: type[CounterRow]) -> None:
        self._table = table

    def read(self, owner: str, *, first: str = TOTALS_FROM, last: str = TOTALS_TO) -> dict[str, int]:
        """The counters whose names are from ``first`` to ``last``. One request for some thousand."""
        rows = self._table.query(owner, range_key_condition=self._table.name.between(first, last))
        return {row.name: int(row.value or 0) for row in rows}

    def position(self, owner: str) -> Position:
        """The end of the merchant's feed. One request."""
        try:
            row = self._table.get(owner, EVENTS.name, consistent_read=True)
        except self._table.DoesNotExist:
            return Position(count=0, key="")
        return Position(count=int(row.value or 0), key=row.newest or "")

    def advance(self, owner: str, before: Position, after: Position) -> write.Update:
        """The write that moves the end of the feed, on the condition that it is still ``before``."""
        table = self._table
        return write.Update(
            row=table(owner, EVENTS.name),
            actions=[table.value.set(after.count), table.newest.set(after.key)],
            condition=table.newest == before.key if before.key else table.newest.does_not_exist(),
        )

    def additions(self, owner: str, sums: Mapping[Key, int]) -> list[write.Update]:
        """The writes that add ``sums`` to the counters."""
        return self._additions(owner, {key.name: value for key, value in sums.items()})

    def add(self, owner: str, sums: Mapping[str, int]) -> None:
        """Add ``sums`` to the counters with these names. One request."""
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
