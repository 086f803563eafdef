"""Payments: pending once, then success or failed for good."""

from itertools import product

import pytest

from chalicelib.domain.payment import PAYMENT_TRANSITIONS, PaymentMethod, PaymentStatus
from tests.domain.examples import payment

ALLOWED = {
    (PaymentStatus.PENDING, PaymentStatus.SUCCESS),
    (PaymentStatus.PENDING, PaymentStatus.FAILED),
}


def test_every_status_says_what_may_follow_it():
    assert set(PAYMENT_TRANSITIONS) == set(PaymentStatus)


@pytest.mark.parametrize(("source", "target"), list(product(PaymentStatus, PaymentStatus)))
def test_a_payment_moves_only_as_listed(source: PaymentStatus, target: PaymentStatus):
    assert (target in PAYMENT_TRANSITIONS[source]) is ((source, target) in ALLOWED)


def test_the_names_are_those_of_the_contract():
    assert {status.value for status in PaymentStatus} == {"pending", "success", "failed"}
    assert {method.value for method in PaymentMethod} == {"upi", "card"}


def test_a_new_payment_is_neither_captured_nor_refunded_nor_declined():
    new = payment()
    assert (new.captured, new.amount_refunded, new.decline) == (False, 0, None)
