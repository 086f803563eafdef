"""Payments and refunds in the tables, on every engine."""

from datetime import timedelta

import pytest

from chalicelib.domain.decline import Decline
from chalicelib.domain.money import MAX_AMOUNT, Money
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.store.payments import PaymentRefusedError
from tests.domain.examples import CARD
from tests.store import records
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import Wire

LATER = NOW + timedelta(seconds=5)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"instrument": CARD},
        {"money": Money(MAX_AMOUNT, "USD")},
        {
            "status": PaymentStatus.FAILED,
            "decline": Decline(description="Nein, 不"),
        },
    ],
)
def test_a_payment_is_read_as_written(stores: Stores, changes: dict[str, object]):
    payment = records.stored(stores, **changes)
    assert stores.payments.get(payment.id) == payment


@pytest.mark.parametrize("notes", [{}, {"": [None, True, 1.5, {"ключ": "\U0001f600"}], "big": 2**60}])
@pytest.mark.parametrize("receipt", [None, "", "receipt \u20b9"])
def test_an_order_is_read_as_written(stores: Stores, notes: dict[str, object], receipt: str | None):
    order = records.order(notes=notes, receipt=receipt)
    assert stores.orders.create(order, None, now=NOW) is None
    assert stores.orders.get(order.id) == order


def test_a_missing_row_is_none(stores: Stores):
    nothing = fresh()
    assert stores.orders.get(nothing) is None
    assert stores.payments.get(nothing) is None
    assert stores.refunds.get(nothing) is None
    assert stores.logs.get(nothing) is None
    assert stores.merchants.get(nothing) is None
    decline = Decline(description="")
    assert stores.payments.settle(nothing, nothing, PaymentStatus.FAILED, decline=decline, now=NOW) is False
    assert stores.payments.get(nothing) is None


def test_a_failed_payment_has_its_reason(stores: Stores):
    payment = records.stored(stores)
    decline = Decline(description="Declined")
    assert stores.payments.settle(
        payment.id, payment.order_id, PaymentStatus.FAILED, decline=decline, now=LATER
    )
    settled = stores.payments.get(payment.id)
    assert settled is not None
    assert (settled.decline, settled.updated_at) == (decline, LATER)


def test_a_retried_capture_whose_response_was_lost_succeeds(stores: Stores):
    payment = records.succeeded(stores)
    with Wire(repeats=True).between(stores):
        captured = stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
    assert captured == stores.payments.get(payment.id)
    assert (captured.captured_at, captured.sequence) == (LATER, payment.sequence + 1)


def test_only_one_of_two_simultaneous_captures_succeeds(stores: Stores):
    payment = records.succeeded(stores)
    captured = stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
    with pytest.raises(PaymentRefusedError) as refused:
        stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
    assert refused.value.payment == captured


@pytest.mark.parametrize("amount", [49_999, 50_001])
def test_a_capture_of_another_amount_is_rejected(stores: Stores, amount: int):
    payment = records.succeeded(stores)
    with pytest.raises(PaymentRefusedError) as refused:
        stores.captures.capture(payment.id, payment.merchant_id, amount, now=LATER)
    assert refused.value.payment == payment == stores.payments.get(payment.id)


def test_anothers_payment_is_not_found(stores: Stores):
    payment = records.succeeded(stores)
    with pytest.raises(PaymentRefusedError) as refused:
        stores.captures.capture(payment.id, "another", None, now=LATER)
    assert refused.value.payment is None
    with pytest.raises(PaymentRefusedError) as refused:
        stores.refunds.create(records.refund(payment, merchant_id="another"), None, now=LATER)
    assert refused.value.payment is None
    assert stores.payments.get(payment.id) == payment


@pytest.mark.parametrize("merchant_id", ["another", None])
def test_a_refund_without_a_payment_writes_nothing(stores: Stores, merchant_id: str | None):
    refund = records.refund(records.payment())
    with pytest.raises(PaymentRefusedError) as refused:
        stores.refunds.create(refund, records.record() if merchant_id else None, now=NOW)
    assert refused.value.payment is None
    assert stores.refunds.get(refund.id) is None
    assert stores.payments.get(refund.payment_id) is None


def test_refunds_reserve_until_no_amount_is_left(stores: Stores):
    payment = records.succeeded(stores)
    for left in (20_000, 0):
        amount = 30_000 if left else 20_000
        assert stores.refunds.create(records.refund(payment, amount), None, now=NOW) is None
        stands = stores.payments.get(payment.id)
        assert stands is not None
        assert stands.amount_refundable == left
    with pytest.raises(PaymentRefusedError) as refused:
        stores.refunds.create(records.refund(payment, 1), None, now=NOW)
    assert refused.value.payment == stores.payments.get(payment.id)


def test_a_failed_refund_releases_its_amount_once(stores: Stores):
    payment = records.succeeded(stores)
    refund = records.refund(payment)
    stores.refunds.create(refund, None, now=NOW)
    assert stores.refunds.settle(refund, RefundStatus.FAILED, now=LATER) is not None
    assert stores.refunds.settle(refund, RefundStatus.FAILED, now=LATER) is None
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert (stands.amount_refundable, stands.sequence) == (50_000, payment.sequence + 2)


@pytest.mark.parametrize("has_key", [False, True])
def test_a_refund_whose_response_was_lost_reserves_once(stores: Stores, has_key: bool):
    payment = records.succeeded(stores)
    refund, record = records.refund(payment), records.record() if has_key else None
    with Wire(repeats=True).between(stores):
        assert stores.refunds.create(refund, record, now=NOW) is None
    stands = stores.payments.get(payment.id)
    assert stands is not None
    assert (stands.amount_refundable, stands.sequence) == (40_000, payment.sequence + 1)


def test_a_refund_of_a_missing_payment_is_not_settled(stores: Stores):
    refund = records.refund(records.payment())
    stores.refunds._row(refund).save()
    assert stores.refunds.settle(refund, RefundStatus.PROCESSED, now=LATER) is None
    assert stores.refunds.get(refund.id) == refund
