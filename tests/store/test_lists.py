"""Lists in the tables: every row once, newest first, within the query's time range and filters."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.order import Order
from chalicelib.domain.payment import PaymentStatus
from chalicelib.store import lists
from chalicelib.store.lists import ListQuery, Page
from tests.rounds import MAX_PAGES, rounds
from tests.store import records
from tests.store.stores import NOW, Stores, fresh

SECOND = records.SECOND


def pages(read: Callable[[ListQuery], Page[Any]], query: ListQuery) -> Iterator[Page[Any]]:
    for _ in rounds("the last page has no key", at_most=MAX_PAGES):
        page = read(query)
        yield page
        if page.next_key is None:
            return
        query = replace(query, after=page.next_key, skip=page.skip)


def ids(read: Callable[[ListQuery], Page[Any]], query: ListQuery) -> list[str]:
    return [item.id for page in pages(read, query) for item in page.items]


@pytest.fixture
def merchant_id() -> str:
    return fresh()


def orders(stores: Stores, merchant_id: str, count: int) -> list[Order]:
    """Orders, one second apart, oldest first."""
    made = [
        records.order(merchant_id=merchant_id, created_at=NOW + number * SECOND) for number in range(count)
    ]
    for order in made:
        assert stores.orders.create(order, None, now=NOW) is None
    return made


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_pages_contain_every_row_once_newest_first(stores: Stores, merchant_id: str, shards: int, limit: int):
    sharded = replace(stores, shards=shards)
    made = orders(sharded, merchant_id, 6)
    read = list(pages(sharded.orders.page, ListQuery(merchant_id=merchant_id, limit=limit)))
    assert [order for page in read for order in page.items] == made[::-1]
    assert all(len(page.items) <= limit for page in read)


def test_rows_with_the_same_time_are_complete_for_any_page_size(stores: Stores, merchant_id: str):
    made = {records.order(merchant_id=merchant_id).id for _ in range(5)}
    for id_ in made:
        stores.orders.create(records.order(merchant_id=merchant_id, id=id_), None, now=NOW)
    assert ids(stores.orders.page, ListQuery(merchant_id=merchant_id, limit=2)) == sorted(made, reverse=True)


@pytest.mark.parametrize("limit", [1, 10])
def test_the_start_is_inclusive_and_the_end_exclusive(stores: Stores, merchant_id: str, limit: int):
    made = [order.id for order in orders(stores, merchant_id, 6)]
    query = ListQuery(merchant_id=merchant_id, limit=limit)
    since, before = NOW + SECOND, NOW + 4 * SECOND
    assert ids(stores.orders.page, replace(query, since=since)) == made[:0:-1]
    assert ids(stores.orders.page, replace(query, before=before)) == made[3::-1]
    assert ids(stores.orders.page, replace(query, since=since, before=before)) == made[3:0:-1]


def test_an_empty_time_range_has_no_rows(stores: Stores, merchant_id: str):
    orders(stores, merchant_id, 3)
    query = ListQuery(merchant_id=merchant_id, limit=2, since=NOW + SECOND, before=NOW + SECOND)
    assert stores.orders.page(query).items == []
    assert stores.orders.page(replace(query, before=NOW)).items == []


def test_a_cursor_before_the_time_range_returns_no_rows(stores: Stores, merchant_id: str):
    """A client that changes the time range between pages gets an empty page, and no error."""
    orders(stores, merchant_id, 3)
    first = stores.orders.page(ListQuery(merchant_id=merchant_id, limit=2))
    query = ListQuery(merchant_id=merchant_id, limit=2, after=first.next_key, since=NOW + 2 * SECOND)
    assert stores.orders.page(query) == Page(items=[], next_key=None)


@pytest.mark.parametrize("after", ["~", "\U0001f600", "2126", " "])
def test_an_unknown_cursor_is_a_position_in_the_list(stores: Stores, merchant_id: str, after: str):
    made = [order.id for order in orders(stores, merchant_id, 2)]
    found = ids(stores.orders.page, ListQuery(merchant_id=merchant_id, limit=5, after=after))
    assert found == ([] if after < "2126-" else made[::-1])


@pytest.mark.parametrize("shards", [1, 2])
def test_a_filter_returns_all_matching_rows_even_if_they_are_rare(
    stores: Stores, merchant_id: str, shards: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lists, "MAX_FILTERED_OUT", 4)
    sharded, rare = replace(stores, shards=shards), []
    for number in range(13):
        status = PaymentStatus.FAILED if number % 6 == 0 else PaymentStatus.SUCCESS
        payment = records.stored(
            sharded, merchant_id=merchant_id, status=status, created_at=NOW + timedelta(seconds=number)
        )
        rare += [payment.id] if status is PaymentStatus.FAILED else []
    query = ListQuery(merchant_id=merchant_id, limit=1, filters={"status": "failed", "method": "upi"})
    assert ids(sharded.payments.page, query) == rare[::-1]
    assert ids(sharded.payments.page, replace(query, filters={"method": "card"})) == []


@pytest.mark.parametrize("shards", [1, 2])
@pytest.mark.parametrize("skip", [0, 1, 5, 9, 12, 13, 14])
@pytest.mark.parametrize("filters", [{}, {"method": "upi"}, {"order_id": "{order_id}"}, {"status": "failed"}])
def test_a_page_starts_after_the_skipped_rows_for_any_filter(
    on_moto: Stores, skip: int, shards: int, filters: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    """Rows that do not match count towards the limit of reads; the next page continues after them."""
    monkeypatch.setattr(lists, "MAX_FILTERED_OUT", 4)
    stores, merchant_id, order_id = replace(on_moto, shards=shards), fresh(), fresh("order_")
    made = []
    for number in range(13):
        status = PaymentStatus.FAILED if number % 4 == 0 else PaymentStatus.SUCCESS
        created_at = NOW + number * SECOND
        payment = records.payment(
            merchant_id=merchant_id, order_id=order_id, status=status, created_at=created_at
        )
        stores.payments._row(payment).save()
        made.append(payment)
    filters = {name: value.format(order_id=order_id) for name, value in filters.items()}
    wanted = [one.id for one in made[::-1] if "status" not in filters or one.status == "failed"][skip:]
    query = ListQuery(merchant_id=merchant_id, limit=3, skip=skip, filters=filters)
    read = list(pages(stores.payments.page, query))
    assert [payment.id for page in read for payment in page.items] == wanted
    if "status" not in filters:
        assert [payment.id for payment in read[0].items] == wanted[:3]


def test_a_list_contains_the_rows_of_one_merchant(stores: Stores, merchant_id: str):
    orders(stores, merchant_id, 1)
    assert ids(stores.orders.page, ListQuery(merchant_id=merchant_id[:-1], limit=5)) == []


def test_the_payments_of_an_order_and_the_refunds_and_logs_of_a_payment_are_found(
    stores: Stores, merchant_id: str
):
    order_id = fresh("order_")
    order = records.order(id=order_id, merchant_id=merchant_id)
    stores.orders.create(order, None, now=NOW)
    paid = [
        records.payment(
            merchant_id=merchant_id,
            order_id=order_id,
            status=PaymentStatus.SUCCESS,
            created_at=NOW + n * SECOND,
        )
        for n in range(3)
    ]
    for payment in paid:
        stores.payments.create(payment, None, now=NOW)
    records.succeeded(stores, merchant_id=merchant_id)
    refunds = [records.refund(paid[0], 1, created_at=NOW + n * SECOND) for n in range(3)]
    for refund in refunds:
        assert stores.refunds.create(refund, None, now=NOW) is None
    log = records.webhook_log(merchant_id=merchant_id, payment_id=paid[0].id)
    stores.logs.create(log)
    query = ListQuery(merchant_id=merchant_id, limit=2, filters={"order_id": order_id})
    assert ids(stores.payments.page, query) == [payment.id for payment in paid[::-1]]
    assert ids(stores.payments.page, replace(query, merchant_id="another")) == []
    query = replace(query, filters={"payment_id": paid[0].id})
    assert ids(stores.refunds.page, query) == [refund.id for refund in refunds[::-1]]
    assert ids(stores.logs.page, query) == [log.id]


def test_a_listed_log_is_the_log_without_its_attempts(stores: Stores, merchant_id: str):
    log = records.webhook_log(merchant_id=merchant_id, round=0)
    stores.logs.create(log)
    (listed,) = stores.logs.page(ListQuery(merchant_id=merchant_id, limit=1)).items
    assert listed == log
