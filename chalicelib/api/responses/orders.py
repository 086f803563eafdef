"""Response bodies of orders."""

from collections.abc import Collection, Iterable
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue

from chalicelib.api.fields import MerchantId, OrderId, PaymentId, Timestamp
from chalicelib.api.responses.view import IfAny, View
from chalicelib.domain.instrument import UpiFlow
from chalicelib.domain.methods.card import CardEntry
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.services.orders import BuyerOrder


class NewOrderView(View):
    """A new order. ``pay_once`` and ``expires_at`` are absent if they are not set."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    STATUS = 201
    LOGGED_ID = "order_id"

    id: OrderId
    merchant_id: MerchantId
    amount: int
    currency: str
    receipt: str | None
    notes: dict[str, JsonValue]
    status: OrderStatus
    pay_once: Annotated[bool, Field(exclude_if=lambda pay_once: not pay_once)] = False
    expires_at: IfAny[Timestamp] = None
    created_at: Timestamp

    @classmethod
    def of(cls, order: Order) -> Self:
        """The public fields of ``order``."""
        return cls.model_validate(vars(order) | vars(order.money))


class OrderView(NewOrderView):
    """An order. ``paid_payment_id`` is its first successful payment, ``attempts`` the number of its payments.

    In lists ``attempts`` is null for orders of an earlier version, until the order is read.
    """

    STATUS = 200

    paid_payment_id: PaymentId | None
    attempts: int | None
    updated_at: Timestamp


class PublicMerchantView(View):
    """The merchant of an order, for its buyer."""

    name: str


class PublicOrderView(View):
    """An order, for its buyer. ``payment_id`` is the open payment, or the payment that paid the order.

    ``upi_flows`` are the flows that a UPI payment of the order can use. ``card_entry`` is where the buyer
    enters a card: on a ``page`` of the acquirer, or its ``number`` on the checkout page. It is null if the
    order cannot be paid by card in these ways.
    """

    LOGGED_ID = "order_id"

    id: OrderId
    amount: int
    currency: str
    status: OrderStatus
    merchant: PublicMerchantView
    payment_id: PaymentId | None
    upi_flows: list[UpiFlow]
    card_entry: Literal[CardEntry.PAGE, CardEntry.NUMBER] | None

    @classmethod
    def of(
        cls, buyer_order: BuyerOrder, upi_flows: Iterable[UpiFlow], card_entries: Collection[CardEntry]
    ) -> Self:
        """The public fields of an order and its merchant."""
        order = buyer_order.order
        fields = vars(order) | vars(order.money)
        merchant = PublicMerchantView(name=buyer_order.merchant.name)
        fields |= {"merchant": merchant, "payment_id": order.payment_id, "upi_flows": sorted(upi_flows)}
        offered = [entry for entry in (CardEntry.PAGE, CardEntry.NUMBER) if entry in card_entries]
        fields["card_entry"] = offered[0] if offered else None
        return cls.model_validate(fields)
