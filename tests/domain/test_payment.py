"""Payments: pending, then permanently success or failed."""

from datetime import datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import PAYMENT_TRANSITIONS, PaymentStatus, refuse_capture, refuse_refund
from tests.domain.examples import NOW, payment

ALLOWED = {
    (PaymentStatus.PENDING, PaymentStatus.SUCCESS),
    (PaymentStatus.PENDING, PaymentStatus.FAILED),
}


def test_every_status_has_its_transitions():
    assert set(PAYMENT_TRANSITIONS) == set(PaymentStatus)


@pytest.mark.parametrize(("source", "target"), list(product(PaymentStatus, PaymentStatus)))
def test_a_payment_has_only_the_listed_transitions(source: PaymentStatus, target: PaymentStatus):
    assert (target in PAYMENT_TRANSITIONS[source]) is ((source, target) in ALLOWED)


def test_the_names_are_the_documented_ones():
    assert {status.value for status in PaymentStatus} == {"pending", "success", "failed"}
    assert {method.value for method in PaymentMethod} == {"upi", "card"}


def test_a_new_payment_is_neither_captured_nor_refunded_nor_declined():
    new = payment()
    assert (new.captured, new.amount_refunded, new.decline) == (False, 0, None)


def test_only_a_success_has_another_display_status_than_its_status():
    for status in (PaymentStatus.PENDING, PaymentStatus.FAILED):
        assert payment(status=status, captured_at=NOW).display_status.value == status.value


@given(refundable=st.integers(0, 50_000))
def test_the_refunded_and_the_refundable_amount_add_up_to_the_amount(refundable: int):
    assert payment(amount_refundable=refundable).amount_refunded + refundable == 50_000


STATE = "Payment not in capturable state"


@pytest.mark.parametrize(
    ("changes", "description", "field"),
    [
        ({"status": PaymentStatus.PENDING}, STATE, None),
        ({"status": PaymentStatus.FAILED}, STATE, None),
        ({"status": PaymentStatus.FAILED, "captured_at": NOW}, STATE, None),
        ({"status": PaymentStatus.SUCCESS, "captured_at": NOW}, "Payment already captured", None),
        ({"status": PaymentStatus.SUCCESS, "voided_at": NOW}, STATE, None),
        ({"status": PaymentStatus.SUCCESS, "capture_before": NOW}, STATE, None),
        ({"status": PaymentStatus.SUCCESS}, "Capture amount must match payment amount", "amount"),
    ],
)
def test_the_error_of_a_capture_depends_on_the_payment(
    changes: dict[str, Any], description: str, field: str | None
):
    error = refuse_capture(payment(**changes), NOW)
    assert (error.description, error.field) == (description, field)


@pytest.mark.parametrize("status", PaymentStatus)
@pytest.mark.parametrize("captured_at", [None, NOW])
def test_the_error_of_a_refund_depends_on_the_status(status: PaymentStatus, captured_at: datetime | None):
    error = refuse_refund(payment(status=status, captured_at=captured_at, amount_refundable=0))
    if status is PaymentStatus.SUCCESS:
        assert (error.description, error.field) == ("Refund amount exceeds available amount", "amount")
    else:
        assert (error.description, error.field) == ("Payment not in refundable state", None)
