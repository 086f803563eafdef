"""Response bodies of payments."""

from typing import Any, Self

from pydantic import ConfigDict

from chalicelib.api.fields import OrderId, PaymentId, Timestamp
from chalicelib.api.responses.view import IfAny, View
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import CardNetwork
from chalicelib.domain.payment import Payment, PaymentStatus


class NewPaymentView(View):
    """A new payment: ``vpa`` for UPI, ``card_network`` and ``card_last4`` for a card."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    STATUS = 201

    id: PaymentId
    order_id: OrderId
    amount: int
    currency: str
    method: PaymentMethod
    vpa: IfAny[str] = None
    card_network: IfAny[CardNetwork] = None
    card_last4: IfAny[str] = None
    status: PaymentStatus
    created_at: Timestamp

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """What is shown of ``payment``."""
        return cls.model_validate(_fields(payment))


class PaymentView(NewPaymentView):
    """A payment; the error once it failed, and when it was settled and captured once it was."""

    STATUS = 200

    captured: bool
    amount_refunded: int
    error_code: IfAny[str] = None
    error_description: IfAny[str] = None
    settled_at: Timestamp | None
    captured_at: Timestamp | None
    updated_at: Timestamp


class PublicPaymentView(View):
    """What anybody may see of a payment: nothing of the buyer, nothing of the merchant."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    id: PaymentId
    order_id: OrderId
    amount: int
    currency: str
    method: PaymentMethod
    status: PaymentStatus
    error_code: IfAny[str] = None
    error_description: IfAny[str] = None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """What anybody may see of ``payment``."""
        return cls.model_validate(_fields(payment))


def _fields(payment: Payment) -> dict[str, Any]:
    fields = vars(payment) | vars(payment.money) | vars(payment.instrument)
    fields |= {"captured": payment.captured, "amount_refunded": payment.amount_refunded}
    if payment.decline:
        fields |= {"error_code": payment.decline.code, "error_description": payment.decline.description}
    return fields
