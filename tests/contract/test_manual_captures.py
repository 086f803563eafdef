"""Payments whose money is reserved until the merchant captures or voids them."""

from datetime import timedelta

import pytest

from tests.cloud import Cloud
from tests.contract.in_process import InProcessApi
from tests.e2e.api import UPI, Json, assert_error

pytestmark = pytest.mark.contract("12")

PERIOD = timedelta(minutes=30)
ROUTE = "POST /payments/{payment_id}/void"


@pytest.fixture
def reserved(cloud: Cloud, merchant: InProcessApi, monkeypatch) -> Json:
    """A successful payment that is not captured."""
    monkeypatch.setattr(cloud.acquirer, "capture_period", PERIOD)
    payment: Json = merchant.settled(merchant.payment(capture="manual")["id"])
    return payment


def events_of(merchant: InProcessApi) -> list[Json]:
    events: list[Json] = merchant.get("/events").json()["data"]
    return events


def test_a_reserved_payment_has_the_end_of_its_time(reserved):
    assert (reserved["status"], reserved["captured"], reserved["captured_at"]) == ("success", False, None)
    assert reserved["capture_before"] > reserved["settled_at"]
    assert "voided_at" not in reserved


def test_a_reserved_payment_is_captured_and_then_refunded(merchant, reserved):
    refused = merchant.post(f"/payments/{reserved['id']}/refunds", {"amount": 1})
    assert_error(refused, 400, "BAD_REQUEST_ERROR", "Payment not in refundable state")
    captured = merchant.post(f"/payments/{reserved['id']}/capture")
    assert (captured.status_code, captured.json()["captured"]) == (200, True)
    refund = merchant.refund(reserved["id"], 20_000)
    merchant.run()
    assert merchant.get(f"/refunds/{refund['id']}").json()["status"] == "processed"


@pytest.mark.contract("5", ROUTE)
@pytest.mark.contract("8", "payment.voided")
def test_a_reserved_payment_is_voided(merchant, reserved):
    response = merchant.post(f"/payments/{reserved['id']}/void")
    assert response.status_code == 200, response.text
    voided = response.json()
    at = voided["voided_at"]
    changed = {"voided_at": at, "void_reason": "requested", "updated_at": at, "display_status": "voided"}
    assert voided == reserved | changed
    assert merchant.get(f"/payments/{reserved['id']}").json() == voided
    merchant.run()
    event = events_of(merchant)[-1]
    assert (event["type"], event["sequence"]) == ("payment.voided", 4)
    payment = event["data"]["payment"]
    assert (payment["captured"], payment["voided_at"], payment["void_reason"]) == (False, at, "requested")


@pytest.mark.contract("8", "payment.voided")
def test_a_payment_that_is_not_captured_in_time_is_voided(cloud, merchant, reserved):
    cloud.run(for_s=PERIOD.total_seconds())
    voided = merchant.get(f"/payments/{reserved['id']}").json()
    assert (voided["status"], voided["captured"], voided["void_reason"]) == ("success", False, "expired")
    assert voided["voided_at"] >= voided["capture_before"]
    assert events_of(merchant)[-1]["type"] == "payment.voided"
    for action, body in (("capture", None), ("refunds", {"amount": 1})):
        assert_error(merchant.post(f"/payments/{reserved['id']}/{action}", body), 400, "BAD_REQUEST_ERROR")


@pytest.mark.contract("5", ROUTE)
def test_a_captured_voided_or_automatic_payment_cannot_be_voided(merchant, reserved):
    merchant.post(f"/payments/{reserved['id']}/capture")
    voided = merchant.settled(merchant.payment(capture="manual")["id"])
    merchant.post(f"/payments/{voided['id']}/void")
    automatic = merchant.settled(merchant.payment()["id"])
    for payment in (reserved, voided, automatic, merchant.payment(capture="manual")):
        refused = merchant.post(f"/payments/{payment['id']}/void")
        assert_error(refused, 400, "BAD_REQUEST_ERROR", "Payment not in voidable state")


def test_a_buyer_cannot_choose_manual_capture(merchant):
    body = {"order_id": merchant.order()["id"], **UPI, "capture": "manual"}
    made = merchant.anonymous.post("/payments/public", body)
    assert made.status_code == 201, made.text
    assert "capture_before" not in merchant.settled(made.json()["id"])


@pytest.mark.contract("8", "payment.voided")
def test_the_default_endpoint_does_not_receive_the_event(merchant, reserved):
    merchant.send_webhooks_to("https://merchant.example/webhook")
    merchant.post(f"/payments/{reserved['id']}/void")
    merchant.run()
    assert "payment.voided" not in [log["event"] for log in merchant.logs()]
