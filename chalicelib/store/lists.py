"""Lists: a merchant's rows by time, newest first, a page at a time.

Each listed row has a ``list_key`` and a ``sort_key``; the index ``by_merchant`` is on them. The list key
is the merchant and a shard: all writes of a moment go to the end of a list, and one partition of
DynamoDB takes 1,000 of them a second. A page reads every shard and merges; there is one unless the
deployment has merchants that large (docs/decisions/0007).
"""

import heapq
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from chalicelib.domain.times import iso

MAX_SCANNED = 1_000  # rows that a page reads at most in a shard, when a filter lets few of them through
INDEX = "by_merchant"

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """What a page is of.

    ``after`` is the key of the row before it; ``since`` and ``before`` bound the time of creation, the
    second one exclusively. ``filters`` are attributes and the values they must have.
    """

    merchant_id: str
    limit: int
    after: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """Some of a list, newest first; ``next_key`` is where the next page starts, None at the end."""

    items: list[Item]
    next_key: str | None


@dataclass(frozen=True)
class Lists:
    """How lists are laid out in this deployment."""

    shards: int

    def keys(self, merchant_id: str, row_id: str, created_at: datetime, *, tie: str = "") -> dict[str, Any]:
        """The attributes that put a row into its merchant's list; ``tie`` orders rows of one moment."""
        return {
            "list_key": _list_key(merchant_id, zlib.crc32(row_id.encode()) % self.shards),
            "sort_key": f"{iso(created_at)}#{tie}#{row_id}",
        }

    def page(self, table: type[Row], query: ListQuery, item_of: Callable[[Row], Item]) -> Page[Item]:
        """A page of the list. One request a shard, and more where a filter lets few rows through.

        A page may be short or empty and still have a ``next_key``: what a filter skipped is not free.
        """
        return _merge([_read_shard(table, query, shard) for shard in range(self.shards)], query, item_of)


def _merge(shards: "list[_Found[Row]]", query: ListQuery, item_of: Callable[[Row], Item]) -> Page[Item]:
    """The newest of the rows, as far down as every shard was read."""
    rows = heapq.merge(*(found.rows for found in shards), key=_sort_key, reverse=True)
    horizon = max((found.stopped_at for found in shards if found.stopped_at), default=None)
    kept = [row for row in rows if horizon is None or _sort_key(row) >= horizon]
    page = kept[: query.limit]
    next_key = _sort_key(page[-1]) if len(kept) > query.limit else horizon
    return Page(items=[item_of(row) for row in page], next_key=next_key)


@dataclass(frozen=True)
class _Found(Generic[Row]):
    """What a shard gave, and the key at which reading stopped before the list's end."""

    rows: list[Row]
    stopped_at: str | None


def _read_shard(table: type[Row], query: ListQuery, shard: int) -> _Found[Row]:
    rows: list[Row] = []
    results = table.query(
        _list_key(query.merchant_id, shard),
        range_key_condition=_range(table, query),
        filter_condition=_conditions(table, query.filters),
        index_name=INDEX,
        scan_index_forward=False,
        page_size=query.limit + 2 if not query.filters else MAX_SCANNED // 2,
    )
    scanned = 0
    for page in _pages(results):
        found = (table.from_raw_data(item) for item in page["Items"])
        rows.extend(row for row in found if _sort_key(row) != query.after)
        scanned += page["ScannedCount"]
        last = page.get("LastEvaluatedKey")
        if last is None:
            return _Found(rows, None)
        if len(rows) > query.limit or scanned >= MAX_SCANNED:
            return _Found(rows, last["sort_key"]["S"])
    return _Found(rows, None)


def _pages(results: Any) -> Iterator[dict[str, Any]]:
    return iter(results.page_iter)


def _range(table: type[Row], query: ListQuery) -> Condition | None:
    """The keys a page may have. DynamoDB takes one condition, and both its ends are inclusive."""
    key = _attribute(table, "sort_key")
    end = query.after or (iso(query.before) if query.before else None)
    condition: Condition | None = None
    if query.since and end:
        condition = key.between(iso(query.since), end)
    elif query.since:
        condition = key >= iso(query.since)
    elif end:
        condition = key < end
    return condition


def _conditions(table: type[Row], filters: Mapping[str, str]) -> Condition | None:
    condition: Condition | None = None
    for name, value in filters.items():
        one: Condition = _attribute(table, name) == value
        condition = one if condition is None else condition & one
    return condition


def _attribute(table: type[Row], name: str) -> Any:
    return getattr(table, name)


def _sort_key(row: Model) -> str:
    return str(row.attribute_values["sort_key"])


def _list_key(merchant_id: str, shard: int) -> str:
    return f"{merchant_id}#{shard}"
