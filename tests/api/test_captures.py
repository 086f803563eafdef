"""``POST /payments/{id}/capture``."""

from typing import Any

import pytest

from tests.api.client import Api, Json, assert_bad_request, assert_error, shown
from tests.cloud import Cloud

LATER = "2026-03-14T15:10:26.000Z"
STATE = "Payment not in capturable state"


def settled(cloud: Cloud, merchant: Api, *, approves: bool = True) -> Json:
    """Create a payment and settle it."""
    cloud.acquirer.approves = approves
    payment = merchant.payment()
    cloud.run(for_s=60)
    return payment


def capture(merchant: Api, payment: Json, body: object = b"") -> Any:
    return merchant.post(f"/payments/{payment['id']}/capture", body)


@pytest.mark.parametrize("body", [b"", {}, {"amount": None}, {"amount": 50_000}], ids=str)
def test_a_successful_payment_can_be_captured(cloud: Cloud, merchant: Api, body: object):
    payment = settled(cloud, merchant)
    captured = shown(capture(merchant, payment, body))
    assert captured == {
        **payment,
        "status": "success",
        "acquirer": "recording",
        "acquirer_reference": f"ref_charge:{payment['id']}",
        "display_status": "captured",
        "captured": True,
        "amount_refunded": 0,
        "settled_at": captured["settled_at"],
        "captured_at": LATER,
        "updated_at": LATER,
    }
    assert shown(merchant.get(f"/payments/{payment['id']}")) == captured


@pytest.mark.parametrize("later_s", [0, 1], ids=["in the same millisecond", "a second later"])
def test_a_payment_can_be_captured_only_once(cloud: Cloud, merchant: Api, later_s: int):
    payment = settled(cloud, merchant)
    shown(capture(merchant, payment))
    cloud.time.shift(later_s)
    assert_bad_request(capture(merchant, payment), "Payment already captured")
    assert shown(merchant.get(f"/payments/{payment['id']}"))["updated_at"] == LATER


@pytest.mark.parametrize("amount", [0, 1, 49_999, 50_001, -50_000])
def test_a_partial_capture_is_rejected(cloud: Cloud, merchant: Api, amount: int):
    payment = settled(cloud, merchant)
    response = capture(merchant, payment, {"amount": amount})
    assert_bad_request(response, "Capture amount must match payment amount", "amount")
    assert shown(merchant.get(f"/payments/{payment['id']}"))["captured"] is False


def test_an_unsuccessful_payment_cannot_be_captured(cloud: Cloud, merchant: Api):
    assert_bad_request(capture(merchant, merchant.payment()), STATE)
    assert_bad_request(capture(merchant, settled(cloud, merchant, approves=False)), STATE)


def test_the_state_is_validated_before_the_amount(merchant: Api):
    assert_bad_request(capture(merchant, merchant.payment(), {"amount": 1}), STATE)


@pytest.mark.parametrize(
    ("body", "description", "field"),
    [
        ({"amount": "50000"}, "amount must be an integer", "amount"),
        ({"amount": 50_000.0}, "amount must be an integer", "amount"),
        ({"amount": True}, "amount must be an integer", "amount"),
        ({"amounts": 50_000}, "amounts is not a known field", "amounts"),
    ],
)
def test_a_capture_with_an_invalid_field_is_rejected(
    cloud: Cloud, merchant: Api, body: Json, description: str, field: str
):
    payment = settled(cloud, merchant)
    assert_bad_request(capture(merchant, payment, body), description, field)
    assert shown(merchant.get(f"/payments/{payment['id']}"))["captured"] is False


def test_a_payment_of_another_merchant_has_the_same_error_as_an_unknown_payment(
    cloud: Cloud, merchant: Api, stranger: Api
):
    for payment in (settled(cloud, merchant), {"id": "pay_0000000000000000"}):
        assert_error(capture(stranger, payment), 404, "NOT_FOUND_ERROR", "Payment not found")
