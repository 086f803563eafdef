"""The order and the cards of the demo."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.money import Money
from infra.local.demo.merchant_api import MerchantApi
from infra.local.demo.narration import Narration

AMOUNT = 50_000


def card(number: str) -> dict[str, Any]:
    """The fields of a payment with this card."""
    details = {
        "number": number,
        "expiry_month": "12",
        "expiry_year": str(datetime.now(UTC).year + 3),
        "cvv": "123",
        "holder_name": "Asha Rao",
    }
    return {"method": "card", "card": details}


def create_order(narration: Narration, api: MerchantApi) -> dict[str, Any]:
    """Create an order."""
    with narration.step("An order is created") as lines:
        order = api.call("POST", "/api/v1/orders", 201, {"amount": AMOUNT, "receipt": "demo-1"})
        lines.append(f"{order['id']}, {Money(order['amount'], order['currency'])}")
    return order
