"""``/payments/{id}/refunds`` and ``/refunds``."""

import re
from typing import Any

import pytest

from tests.api.client import TIME, Api, Json, assert_bad_request, assert_error, made, shown
from tests.cloud import Cloud

LATER = "2026-03-14T15:10:26.000Z"
EXCEEDS = "Refund amount exceeds available amount"


@pytest.fixture
def payment(cloud: Cloud, merchant: Api) -> Json:
    """A payment that succeeded one minute after START."""
    paid = merchant.payment()
    cloud.run(for_s=60)
    return paid


def ask(merchant: Api, payment: Json, body: Json, *, key: str | None = None) -> Any:
    return merchant.post(f"/payments/{payment['id']}/refunds", body, key=key)


def refunded(merchant: Api, payment: Json) -> int:
    amount: int = shown(merchant.get(f"/payments/{payment['id']}"))["amount_refunded"]
    return amount


def test_a_refund_is_created_and_its_amount_is_reserved(merchant: Api, payment: Json):
    refund = made(ask(merchant, payment, {"amount": 10_000, "reason": "too late"}))
    assert re.fullmatch(r"rfnd_[A-Za-z0-9]{16}", refund["id"])
    assert refund == {
        "id": refund["id"],
        "payment_id": payment["id"],
        "amount": 10_000,
        "currency": "INR",
        "reason": "too late",
        "status": "pending",
        "created_at": LATER,
    }
    assert refunded(merchant, payment) == 10_000
    assert shown(merchant.get(f"/refunds/{refund['id']}")) == {**refund, "processed_at": None}


@pytest.mark.parametrize(("status", "kept"), [("processed", 10_000), ("failed", 0)])
def test_a_refund_is_settled_after_its_delay(
    cloud: Cloud, merchant: Api, payment: Json, status: str, kept: int
):
    cloud.acquirer.refunds_succeed = status == "processed"
    refund = merchant.refund(payment["id"])
    cloud.run(for_s=2)
    assert shown(merchant.get(f"/refunds/{refund['id']}"))["status"] == "pending"
    cloud.run(for_s=4)
    done = shown(merchant.get(f"/refunds/{refund['id']}"))
    assert done == {**refund, "status": status, "processed_at": done["processed_at"]}
    assert "2026-03-14T15:10:29" <= done["processed_at"] <= "2026-03-14T15:10:32"
    assert refunded(merchant, payment) == kept


def test_refunds_cannot_exceed_the_payment_amount(merchant: Api, payment: Json):
    for amount in (30_000, 19_999, 1):
        merchant.refund(payment["id"], amount)
    assert_bad_request(ask(merchant, payment, {"amount": 1}), EXCEEDS, "amount")
    assert refunded(merchant, payment) == 50_000


def test_a_rejected_refund_writes_nothing(cloud: Cloud, merchant: Api, payment: Json):
    held = len(cloud.rows(cloud.gateway.settings.tables.refunds))
    assert_bad_request(ask(merchant, payment, {"amount": 50_001}, key="k"), EXCEEDS, "amount")
    assert len(cloud.rows(cloud.gateway.settings.tables.refunds)) == held
    made(ask(merchant, payment, {"amount": 50_000}, key="k"))


@pytest.mark.parametrize("approves", [None, False])
def test_an_unsuccessful_payment_cannot_be_refunded(cloud: Cloud, merchant: Api, approves: bool | None):
    payment = merchant.payment()
    if approves is False:
        cloud.acquirer.approves = False
        cloud.run(for_s=60)
    assert_bad_request(ask(merchant, payment, {"amount": 1}), "Payment not in refundable state")


@pytest.mark.parametrize(
    ("body", "description", "field"),
    [
        ({}, "amount is required", "amount"),
        ({"amount": 0}, "amount must be at least 1", "amount"),
        ({"amount": "1"}, "amount must be an integer", "amount"),
        ({"amount": 2**53}, "amount must be at most 9007199254740991", "amount"),
        ({"amount": 1, "reason": []}, "reason must be text", "reason"),
        ({"amount": 1, "reason": "r" * 256}, "reason must be at most 255 characters", "reason"),
        ({"amount": 1, "reasons": "typo"}, "reasons is not a known field", "reasons"),
    ],
)
def test_the_error_describes_the_invalid_field(merchant: Api, body: Json, description: str, field: str):
    assert_bad_request(ask(merchant, {"id": "pay_0000000000000000"}, body), description, field)


@pytest.mark.parametrize("reason", [None, "", "r" * 255, "für Ω \u2028 \x00"])
def test_a_reason_is_returned_unchanged(merchant: Api, payment: Json, reason: str | None):
    refund = merchant.refund(payment["id"], reason=reason)
    assert refund["reason"] == reason
    assert shown(merchant.get(f"/refunds/{refund['id']}"))["reason"] == reason


def test_a_refund_is_replayed_even_when_no_refundable_amount_remains(merchant: Api, payment: Json):
    first = ask(merchant, payment, {"amount": 50_000}, key="k")
    again = ask(merchant, payment, {"amount": 50_000}, key="k")
    assert (again.status_code, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert refunded(merchant, payment) == 50_000


@pytest.mark.parametrize("other", [{"amount": 2}, {"amount": 1, "reason": "another"}])
def test_a_different_refund_with_the_same_key_is_rejected(merchant: Api, payment: Json, other: Json):
    made(ask(merchant, payment, {"amount": 1}, key="k"))
    description = "Idempotency key was already used with a different request"
    assert_error(ask(merchant, payment, other, key="k"), 422, "IDEMPOTENCY_KEY_REUSED", description)
    assert refunded(merchant, payment) == 1


def test_payments_and_refunds_of_another_merchant_are_not_found(merchant: Api, stranger: Api, payment: Json):
    refund = merchant.refund(payment["id"])
    for one in (payment, {"id": "pay_0000000000000000"}):
        assert_error(ask(stranger, one, {"amount": 1}), 404, "NOT_FOUND_ERROR", "Payment not found")
    for refund_id in (refund["id"], "rfnd_0000000000000000", "x" * 3_000):
        response = stranger.get(f"/refunds/{refund_id}")
        assert_error(response, 404, "NOT_FOUND_ERROR", "Refund not found")
    assert refunded(merchant, payment) == 10_000


def test_the_public_payment_does_not_contain_refunds(merchant: Api, payment: Json):
    merchant.refund(payment["id"])
    public = shown(merchant.anonymous.get(f"/payments/{payment['id']}/public"))
    assert not {"amount_refunded", "captured"} & public.keys()
    assert public["created_at"] == TIME
