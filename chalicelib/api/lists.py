"""Lists over HTTP: limit, offset, cursor, filters and totals, the same for every list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.api.call import Call
from chalicelib.api.cursor import decode_cursor, encode_cursor
from chalicelib.api.queries import PageQuery
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
        """The page that was asked for. 2 requests to AWS: the page, and the totals where there are some."""
        skipped = 0 if asked.cursor else asked.offset
        query = ListQuery(
            merchant_id=call.merchant.id,
            limit=skipped + asked.limit,
            after=decode_cursor(asked.cursor) if asked.cursor else None,
            since=asked.since,
            before=asked.before,
            filters={name: value for name, value in asked.filters().items() if value is not None},
        )
        page = self.read(query)
        return ListView(
            data=[self.show(item) for item in page.items[skipped:]],
            total=self._total(call, asked),
            limit=asked.limit,
            offset=skipped,
            next_cursor=encode_cursor(page.next_key) if page.next_key else None,
        )

    def _total(self, call: Call, asked: PageQuery) -> int | None:
        filters = asked.counted_filters()
        if filters is None:
            return None
        return call.gateway.stats.total(call.merchant.id, self.counted_as, *filters)
