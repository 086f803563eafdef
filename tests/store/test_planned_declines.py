"""The planned declines of a merchant, on every engine: each is used once, in their order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain.decline import DeclineCode
from chalicelib.store.planned_declines import MAX_PLANNED
from tests.store.stores import NOW, Stores, fresh

FRAUD, LIMIT = DeclineCode.FRAUD_SUSPECTED, DeclineCode.LIMIT_EXCEEDED
LATER = NOW + timedelta(milliseconds=1)


@pytest.fixture
def merchant() -> str:
    return fresh("merchant-")


def take(stores: Stores, merchant: str, payment: str) -> DeclineCode | None:
    return stores.declines.take(merchant, payment, due_at=LATER)


def test_payments_get_the_declines_in_their_order(stores: Stores, merchant: str):
    assert stores.declines.plan(merchant, [FRAUD], now=NOW) == [FRAUD]
    assert stores.declines.plan(merchant, [LIMIT, LIMIT], now=NOW) == [FRAUD, LIMIT, LIMIT]
    taken = [take(stores, merchant, f"sim_{number}") for number in range(4)]
    assert taken == [FRAUD, LIMIT, LIMIT, None]
    assert stores.declines.plan(merchant, [FRAUD], now=NOW) == [FRAUD]


def test_a_payment_keeps_its_decline(stores: Stores, merchant: str):
    stores.declines.plan(merchant, [FRAUD, LIMIT], now=NOW)
    assert [take(stores, merchant, "sim_1") for _ in range(2)] == [FRAUD, FRAUD]
    assert stores.declines.taken(merchant, "sim_1") is FRAUD
    assert stores.declines.taken(merchant, "sim_2") is None
    assert take(stores, merchant, "sim_2") is LIMIT


def test_a_payment_that_was_due_before_is_not_declined(stores: Stores, merchant: str):
    stores.declines.plan(merchant, [FRAUD], now=LATER)
    assert stores.declines.take(merchant, "sim_1", due_at=NOW) is None
    assert stores.declines.take(merchant, "sim_2", due_at=LATER) is FRAUD


def test_merchants_have_separate_declines(stores: Stores, merchant: str):
    stores.declines.plan(merchant, [FRAUD], now=NOW)
    assert take(stores, fresh("merchant-"), "sim_1") is None


def test_concurrent_payments_share_no_decline(stores: Stores, merchant: str):
    stores.declines.plan(merchant, [FRAUD, LIMIT], now=NOW)
    with ThreadPoolExecutor(max_workers=4) as threads:
        taken = list(threads.map(lambda number: take(stores, merchant, f"sim_{number}"), range(4)))
    assert sorted(taken, key=str) == [None, None, FRAUD, LIMIT]


def test_a_merchant_plans_at_most_so_many(stores: Stores, merchant: str):
    assert stores.declines.plan(merchant, [FRAUD] * MAX_PLANNED, now=NOW)
    assert stores.declines.plan(merchant, [FRAUD], now=NOW) is None
    assert take(stores, merchant, "sim_1") is FRAUD
