"""Lists: newest first, every row once, for any page size, filter and number of shards."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.store.lists import MAX_FILTERED_OUT, ListQuery
from tests.cloud import START, Cloud, cloud
from tests.rounds import MAX_PAGES, rounds
from tests.services.shop import MERCHANT_ID, order, paid, pay, refund, send_test, set_url


def all_pages(read, *, limit: int, **filters: str) -> list[list[str]]:
    """The ids of every page of a list."""
    pages: list[list[str]] = []
    after = None
    for _ in rounds("the last page has no key", at_most=MAX_PAGES):
        page = read.page(ListQuery(merchant_id=MERCHANT_ID, limit=limit, after=after, filters=filters))
        pages.append([item.id for item in page.items])
        after = page.next_key
        if after is None:
            break
    return pages


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("limit", [1, 3, 7, 8, 100])
def test_pages_contain_every_row_once_newest_first(shards: int, limit: int):
    with cloud(LIST_SHARDS=str(shards)) as made:
        ids = []
        for _ in range(8):
            ids.append(order(made).id)
            made.time.shift(1)
        pages = all_pages(made.gateway.stores.orders, limit=limit)
        assert [id_ for page in pages for id_ in page] == ids[::-1]
        assert all(len(page) <= limit for page in pages)


def test_another_merchants_rows_are_not_in_the_list(cloud: Cloud):
    order(cloud)
    assert cloud.gateway.stores.orders.page(ListQuery(merchant_id="another", limit=10)).items == []


@pytest.mark.parametrize("shards", [1, 2])
def test_a_filter_returns_the_matching_rows(shards: int):
    with cloud(LIST_SHARDS=str(shards)) as made:
        made.gateway.onboarding.seed_test_merchant()
        set_url(made)
        made.sender.script = [410, 200, 410, 200, 200]
        ids = [send_test(made)]
        for _ in range(4):
            made.run(for_s=1)
            ids.append(send_test(made))
        made.run(for_s=1)
        failed = all_pages(made.gateway.stores.webhook_logs, limit=1, status=WebhookStatus.FAILED)
        assert [id_ for page in failed for id_ in page] == [ids[2], ids[0]]


def test_a_filter_without_matches_ends(cloud: Cloud):
    pay(cloud)
    assert all_pages(cloud.gateway.stores.payments, limit=5, status="failed", method="card") == [[]]


def test_a_page_of_a_list_is_one_request(cloud: Cloud):
    payment = paid(cloud)
    cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)
    refund(cloud, payment.id, 1)
    asked: list[str] = []
    cloud.count_requests(asked)
    for read in (cloud.gateway.stores.orders, cloud.gateway.stores.payments, cloud.gateway.stores.refunds):
        assert len(read.page(ListQuery(merchant_id=MERCHANT_ID, limit=10)).items) == 1
    assert asked == ["dynamodb.Query"] * 3


def test_a_listed_payment_equals_the_payment(cloud: Cloud):
    payment = paid(cloud)
    refund(cloud, payment.id, 100)
    (listed,) = cloud.gateway.stores.payments.page(ListQuery(merchant_id=MERCHANT_ID, limit=1)).items
    single = cloud.gateway.payments.get(payment.id)
    assert (listed.amount_refunded, listed.status, listed.money) == (100, single.status, single.money)
    assert listed.instrument.vpa == single.instrument.vpa


def test_a_page_with_a_sparse_filter_reads_a_bounded_number_of_rows(cloud: Cloud):
    for _ in range(MAX_FILTERED_OUT // 100):
        order(cloud)
    asked: list[str] = []
    cloud.count_requests(asked)
    all_pages(cloud.gateway.stores.orders, limit=1, status="none")
    assert len(asked) == 1


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_a_time_range_applies_to_every_page(cloud: Cloud, limit: int):
    ids = []
    for _ in range(6):
        ids.append(order(cloud).id)
        cloud.time.shift(60)
    since, before = START + timedelta(seconds=60), START + timedelta(seconds=240)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"since": since}, ids[1:]),
        ({"before": before}, ids[:4]),
        ({"since": since, "before": before}, ids[1:4]),
    ]
    for bounds, expected in cases:
        found, after = [], None
        for _ in rounds("the last page has no key", at_most=MAX_PAGES):
            query = ListQuery(merchant_id=MERCHANT_ID, limit=limit, after=after, **bounds)
            page = cloud.gateway.stores.orders.page(query)
            found += [item.id for item in page.items]
            after = page.next_key
            if after is None:
                break
        assert found == expected[::-1]


def test_a_filter_by_payment_finds_its_webhooks(cloud: Cloud):
    set_url(cloud)
    payment = paid(cloud)
    paid(cloud)
    asked: list[str] = []
    cloud.count_requests(asked)
    page = cloud.gateway.stores.webhook_logs.page(
        ListQuery(merchant_id=MERCHANT_ID, limit=10, filters={"payment_id": payment.id})
    )
    assert [log.event for log in page.items] == ["payment.success", "payment.pending", "payment.created"]
    assert asked == ["dynamodb.Query", "dynamodb.BatchGetItem"]


def test_an_index_of_ids_is_read_once_for_any_number_of_shards():
    with cloud(LIST_SHARDS="4") as made:
        payment = paid(made)
        paid(made)
        asked: list[str] = []
        made.count_requests(asked)
        page = made.gateway.stores.payments.page(
            ListQuery(merchant_id=MERCHANT_ID, limit=10, filters={"order_id": payment.order_id})
        )
        assert [each.id for each in page.items] == [payment.id]
        assert asked == ["dynamodb.Query"]
