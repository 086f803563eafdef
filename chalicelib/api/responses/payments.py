"""Response bodies of payments."""

from typing import Any, Self

from pydantic import ConfigDict

from chalicelib.api.fields import OrderId, PaymentId, Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.card import CardNetwork
from chalicelib.domain.payment import Payment, PaymentMethod, PaymentStatus


class NewPaymentView(View):
    """A new payment: ``vpa`` for UPI, ``card_network`` and ``card_last4`` for a card."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    OMITS_NULLS = True
    STATUS = 201

    id: PaymentId
    order_id: OrderId
    amount: int
    currency: str
    method: PaymentMethod
    vpa: str | None = None
    card_network: CardNetwork | None = None
    card_last4: str | None = None
    status: PaymentStatus
    created_at: Timestamp

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """What is shown of ``payment``."""
        return cls.model_validate(_fields(payment))


class PaymentView(NewPaymentView):
    """A payment; the error once it failed."""

    STATUS = 200

    captured: bool
    amount_refunded: int
    error_code: str | None = None
    error_description: str | None = None
    updated_at: Timestamp


class PublicPaymentView(View):
    """What anybody may see of a payment: nothing of the buyer, nothing of the merchant."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    OMITS_NULLS = True

    id: PaymentId
    order_id: OrderId
    amount: int
    currency: str
    method: PaymentMethod
    status: PaymentStatus
    error_code: str | None = None
    error_description: str | None = None
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
