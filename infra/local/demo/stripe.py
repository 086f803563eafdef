"""The steps of the demo with an emulator of Stripe."""

import time
from contextlib import ExitStack
from typing import Any

from chalicelib.domain.money import Money
from infra.local.demo.merchant_api import POLL_INTERVAL_S, SETTLING_DEADLINE_S, MerchantApi
from infra.local.demo.narration import DemoError, Narration, expect
from infra.local.demo.orders import card, create_order
from infra.local.gateway import LocalGateway
from infra.local.stripe_emulator import StripeEmulator

NAME = "stripe"
REFUNDED = 20_000
CARD, CHALLENGED_CARD = card("4242 4242 4242 4242"), card("4000 0027 6000 3184")


def connect(
    narration: Narration, stack: ExitStack, gateway: LocalGateway, merchant: dict[str, Any]
) -> StripeEmulator:
    """Start the emulator, and make it the card acquirer of the merchant."""
    with narration.step("An emulator of Stripe starts") as lines:
        emulator = stack.enter_context(StripeEmulator())
        lines.append(emulator.api_url)
    with narration.step("The operator sets the acquirer of cards") as lines:
        endpoint = gateway.aws_endpoint_url
        lines.append(emulator.serve(merchant["email"], stage="demo", aws_endpoint_url=endpoint))
        emulator.notify(f"{gateway.api_url}/api/v1/acquirers/{NAME}/notifications/{merchant['id']}")
    return emulator


def pay(narration: Narration, api: MerchantApi, emulator: StripeEmulator) -> list[str]:
    """Create an order and its payments. The money of the second one is reserved. Returns their ids."""
    order = create_order(narration, api)
    with narration.step("A card payment succeeds at Stripe") as lines:
        paid = api.settled(_create(api, order, CARD))
        expect("success", paid["status"])
        lines.append(f"{paid['id']}, {paid['status']}, {paid['acquirer_reference']}")
    with narration.step("A card payment waits for 3-D Secure") as lines:
        payment_id = _create(api, order, {**CHALLENGED_CARD, "capture": "manual"})
        intent = _intent(emulator, payment_id, "requires_action")
        lines.append(f"{payment_id}, {intent['id']} {intent['status']}")
    with narration.step("The buyer authenticates at the emulator") as lines:
        emulator.authenticate(intent, success=True)
        reserved = api.settled(payment_id)
        expect("success", reserved["status"])
        lines.append(f"{payment_id}, {reserved['status']}, {_intent(emulator, payment_id)['status']}")
    return [paid["id"], payment_id]


def capture_and_refund(
    narration: Narration, api: MerchantApi, emulator: StripeEmulator, payment_id: str
) -> None:
    """Capture the reserved money, and refund some of it."""
    with narration.step("The reserved money is captured") as lines:
        api.call("POST", f"/api/v1/payments/{payment_id}/capture")
        intent = _intent(emulator, payment_id, "succeeded")
        lines.append(f"{payment_id}, {intent['id']} {intent['status']}")
    with narration.step("Some of it is refunded") as lines:
        path = f"/api/v1/payments/{payment_id}/refunds"
        refund = api.call("POST", path, 201, {"amount": REFUNDED})
        processed = api.settled_refund(refund["id"])
        expect("processed", processed["status"])
        (found,) = emulator.refunds(intent["id"])
        lines.append(f"{refund['id']}, {processed['status']}, {Money(REFUNDED, 'INR')}, {found['id']}")


def _create(api: MerchantApi, order: dict[str, Any], instrument: dict[str, Any]) -> str:
    payment = api.call("POST", "/api/v1/payments", 201, {"order_id": order["id"], **instrument})
    expect("pending", payment["status"])
    return str(payment["id"])


def _intent(emulator: StripeEmulator, payment_id: str, status: str | None = None) -> dict[str, Any]:
    """Poll the PaymentIntent of the payment until it has this status, if one is given."""
    deadline = time.monotonic() + SETTLING_DEADLINE_S
    while not (intent := emulator.intent(payment_id)) or status not in {None, intent["status"]}:
        if time.monotonic() > deadline:
            raise DemoError(f"expected a PaymentIntent with the status {status}, got {intent}")
        time.sleep(POLL_INTERVAL_S)
    return intent
