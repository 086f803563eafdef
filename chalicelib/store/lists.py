"""Lists: the rows of a merchant, newest first, in pages.

Each listed row has a ``list_key`` and a ``sort_key``, the keys of the index ``by_merchant``. The list key
consists of the merchant and a shard: new rows are always written at the end of a list, and one DynamoDB
partition accepts 1,000 writes per second. A page reads every shard and merges the rows. There is one shard,
unless the deployment has merchants with more writes (docs/decisions/0007). The rows of one order or payment
are few and can be far apart in that list, so they have a separate index.
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
from chalicelib.store.totals import Rows, Total, Totals

MAX_FILTERED_OUT = 1_000  # rows per page and partition that are read and do not match a filter
BY_MERCHANT = "by_merchant"
NARROW_INDEXES = {"order_id": "by_order", "payment_id": "by_payment"}
"""The index that is read instead of ``by_merchant``, for each of these filters."""

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
Raw = Mapping[str, Any]
"""An item in DynamoDB JSON. Only the items of the page are parsed into rows."""


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """The query for one page.

    ``after`` is the sort key of a row; the page starts ``skip`` rows after it. ``since`` (inclusive) and
    ``before`` (exclusive) limit the time of creation. ``filters`` maps attributes to required values;
    ``condition`` is a further one for the attributes of the index.
    """

    merchant_id: str
    limit: int
    skip: int = 0
    after: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    condition: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list, newest first. ``next_key`` is the start of the next page, None at the end.

    ``skip``: the number of rows that the next page must skip, because this page read too few matching rows.
    """

    items: list[Item]
    next_key: str | None
    skip: int = 0


def created_at_of(key: str) -> datetime:
    """The time of creation in the sort key of a row."""
    return datetime.fromisoformat(key.partition("#")[0])


@dataclass(frozen=True)
class Lists:
    """The lists of a deployment. ``shards``: the number of shards per list."""

    shards: int
    totals: Totals = field(default_factory=Totals)

    def keys(self, merchant_id: str, row_id: str, created_at: datetime, *, tie: str = "") -> dict[str, Any]:
        """The list keys of a row. ``tie`` orders rows with the same time of creation."""
        return {
            "list_key": _list_key(merchant_id, zlib.crc32(row_id.encode()) % self.shards),
            "sort_key": f"{iso(created_at)}#{tie}#{row_id}",
        }

    def page(self, table: type[Row], query: ListQuery, item_of: Callable[[Row], Item]) -> Page[Item]:
        """One page of the list. One request per shard for up to 1 MB of rows, including the skipped rows.

        A page can be short or empty and have a ``next_key``, because the number of rows that it reads is
        limited.
        """
        if _is_empty(query):
            return Page(items=[], next_key=None)
        found = [_read(table, query, partition) for partition in self._partitions(query)]
        return _merge(found, query, lambda item: item_of(table.from_raw_data(dict(item))))

    def count(self, table: type[Model], query: ListQuery) -> Total:
        """The number of rows of the list that match the filters, at most MAX_COUNTED per shard."""
        if _is_empty(query):
            return Total(rows=0, is_minimum=False)
        totals = [
            self.totals.count(
                Rows(
                    table=table,
                    index=partition.index,
                    key=partition.key,
                    keys=_range(table, query),
                    filters=_condition(table, query, partition),
                )
            )
            for partition in self._partitions(query)
        ]
        return Total(
            rows=sum(total.rows for total in totals), is_minimum=any(total.is_minimum for total in totals)
        )

    def _partitions(self, query: ListQuery) -> "list[_Partition]":
        """The partition of the index for a filter, otherwise the shards of the merchant."""
        for name in NARROW_INDEXES.keys() & query.filters.keys():
            others = {other: value for other, value in query.filters.items() if other != name}
            others["merchant_id"] = query.merchant_id
            return [_Partition(index=NARROW_INDEXES[name], key=query.filters[name], filters=others)]
        keys = (_list_key(query.merchant_id, shard) for shard in range(self.shards))
        return [_Partition(index=BY_MERCHANT, key=key, filters=query.filters) for key in keys]


@dataclass(frozen=True, kw_only=True)
class _Partition:
    """One partition of an index, and the filters for its rows."""

    index: str
    key: str
    filters: Mapping[str, Any]


def _merge(results: "list[_Found]", query: ListQuery, item_of: Callable[[Raw], Item]) -> Page[Item]:
    """The page: the newest rows, down to the oldest key that was read in all partitions."""
    rows = heapq.merge(*(found.rows for found in results), key=_sort_key, reverse=True)
    horizon = max((found.stopped_at for found in results if found.stopped_at), default=None)
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
    """The matching rows of a partition. ``stopped_at``: the last key that was read, None at the end."""

    rows: list[Raw]
    stopped_at: str | None


def _read(table: type[Model], query: ListQuery, partition: _Partition) -> _Found:
    rows: list[Raw] = []
    count = query.skip + query.limit
    condition = _condition(table, query, partition)
    results = table.query(
        partition.key,
        range_key_condition=_range(table, query),
        filter_condition=condition,
        index_name=partition.index,
        scan_index_forward=False,
        page_size=count + 2 if condition is None else MAX_FILTERED_OUT // 2,
    )
    filtered_out = 0
    for page in _pages(results):
        rows.extend(row for row in page["Items"] if _sort_key(row) != query.after)
        filtered_out += page["ScannedCount"] - page["Count"]
        last = page.get("LastEvaluatedKey")
        if last is None:
            return _Found(rows, None)
        if len(rows) > count or filtered_out >= MAX_FILTERED_OUT:
            return _Found(rows, _sort_key(last))
    return _Found(rows, None)


def _pages(results: Any) -> Iterator[dict[str, Any]]:
    return iter(results.page_iter)


def _range(table: type[Model], query: ListQuery) -> Condition | None:
    """The condition for the keys of the page. DynamoDB accepts one condition; ``between`` is inclusive."""
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
    """The exclusive upper bound of the keys of the page."""
    ends = [query.after, iso(query.before) if query.before else None]
    return min((end for end in ends if end), default=None)


def _is_empty(query: ListQuery) -> bool:
    """Whether the range of the query is empty. DynamoDB rejects a range whose end is before its start."""
    end = _end(query)
    return query.since is not None and end is not None and end < iso(query.since)


def _condition(table: type[Model], query: ListQuery, partition: _Partition) -> Condition | None:
    """The condition of the matching rows of the partition."""
    condition = query.condition
    for name, value in partition.filters.items():
        one: Condition = _attribute(table, name) == value
        condition = one if condition is None else condition & one
    return condition


def _attribute(table: type[Model], name: str) -> Any:
    return getattr(table, name)


def _sort_key(row: Raw) -> str:
    return str(row["sort_key"]["S"])


def _list_key(merchant_id: str, shard: int) -> str:
    return f"{merchant_id}#{shard}"
