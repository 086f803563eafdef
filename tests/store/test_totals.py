"""A total continues where an earlier count stopped, and stays correct while rows are added and removed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from chalicelib.store import totals
from chalicelib.store.lists import ListQuery, Lists
from chalicelib.store.orders import OrderRow, OrderStore
from chalicelib.store.totals import Totals
from tests.bench.consumed import Consumed, consumed
from tests.store import records
from tests.store.stores import NOW, Stores, fresh

PER_REQUEST = 4


@dataclass
class Listed:
    """The orders of one merchant, counted by one process at ``now``, an hour after the first of them."""

    stores: Stores
    now: datetime = NOW + timedelta(hours=1)
    merchant_id: str = field(default_factory=fresh)

    def __post_init__(self) -> None:
        lists = Lists(self.stores.shards, totals=Totals(clock=lambda: self.now))
        self.orders = OrderStore(self.stores.row(OrderRow), self.stores.once, lists)

    def add(self, count: int, *, at: datetime = NOW) -> list[str]:
        """Add orders with the time of creation ``at`` and the following seconds."""
        orders = [
            records.order(merchant_id=self.merchant_id, created_at=at + number * records.SECOND)
            for number in range(count)
        ]
        for order in orders:
            assert self.orders.create(order, None, now=NOW) is None
        return [order.id for order in orders]

    def count(self, **filters: str) -> tuple[int, bool]:
        query = ListQuery(merchant_id=self.merchant_id, limit=10, filters=filters)
        total = self.orders.count(query)
        return total.rows, total.is_minimum

    def requests(self) -> int:
        """The number of requests of a count."""
        counted: Consumed
        with consumed() as counted:
            self.count()
        return len(counted.operations)


@pytest.fixture
def listed(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Listed:
    monkeypatch.setattr(totals, "ROWS_PER_REQUEST", PER_REQUEST)
    monkeypatch.setattr(totals, "MAX_COUNTED", 5 * PER_REQUEST)
    return Listed(stores)


def test_a_second_count_reads_only_the_rest(listed: Listed):
    listed.add(2 * PER_REQUEST + 1)
    assert (listed.requests(), listed.requests()) == (3, 1)
    assert listed.count() == (2 * PER_REQUEST + 1, False)


def test_new_rows_are_counted(listed: Listed):
    listed.add(PER_REQUEST + 1)
    assert listed.count() == (PER_REQUEST + 1, False)
    listed.add(PER_REQUEST, at=NOW + timedelta(minutes=59))
    assert listed.count() == (2 * PER_REQUEST + 1, False)


def test_rows_that_appear_late_between_recent_ones_are_counted(listed: Listed):
    """The index can show a row after a later one."""
    recent = listed.now - timedelta(minutes=2)
    listed.add(2 * PER_REQUEST, at=recent)
    assert listed.count() == (2 * PER_REQUEST, False)
    listed.add(1, at=recent - timedelta(minutes=1))
    assert listed.count() == (2 * PER_REQUEST + 1, False)


def test_the_count_of_a_very_long_list_is_a_minimum_and_then_needs_no_request(listed: Listed):
    listed.add(5 * PER_REQUEST + 1)
    assert listed.requests() == 5
    assert listed.count() == (5 * PER_REQUEST, True)
    assert listed.requests() == 0


def test_removed_rows_are_counted_for_some_minutes_only(listed: Listed):
    first, *_ = listed.add(PER_REQUEST + 1)
    listed.count()
    listed.stores.row(OrderRow)(first).delete()
    listed.now += totals.REMEMBERED_FOR
    assert listed.count() == (PER_REQUEST, False)


def test_lists_and_filters_are_counted_separately(listed: Listed):
    other = Listed(listed.stores)
    listed.add(PER_REQUEST + 1)
    other.orders = listed.orders
    assert listed.count() == (PER_REQUEST + 1, False)
    assert other.count() == (0, False)
    assert listed.count(status="created") == (PER_REQUEST + 1, False)
    assert listed.count(status="paid") == (0, False)


def test_the_number_of_remembered_lists_is_limited(listed: Listed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(totals, "MAX_REMEMBERED", 1)
    other = Listed(listed.stores)
    other.orders = listed.orders
    listed.add(PER_REQUEST + 1)
    other.add(PER_REQUEST + 1)
    for _ in range(2):
        assert listed.count() == other.count() == (PER_REQUEST + 1, False)
