"""Lists over HTTP: limit, offset, cursor, filters and totals, the same for every list."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.api.call import Call
from chalicelib.api.cursor import Cursor, decode_cursor, encode_cursor
from chalicelib.api.queries import MAX_OFFSET, PageQuery
from chalicelib.api.responses.view import Line, ListView
from chalicelib.store.lists import ListQuery, Page

Item = TypeVar("Item")


def list_page(
    call: Call,
    query: PageQuery,
    read: Callable[[ListQuery], Page[Item]],
    show: Callable[[Item], Line],
    *,
    counted_as: str,
) -> ListView[Line]:
    """One page of a list. 2 requests to AWS: the page, and the total if the list is counted.

    ``counted_as`` is the name of the counters of the items. A page after MAX_OFFSET is empty and is not read.
    """
    cursor = decode_cursor(query.cursor) if query.cursor else Cursor(key=None, skip=query.offset)
    is_read = cursor.skip <= MAX_OFFSET
    page = read(_list_query(call, query, cursor)) if is_read else Page[Item](items=[], next_key=None)
    return ListView(
        data=[show(item) for item in page.items],
        total=_total(call, query, counted_as),
        limit=query.limit,
        offset=0 if query.cursor else query.offset,
        next_cursor=encode_cursor(Cursor(key=page.next_key, skip=page.skip)) if page.next_key else None,
    )


def _total(call: Call, query: PageQuery, counted_as: str) -> int | None:
    filters = query.counted_filters()
    if filters is None:
        return None
    return call.gateway.stats.total(call.merchant.id, counted_as, *filters)


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
