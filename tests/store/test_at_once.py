"""Writes at the same time: one of them is first, and the others are told."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest

from chalicelib.domain.counters import CounterKey
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.store.counters import Counted
from chalicelib.store.payments import PaymentRefusedError
from chalicelib.store.webhook_logs import AttemptHeldError
from tests.store import records
from tests.store.stores import NOW, Stores, fresh

MANY = 8
Answer = TypeVar("Answer")


@pytest.fixture(params=["on_ministack", "on_dynamodb_local"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Not on moto, which is one process and does one thing after another."""
    made: Stores = request.getfixturevalue(request.param)
    return made


def at_once(ask: Callable[[int], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(ask, range(MANY)))


def test_refunds_at_once_never_give_back_more_than_was_paid(stores: Stores):
    payment = records.succeeded(stores)

    def ask(_: int) -> bool:
        try:
            stores.refunds.create(records.refund(payment, 20_000), None, now=NOW)
        except PaymentRefusedError:
            return False
        return True

    assert Counter(at_once(ask)) == {True: 2, False: MANY - 2}
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert (stands.amount_refundable, stands.sequence) == (10_000, payment.sequence + 2)


def test_a_refund_that_fails_at_once_gives_back_once(stores: Stores):
    payment = records.succeeded(stores)
    refund = records.refund(payment)
    stores.refunds.create(refund, None, now=NOW)
    answers = at_once(lambda _: stores.refunds.settle(refund, RefundStatus.FAILED, now=NOW))
    assert sum(answer is not None for answer in answers) == 1
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert stands.amount_refundable == 50_000


def test_a_key_that_is_used_at_once_makes_one_object_and_all_get_its_answer(stores: Stores):
    key, orders = fresh(), [records.order() for _ in range(MANY)]
    uses = [records.record(key) for _ in orders]
    answers = at_once(lambda number: stores.orders.create(orders[number], uses[number], now=NOW))
    (first,) = (number for number, answer in enumerate(answers) if answer is None)
    assert [order.id for order in orders if stores.orders.get(order.id)] == [orders[first].id]
    assert {answer.response for answer in answers if answer} == {uses[first].response}


def test_a_payment_is_settled_and_captured_by_one(stores: Stores):
    payment = records.stored(stores)
    outcomes = [PaymentStatus.SUCCESS, PaymentStatus.FAILED]
    settled = at_once(
        lambda number: stores.payments.settle(
            payment.id, payment.order_id, outcomes[number % 2], decline=None, now=NOW
        )
    )
    (winner,) = (number for number, is_settled in enumerate(settled) if is_settled)
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert (stands.status, stands.sequence) == (outcomes[winner % 2], payment.sequence + 1)


def test_an_attempt_is_claimed_by_one(stores: Stores):
    log = records.webhook_log()
    stores.logs.create(log)

    def claim(number: int) -> bool:
        until = NOW + timedelta(seconds=20 + number)
        try:
            return stores.logs.claim(log.id, attempts=0, round_=0, now=NOW, until=until) is not None
        except AttemptHeldError:
            return False

    assert Counter(at_once(claim)) == {True: 1, False: MANY - 1}


def test_a_change_that_many_tell_at_once_is_counted_once(stores: Stores):
    owner = fresh()
    changes = [
        Counted(change_id=fresh(), counts={CounterKey(owner, "total#a"): 10**number})
        for number in range(MANY)
    ]
    at_once(lambda number: stores.counters.count(changes[number:] + changes[:number], now=NOW))
    assert stores.counters.read(owner) == {"total#a": 11_111_111}
