"""Captures, voids, confirmations and leases in the tables, on every engine."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.payment import CaptureMode, Payment, PaymentStatus, VoidReason
from chalicelib.store.payments import PaymentRefusedError, PaymentRow
from tests.store import records
from tests.store.stores import NOW, Stores
from tests.store.wire import Wire

LATER = NOW + timedelta(seconds=5)
END = NOW + timedelta(days=7)
LOST = Wire(repeats=True)


def reserved(stores: Stores) -> Payment:
    """A successful payment with manual capture, before END."""
    payment = records.ordered_payment(stores, capture_mode=CaptureMode.MANUAL)
    assert stores.payments.create(payment, None, now=NOW) is None
    with LOST.between(stores):
        assert stores.payments.settle(
            payment.id, payment.order_id, PaymentStatus.SUCCESS, decline=None, capture_before=END, now=NOW
        )
    return read(stores, payment)


def read(stores: Stores, payment: Payment) -> Payment:
    found = stores.payments.get(payment.id)
    assert found is not None
    return found


def change(stores: Stores, name: str, payment: Payment, *, at: Any = LATER) -> bool:
    """Whether the change succeeds, although its response is lost at first."""
    own = {"capture": (payment.merchant_id, None), "void": (payment.merchant_id,)}.get(name, ())
    write: Callable[..., Any] = getattr(stores.captures, name)
    try:
        with LOST.between(stores):
            return write(payment.id, *own, now=at) is not False
    except PaymentRefusedError:
        return False


def test_an_approval_stores_the_end_of_the_capture(stores: Stores):
    payment = reserved(stores)
    assert (payment.capture_before, payment.captured, payment.voided_at) == (END, False, None)


@pytest.mark.parametrize("first", ["capture", "void", "expire"])
@pytest.mark.parametrize("second", ["capture", "void", "expire"])
def test_a_payment_is_captured_or_voided_once(stores: Stores, first: str, second: str):
    payment = reserved(stores)
    assert change(stores, first, payment, at=END if first == "expire" else LATER)
    changed = read(stores, payment)
    assert changed.sequence == payment.sequence + 1
    assert not change(stores, second, payment, at=END)
    assert read(stores, payment) == changed


def test_a_capture_must_be_in_time_and_an_expiry_must_not_be_early(stores: Stores):
    payment = reserved(stores)
    assert not change(stores, "capture", payment, at=END)
    assert not change(stores, "expire", payment, at=END - timedelta(milliseconds=1))
    assert read(stores, payment) == payment
    assert change(stores, "expire", payment, at=END)
    voided = read(stores, payment)
    assert (voided.voided_at, voided.void_reason) == (END, VoidReason.EXPIRED)


def test_an_automatic_payment_is_never_voided(stores: Stores):
    payment = records.succeeded(stores)
    assert not change(stores, "void", payment, at=END)
    assert not change(stores, "expire", payment, at=END)
    assert change(stores, "capture", payment)
    assert not change(stores, "refuse", payment)


def test_a_payment_without_a_capture_mode_is_automatic(stores: Stores):
    """Rows of a version that did not store it."""
    payment = records.succeeded(stores)
    table = stores.row(PaymentRow)
    table(payment.id).update(actions=[table.capture_mode.remove()])
    assert not change(stores, "void", payment)
    assert stores.refunds.create(records.refund(payment), None, now=LATER) is None
    assert change(stores, "capture", payment)


def test_a_refused_capture_becomes_a_void(stores: Stores):
    payment = reserved(stores)
    assert not change(stores, "refuse", payment)
    assert change(stores, "capture", payment)
    assert change(stores, "refuse", payment)
    voided = read(stores, payment)
    assert (voided.captured_at, voided.void_reason) == (None, VoidReason.CAPTURE_REFUSED)
    assert not change(stores, "refuse", payment)
    assert not change(stores, "capture", payment)


@pytest.mark.parametrize(("decision", "other"), [("capture", "void"), ("void", "capture")])
def test_a_confirmation_is_stored_once_and_changes_nothing_else(stores: Stores, decision: str, other: str):
    payment = reserved(stores)
    assert not change(stores, f"confirm_{decision}", payment)
    assert change(stores, decision, payment)
    before = read(stores, payment)
    assert not change(stores, f"confirm_{other}", payment)
    assert change(stores, f"confirm_{decision}", payment)
    assert read(stores, payment) == replace(before, confirmed_at=LATER)
    assert not change(stores, f"confirm_{decision}", payment, at=END)
    assert not change(stores, "refuse", payment)


def test_a_reserved_payment_is_refunded_only_when_it_is_captured(stores: Stores):
    payment, voided = reserved(stores), reserved(stores)
    assert change(stores, "void", voided)
    for one in (payment, voided):
        with pytest.raises(PaymentRefusedError):
            stores.refunds.create(records.refund(one), None, now=LATER)
    assert change(stores, "capture", payment)
    assert stores.refunds.create(records.refund(payment), None, now=LATER) is None


def test_a_lease_is_taken_once_until_it_ends(stores: Stores):
    payment = records.stored(stores)

    def lease(free_at: Any, until: Any) -> bool:
        with LOST.between(stores):
            return stores.payments.lease_authorization(payment.id, free_at=free_at, until=until)

    assert lease(None, LATER)
    assert not lease(None, END)
    assert not lease(LATER - timedelta(milliseconds=1), END)
    assert lease(LATER, END)
    assert not lease(LATER, END)
    assert read(stores, payment) == payment


def test_only_a_pending_payment_is_leased(stores: Stores):
    payment = records.succeeded(stores)
    assert not stores.payments.lease_authorization(payment.id, free_at=None, until=LATER)
    assert not stores.payments.lease_authorization("pay_unknown", free_at=END, until=LATER)
