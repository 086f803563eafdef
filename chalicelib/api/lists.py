"""Lists over HTTP: limit, offset, cursor, filters and totals, the same for every list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.api.call import Call
from chalicelib.api.cursor import Cursor, decode_cursor, encode_cursor
from chalicelib.api.queries import MAX_OFFSET, PageQuery
from chalicelib.api.responses.view import Line, ListView
from chalicelib.store.lists import ListQuery, Page

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Item, Line]):
    """A list: where its pages come from, how a line is shown, and under which name it is counted."""

    read: Callable[[ListQuery], Page[Item]]
    show: Callable[[Item], Line]
    counted_as: str

    def answer(self, call: Call, asked: PageQuery) -> ListView[Line]:
        """The page that was asked for. 2 requests to AWS: the page, and the totals where there are some.

        A page behind MAX_OFFSET is empty and is not read.
        """
        cursor = decode_cursor(asked.cursor) if asked.cursor else Cursor(key=None, skip=asked.offset)
        is_read = cursor.skip <= MAX_OFFSET
        page = self.read(_query(call, asked, cursor)) if is_read else Page[Item](items=[], next_key=None)
        return ListView(
            data=[self.show(item) for item in page.items],
            total=self._total(call, asked),
            limit=asked.limit,
            offset=0 if asked.cursor else asked.offset,
            next_cursor=encode_cursor(Cursor(key=page.next_key, skip=page.skip)) if page.next_key else None,
        )

    def _total(self, call: Call, asked: PageQuery) -> int | None:
        filters = asked.counted_filters()
        if filters is None:
            return None
        return call.gateway.stats.total(call.merchant.id, self.counted_as, *filters)


def _query(call: Call, asked: PageQuery, cursor: Cursor) -> ListQuery:
    return ListQuery(
        merchant_id=call.merchant.id,
        limit=asked.limit,
        skip=cursor.skip,
        after=cursor.key,
        since=asked.since,
        before=asked.before,
        filters={name: value for name, value in asked.filters().items() if value is not None},
    )
