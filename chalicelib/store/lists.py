"""Lists: a merchant's rows by time, newest first, a page at a time.

Each listed row has a ``list_key`` and a ``sort_key``; the index ``by_merchant`` is on them. The list key
is the merchant and a shard: all writes of a moment go to the end of a list, and one partition of
DynamoDB takes 1,000 of them a second. A page reads every shard and merges; there is one unless the
deployment has merchants that large (docs/decisions/0007). The rows of one order or payment are few and may
be far apart in that list, so they have an index of their own.
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

MAX_FILTERED_OUT = 1_000  # rows that a page reads in vain in a part; without a filter, none are
BY_MERCHANT = "by_merchant"
NARROW_INDEXES = {"order_id": "by_order", "payment_id": "by_payment"}
"""The indexes that stand for a filter."""

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
Raw = Mapping[str, Any]
"""An item in DynamoDB's JSON: only what is shown becomes a row."""


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """The query for one page.

    ``after`` is the key of a row; the page starts ``skip`` rows behind it. ``since`` and ``before`` bound
    the time of creation, the second one exclusively. ``filters`` are attributes and the values they must
    have.
    """

    merchant_id: str
    limit: int
    skip: int = 0
    after: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """Some of a list, newest first; ``next_key`` is where the next page starts, None at the end.

    ``skip``: how many rows the next page must skip, because a filter hid too many of them in this one.
    """

    items: list[Item]
    next_key: str | None
    skip: int = 0


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
        """A page of the list. One request a shard for up to 1 MB of rows, those that are skipped included.

        A page may be short or empty and still have a ``next_key``: what a filter skipped is not free.
        """
        if _is_void(query):
            return Page(items=[], next_key=None)
        found = [_read(table, query, part) for part in self._parts(query)]
        return _merge(found, query, lambda item: item_of(table.from_raw_data(dict(item))))

    def _parts(self, query: ListQuery) -> "list[_Part]":
        """What is to be read: the part of an index that a filter names, else the merchant's shards."""
        for name in NARROW_INDEXES.keys() & query.filters.keys():
            others = {other: value for other, value in query.filters.items() if other != name}
            others["merchant_id"] = query.merchant_id
            return [_Part(index=NARROW_INDEXES[name], key=query.filters[name], filters=others)]
        keys = (_list_key(query.merchant_id, shard) for shard in range(self.shards))
        return [_Part(index=BY_MERCHANT, key=key, filters=query.filters) for key in keys]


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One partition of an index, and what its rows must be besides to be in the list."""

    index: str
    key: str
    filters: Mapping[str, str]


def _merge(parts: "list[_Found]", query: ListQuery, item_of: Callable[[Raw], Item]) -> Page[Item]:
    """The newest of the rows, as far down as every part was read."""
    rows = heapq.merge(*(found.rows for found in parts), key=_sort_key, reverse=True)
    horizon = max((found.stopped_at for found in parts if found.stopped_at), default=None)
    kept = [row for row in rows if horizon is None or _sort_key(row) >= horizon]
    end = query.skip + query.limit
    next_key = _sort_key(kept[end - 1]) if len(kept) > end else horizon
    return Page(
        items=[item_of(row) for row in kept[query.skip : end]],
        next_key=next_key,
        skip=max(query.skip - len(kept), 0) if next_key else 0,
    )


@dataclass(frozen=True)
class _Found:
    """The rows of a part, and the key at which reading stopped before its end."""

    rows: list[Raw]
    stopped_at: str | None


def _read(table: type[Model], query: ListQuery, part: _Part) -> _Found:
    rows: list[Raw] = []
    wanted = query.skip + query.limit
    results = table.query(
        part.key,
        range_key_condition=_range(table, query),
        filter_condition=_conditions(table, part.filters),
        index_name=part.index,
        scan_index_forward=False,
        page_size=MAX_FILTERED_OUT // 2 if part.filters else wanted + 2,
    )
    filtered_out = 0
    for page in _pages(results):
        rows.extend(row for row in page["Items"] if _sort_key(row) != query.after)
        filtered_out += page["ScannedCount"] - page["Count"]
        last = page.get("LastEvaluatedKey")
        if last is None:
            return _Found(rows, None)
        if len(rows) > wanted or filtered_out >= MAX_FILTERED_OUT:
            return _Found(rows, _sort_key(last))
    return _Found(rows, None)


def _pages(results: Any) -> Iterator[dict[str, Any]]:
    return iter(results.page_iter)


def _range(table: type[Model], query: ListQuery) -> Condition | None:
    """The keys a page may have. DynamoDB takes one condition, and both its ends are inclusive."""
    key, end = _attribute(table, "sort_key"), _end(query)
    condition: Condition | None = None
    if query.since and end:
        condition = key.between(iso(query.since), end)
    elif query.since:
        condition = key >= iso(query.since)
    elif end:
        condition = key < end
    return condition


def _end(query: ListQuery) -> str | None:
    """The key that all rows of the page are below."""
    ends = [query.after, iso(query.before) if query.before else None]
    return min((end for end in ends if end), default=None)


def _is_void(query: ListQuery) -> bool:
    """Whether no row can be within the bounds: DynamoDB refuses a range that ends before it begins."""
    end = _end(query)
    return query.since is not None and end is not None and end < iso(query.since)


def _conditions(table: type[Model], filters: Mapping[str, str]) -> Condition | None:
    condition: Condition | None = None
    for name, value in filters.items():
        one: Condition = _attribute(table, name) == value
        condition = one if condition is None else condition & one
    return condition


def _attribute(table: type[Model], name: str) -> Any:
    return getattr(table, name)


def _sort_key(row: Raw) -> str:
    return str(row["sort_key"]["S"])


def _list_key(merchant_id: str, shard: int) -> str:
    return f"{merchant_id}#{shard}"
