"""Paging through a list while rows are added: a reader sees each row that existed at the start, once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store import lists
from chalicelib.store.lists import ListQuery
from tests.store import records
from tests.store.machine import play
from tests.store.stores import NOW, Stores, fresh

moments = st.integers(0, 9).map(
    lambda second: NOW + timedelta(seconds=second)
)  # many rows with the same time
bounds = st.none() | moments
filters = st.sampled_from([{}, {"status": "failed"}, {"status": "success", "method": "upi"}])

Bound = datetime | None


@dataclass
class Reader:
    """A client that pages through a list."""

    query: ListQuery
    existing: list[str]
    seen: list[str] = field(default_factory=list)
    pages: int = 0


class Paging(RuleBasedStateMachine):
    """The index, compared with a sorted list, and readers at different positions."""

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores = stores
        self.merchant_id = fresh()
        self.rows: dict[str, Payment] = {}
        self.readers: list[Reader] = []

    @rule(
        created_at=moments,
        status=st.sampled_from([PaymentStatus.SUCCESS, PaymentStatus.FAILED]),
        count=st.integers(1, 4),
    )
    def add(self, created_at: datetime, status: PaymentStatus, count: int) -> None:
        for _ in range(count):
            payment = records.stored(
                self.stores, merchant_id=self.merchant_id, created_at=created_at, status=status
            )
            self.rows[self._key(payment)] = payment

    @rule(limit=st.integers(1, 5), since=bounds, before=bounds, filters=filters)
    def begin(
        self, limit: int, since: datetime | None, before: datetime | None, filters: Mapping[str, str]
    ) -> None:
        query = ListQuery(
            merchant_id=self.merchant_id, limit=limit, since=since, before=before, filters=filters
        )
        self.readers.append(Reader(query, self._listed(query)))

    @precondition(lambda self: self.readers)
    @rule(place=st.integers(0, 100), count=st.integers(1, 5))
    def read_pages(self, place: int, count: int) -> None:
        reader = self.readers[place % len(self.readers)]
        for _ in range(count):
            if self._read_page(reader):
                self.readers.remove(reader)
                return

    @invariant()
    def every_reader_reaches_the_end(self) -> None:
        assert all(reader.pages <= len(self.rows) + 1 for reader in self.readers)

    def _read_page(self, reader: Reader) -> bool:
        """Read a page; returns whether it is the last one."""
        ahead = self._listed(reader.query)
        page = self.stores.payments.page(reader.query)
        keys = [self._key(payment) for payment in page.items]
        assert len(keys) <= reader.query.limit
        assert keys == ahead[: len(keys)]
        reader.seen += keys
        reader.pages += 1
        if page.next_key is None:
            assert keys == ahead
            assert len(reader.seen) == len(set(reader.seen))
            assert set(reader.existing) <= set(reader.seen)
            return True
        assert reader.query.after is None or page.next_key < reader.query.after
        reader.query = replace(reader.query, after=page.next_key)
        return False

    def _listed(self, query: ListQuery) -> list[str]:
        """The keys of the remaining rows of the query."""
        keys = [key for key, payment in self.rows.items() if _is_in(payment, query)]
        return sorted((key for key in keys if query.after is None or key < query.after), reverse=True)

    def _key(self, payment: Payment) -> str:
        key: str = self.stores.lists.keys(self.merchant_id, payment.id, payment.created_at)["sort_key"]
        return key


def _is_in(payment: Payment, query: ListQuery) -> bool:
    return (
        (query.since is None or payment.created_at >= query.since)
        and (query.before is None or payment.created_at < query.before)
        and payment.status == query.filters.get("status", payment.status)
    )


@pytest.mark.parametrize(("engine", "shards"), [("on_moto", 3), ("on_dynamodb_local", 1)])
def test_pages_of_a_growing_list_contain_each_row_once(
    request: pytest.FixtureRequest, engine: str, shards: int, monkeypatch: pytest.MonkeyPatch
):
    """Runs on DynamoDB Local too, because a page at the end of a list differs on moto."""
    monkeypatch.setattr(lists, "MAX_FILTERED_OUT", 4)  # pages that are shorter because of a filter
    play(partial(Paging, replace(request.getfixturevalue(engine), shards=shards)))
