"""Card payments with the adapter of Stripe, through the third-party emulator localstripe.

The emulator has no idempotency keys, no Checkout Sessions and no search, and no page for 3-D Secure.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.gateway import LocalGateway
from infra.local.stripe_emulator import StripeEmulator
from tests.e2e.api import Api, Json, card, eventually

pytestmark = pytest.mark.contract("7")

APPROVED, DECLINED, CHALLENGED = "4242424242424242", "4000000000000341", "4000002760003184"


@pytest.fixture(scope="module")
def emulator() -> Iterator[StripeEmulator]:
    with StripeEmulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def shop(emulator: StripeEmulator, gateway: LocalGateway, new_merchant: Callable[..., Api]) -> Api:
    """A merchant whose cards are charged by Stripe."""
    merchant = new_merchant()
    emulator.serve(merchant.email, stage="test", aws_endpoint_url=gateway.aws_endpoint_url)
    emulator.notify(f"{gateway.api_url}/api/v1/acquirers/stripe/notifications/{merchant.merchant_id}")
    return merchant


def pay(shop: Api, number: str, **fields: Any) -> Json:
    body = {"order_id": shop.order()["id"], **card(number=number), **fields}
    payment: Json = shop.post("/payments", body).json()
    assert payment["status"] == "pending"
    return payment


def intent_of(emulator: StripeEmulator, payment: Json, status: str) -> Json:
    """The PaymentIntent of the payment, when it has this status."""

    def found() -> Json | None:
        intent = emulator.intent(payment["id"])
        return intent if intent and intent["status"] == status else None

    intent: Json = eventually(found)
    return intent


def test_a_card_is_charged(shop, emulator):
    payment = pay(shop, APPROVED)
    settled = shop.settled(payment["id"])
    assert settled["status"] == "success"
    intent = intent_of(emulator, payment, "succeeded")
    assert (settled["acquirer"], settled["acquirer_reference"]) == ("stripe", intent["id"])
    assert (intent["amount"], intent["currency"]) == (50_000, "inr")


def test_a_card_is_declined(shop, emulator):
    payment = pay(shop, DECLINED)
    settled = shop.settled(payment["id"])
    assert (settled["status"], settled["decline_code"]) == ("failed", "card_declined")
    assert settled["error_description"] == "Your card issuer declined the payment"
    intent_of(emulator, payment, "requires_payment_method")


@pytest.mark.parametrize(("success", "status"), [(True, "success"), (False, "failed")])
def test_the_buyer_authenticates(shop, emulator, success, status):
    payment = pay(shop, CHALLENGED)
    intent = intent_of(emulator, payment, "requires_action")
    emulator.authenticate(intent, success=success)
    settled = shop.settled(payment["id"])
    assert settled["status"] == status
    if not success:
        assert settled["decline_code"] == "authentication_failed"
        intent_of(emulator, payment, "canceled")


def test_a_reserved_payment_is_captured_and_partly_refunded(shop, emulator):
    payment = pay(shop, APPROVED, capture="manual")
    assert shop.settled(payment["id"])["status"] == "success"
    intent = intent_of(emulator, payment, "requires_capture")
    captured = shop.post(f"/payments/{payment['id']}/capture")
    assert captured.status_code == 200, captured.text
    intent_of(emulator, payment, "succeeded")
    refund = shop.refund(payment["id"], 20_000)
    assert shop.refunded(refund["id"])["status"] == "processed"
    (refunded,) = emulator.refunds(intent["id"])
    assert (refunded["amount"], refunded["metadata"]) == (20_000, {"refund_id": refund["id"]})


def test_a_reserved_payment_is_voided(shop, emulator):
    payment = pay(shop, APPROVED, capture="manual")
    assert shop.settled(payment["id"])["status"] == "success"
    voided = shop.post(f"/payments/{payment['id']}/void")
    assert voided.status_code == 200, voided.text
    intent_of(emulator, payment, "canceled")
