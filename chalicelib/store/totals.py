"""The totals of lists. A count continues where an earlier one of this process stopped.

Rows are added at the end of a list, so the number of rows before a settled key stays the same. Without that,
each page of a list would read up to MAX_COUNTED rows for its total.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from chalicelib.domain.clock import Clock, utc_now
from chalicelib.domain.times import iso

MAX_COUNTED = 10_000  # rows of a partition that a total counts
ROWS_PER_REQUEST = 1_000  # a later count reads at most the rows of one request again
SETTLED_AFTER = timedelta(minutes=15)  # far longer than a row takes from its time of creation into the index
REMEMBERED_FOR = timedelta(minutes=10)  # rows can be removed: logs expire, and operators restore backups
MAX_REMEMBERED = 1_000  # partitions


@dataclass(frozen=True, kw_only=True)
class Total:
    """The number of rows of a list. ``is_minimum``: there may be more, which were not read."""

    rows: int
    is_minimum: bool


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of one partition of an index that match the conditions."""

    table: type[Model]
    index: str
    key: str
    keys: Condition | None = None
    filters: Condition | None = None

    @property
    def is_whole(self) -> bool:
        """Whether these are all rows of the partition. Rows that match a filter can change."""
        return self.keys is None and self.filters is None


@dataclass(frozen=True)
class _Counted:
    """``rows`` up to ``last``, a key in DynamoDB's format; valid until ``expires_at``."""

    rows: int
    last: Any
    expires_at: datetime


@dataclass(frozen=True)
class Totals:
    """Counts rows, and remembers the counts of whole partitions."""

    clock: Clock = utc_now
    _remembered: dict[tuple[str, str, str], _Counted] = field(default_factory=dict, compare=False)

    def count(self, rows: Rows) -> Total:
        """The number of ``rows``, at most MAX_COUNTED. One request for some thousand rows that it reads."""
        start = self._remembered_of(rows)
        count, left, last = start.rows, MAX_COUNTED - start.rows, start.last
        while left:
            limit = min(left, ROWS_PER_REQUEST) if rows.is_whole else left
            page = _count(rows, limit=limit, after=last)
            count, left = count + page["Count"], left - page["ScannedCount"]
            last = page.get("LastEvaluatedKey")
            if last is None:
                return Total(rows=count, is_minimum=False)
            if rows.is_whole:
                self._remember(rows, _Counted(count, last, start.expires_at))
        return Total(rows=count, is_minimum=True)

    def _remembered_of(self, rows: Rows) -> _Counted:
        """The earlier count of the partition; no rows if there is none."""
        now = self.clock()
        counted = self._remembered.get(_name(rows)) if rows.is_whole else None
        return counted if counted and now < counted.expires_at else _Counted(0, None, now + REMEMBERED_FOR)

    def _remember(self, rows: Rows, counted: _Counted) -> None:
        """Remember the count, unless rows can still be added before its last key."""
        if counted.last["sort_key"]["S"] >= iso(self.clock() - SETTLED_AFTER):
            return
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[_name(rows)] = counted


def _name(rows: Rows) -> tuple[str, str, str]:
    return rows.table.Meta.table_name, rows.index, rows.key


def _count(rows: Rows, *, limit: int, after: Any) -> Any:
    return rows.table._get_connection().query(  # noqa: SLF001 - pynamodb's count has no limit
        rows.key,
        range_key_condition=rows.keys,
        filter_condition=rows.filters,
        index_name=rows.index,
        limit=limit,
        exclusive_start_key=after,
        select="COUNT",
    )
