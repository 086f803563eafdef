"""Concurrent writes: one succeeds, and the others receive an error or its result."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import pytest

from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.store.payments import PaymentRefusedError
from chalicelib.store.webhook_logs import AttemptHeldError
from chalicelib.store.write import BusyError
from tests.rounds import rounds
from tests.store import records
from tests.store.stores import NOW, Stores, fresh
from tests.store.test_events import feed, payments

MANY = 8
Answer = TypeVar("Answer")


@pytest.fixture(params=["on_ministack", "on_dynamodb_local"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Without moto, which handles one request at a time."""
    made: Stores = request.getfixturevalue(request.param)
    return made


def concurrently(send: Callable[[int], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(send, range(MANY)))


def test_concurrent_refunds_never_exceed_the_payment(stores: Stores):
    payment = records.succeeded(stores)

    def send(_: int) -> bool:
        try:
            stores.refunds.create(records.refund(payment, 20_000), None, now=NOW)
        except PaymentRefusedError:
            return False
        return True

    assert Counter(concurrently(send)) == {True: 2, False: MANY - 2}
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert (stands.amount_refundable, stands.sequence) == (10_000, payment.sequence + 2)


def test_a_refund_that_fails_concurrently_releases_its_amount_once(stores: Stores):
    payment = records.succeeded(stores)
    refund = records.refund(payment)
    stores.refunds.create(refund, None, now=NOW)
    answers = concurrently(lambda _: stores.refunds.settle(refund, RefundStatus.FAILED, now=NOW))
    assert sum(answer is not None for answer in answers) == 1
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert stands.amount_refundable == 50_000


def test_a_key_that_is_used_concurrently_creates_one_object_with_one_response(stores: Stores):
    key, orders = fresh(), [records.order() for _ in range(MANY)]
    uses = [records.record(key) for _ in orders]
    answers = concurrently(lambda number: stores.orders.create(orders[number], uses[number], now=NOW))
    (first,) = (number for number, answer in enumerate(answers) if answer is None)
    assert [order.id for order in orders if stores.orders.get(order.id)] == [orders[first].id]
    assert {answer.response for answer in answers if answer} == {uses[first].response}


def test_only_one_request_settles_and_captures_a_payment(stores: Stores):
    payment = records.stored(stores)
    outcomes = [PaymentStatus.SUCCESS, PaymentStatus.FAILED]
    settled = concurrently(
        lambda number: stores.payments.settle(
            payment.id, payment.order_id, outcomes[number % 2], decline=None, now=NOW
        )
    )
    (winner,) = (number for number, is_settled in enumerate(settled) if is_settled)
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert (stands.status, stands.sequence) == (outcomes[winner % 2], payment.sequence + 1)


def test_only_one_worker_claims_an_attempt(stores: Stores):
    log = records.webhook_log()
    stores.logs.create(log)

    def claim(number: int) -> bool:
        until = NOW + timedelta(seconds=20 + number)
        try:
            return stores.logs.claim(log.id, attempts=0, round_=0, now=NOW, until=until) is not None
        except AttemptHeldError:
            return False

    assert Counter(concurrently(claim)) == {True: 1, False: MANY - 1}


def test_events_that_are_delivered_concurrently_are_recorded_once_in_a_chain(stores: Stores):
    merchant_id = fresh()
    events = payments(merchant_id, MANY)

    def send(number: int) -> None:
        for _ in rounds("the recorder is not busy", at_most=100):
            with suppress(BusyError):  # the stream delivers the batch again
                stores.events.record(merchant_id, events[number:] + events[:number], now=NOW)
                break

    concurrently(send)
    assert sorted(feed(stores, merchant_id)) == sorted(one.event.id for one in events)
    assert stores.counters.read(merchant_id)["total#events"] == len(events)
