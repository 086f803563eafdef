"""Orders: their states, and the reasons to reject a payment."""

from datetime import timedelta
from itertools import product

import pytest

from chalicelib.domain.errors import GatewayError, PaymentInProgressError
from chalicelib.domain.order import MAX_ATTEMPTS, MAX_RECEIPT_CHARS, OrderStatus, refuse_payment
from tests.domain import examples
from tests.domain.examples import NOW

PAID = {"status": OrderStatus.PAID, "paid_payment_id": "pay_2"}
OPEN: dict[str, object] = {"open_payment_ids": frozenset({"pay_1", "pay_3"})}
EXPIRED = {"expires_at": NOW}
EXHAUSTED = {"attempts": MAX_ATTEMPTS}


def test_an_order_is_created_and_then_paid():
    assert [status.value for status in OrderStatus] == ["created", "paid"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (PAID | OPEN | EXPIRED | EXHAUSTED, "ORDER_ALREADY_PAID"),
        (OPEN | EXPIRED | EXHAUSTED, "PAYMENT_IN_PROGRESS"),
        (EXPIRED | EXHAUSTED, "ORDER_EXPIRED"),
        (EXHAUSTED, "TOO_MANY_ATTEMPTS"),
        ({}, "RATE_LIMIT_ERROR"),
    ],
)
def test_a_guarded_order_rejects_with_the_most_useful_reason(changes: dict[str, object], code: str):
    assert _rejection(changes, guarded=True).code == code


@pytest.mark.parametrize(("state", "is_expired"), list(product([{}, PAID, OPEN, EXHAUSTED], [False, True])))
def test_an_unguarded_order_rejects_only_after_it_expires(state: dict[str, object], is_expired: bool):
    expected = "ORDER_EXPIRED" if is_expired else "RATE_LIMIT_ERROR"
    assert _rejection(state | (EXPIRED if is_expired else {}), guarded=False).code == expected


def test_an_order_does_not_expire_before_its_time():
    assert (
        _rejection({"expires_at": NOW + timedelta(microseconds=1)}, guarded=True).code == "RATE_LIMIT_ERROR"
    )


def test_the_error_contains_the_open_payment():
    error = _rejection(OPEN, guarded=True)
    assert isinstance(error, PaymentInProgressError)
    assert error.payment_id == "pay_1"


@pytest.mark.parametrize(("changes", "payment_id"), [({}, None), (OPEN, "pay_1"), (PAID | OPEN, "pay_2")])
def test_the_payment_of_an_order_is_the_successful_one_or_an_open_one(
    changes: dict[str, object], payment_id: str | None
):
    assert examples.order(**changes).payment_id == payment_id


def _rejection(changes: dict[str, object], *, guarded: bool) -> GatewayError:
    return refuse_payment(examples.order(**changes), guarded=guarded, now=NOW)


def test_a_receipt_has_up_to_255_characters():
    assert MAX_RECEIPT_CHARS == 255
