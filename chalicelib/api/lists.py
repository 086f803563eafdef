"""Lists over HTTP: limit, offset, cursor, filters and totals, the same for every list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from chalicelib.api.call import Call
from chalicelib.api.cursor import decode_cursor, encode_cursor
from chalicelib.api.responses import ListView, View
from chalicelib.domain.errors import BadRequestError
from chalicelib.store.lists import ListQuery, Page

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
MAX_OFFSET = 10_000  # reading behind an offset costs what it skips; a cursor costs nothing

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Item]):
    """A list: where its pages come from, how a line is shown, and what it can be filtered by.

    ``filters`` are in the order in which the totals of ``counted_as`` are told apart.
    """

    read: Callable[[ListQuery], Page[Item]]
    show: Callable[[Item], View]
    counted_as: str
    filters: Mapping[str, type[StrEnum]] = field(default_factory=dict)

    def answer(self, call: Call) -> View:
        """The page that was asked for. 2 requests to AWS: the page, and the totals."""
        limit = call.query_integer("limit", default=DEFAULT_LIMIT, minimum=1, maximum=MAX_LIMIT)
        cursor = call.query("cursor")
        offset = call.query_integer("offset", default=0, minimum=0, maximum=MAX_OFFSET)
        skipped = 0 if cursor else offset
        chosen = {name: self._chosen(call, name) for name in self.filters}
        query = ListQuery(
            merchant_id=call.merchant.id,
            limit=skipped + limit,
            after=decode_cursor(cursor) if cursor else None,
            filters={name: value for name, value in chosen.items() if value is not None},
        )
        page = self.read(query)
        return ListView(
            data=[self.show(item) for item in page.items[skipped:]],
            total=call.gateway.stats.total(call.merchant.id, self.counted_as, *chosen.values()),
            limit=limit,
            offset=skipped,
            next_cursor=encode_cursor(page.next_key) if page.next_key else None,
        )

    def _chosen(self, call: Call, name: str) -> str | None:
        text = call.query(name)
        known = [str(value) for value in self.filters[name]]
        if text is None or text in known:
            return text
        raise BadRequestError(f"{name} must be one of {', '.join(known)}", field=name)
