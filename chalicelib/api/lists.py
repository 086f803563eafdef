"""Lists over HTTP: limit, offset, cursor, filters and totals, the same for every list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from chalicelib.api.call import Call
from chalicelib.api.cursor import Cursor, decode_cursor, encode_cursor
from chalicelib.api.queries import MAX_OFFSET, PageQuery
from chalicelib.api.responses.view import Line, ListView
from chalicelib.store.lists import ListQuery, Page, created_at_of
from chalicelib.store.totals import Total

Item = TypeVar("Item")


class MerchantList(Protocol[Item]):
    """A list of the merchants' records."""

    def page(self, query: ListQuery) -> Page[Item]:
        """One page, newest first."""
        ...

    def count(self, query: ListQuery) -> Total:
        """The number of rows, up to a limit."""
        ...


def list_page(
    call: Call,
    query: PageQuery,
    items: MerchantList[Item],
    show: Callable[[Item], Line],
) -> ListView[Line]:
    """One page of a list. 2 requests to AWS per shard: the page, and the total if the query is counted.

    A page after MAX_OFFSET is empty and is not read.
    """
    cursor = decode_cursor(query.cursor) if query.cursor else Cursor(key=None, skip=query.offset)
    is_read = cursor.skip <= MAX_OFFSET
    wanted = _list_query(call, query, cursor)
    page = items.page(wanted) if is_read else Page[Item](items=[], next_key=None)
    total = items.count(replace(wanted, after=None, skip=0)) if query.is_counted() else None
    return ListView(
        data=[show(item) for item in page.items],
        total=total.rows if total else None,
        total_is_minimum=total is not None and total.is_minimum,
        limit=query.limit,
        offset=0 if query.cursor else query.offset,
        next_cursor=encode_cursor(Cursor(key=page.next_key, skip=page.skip)) if page.next_key else None,
        searched_until=_searched_until(page, query.limit),
    )


def _searched_until(page: Page[Item], limit: int) -> datetime | None:
    """The time back to which a short page was read, unless it skips an offset or is the last one."""
    if not page.next_key or page.skip or len(page.items) >= limit:
        return None
    return created_at_of(page.next_key)


def _list_query(call: Call, query: PageQuery, cursor: Cursor) -> ListQuery:
    return ListQuery(
        merchant_id=call.merchant.id,
        limit=query.limit,
        skip=cursor.skip,
        after=cursor.key,
        since=query.since,
        before=query.before,
        filters={name: value for name, value in query.filters().items() if value is not None},
    )
