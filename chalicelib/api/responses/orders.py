"""Response bodies of orders."""

from typing import Self

from pydantic import JsonValue

from chalicelib.api.fields import MerchantId, OrderId, Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.order import Order, OrderStatus


class NewOrderView(View):
    """A new order."""

    STATUS = 201

    id: OrderId
    merchant_id: MerchantId
    amount: int
    currency: str
    receipt: str | None
    notes: dict[str, JsonValue]
    status: OrderStatus
    created_at: Timestamp

    @classmethod
    def of(cls, order: Order) -> Self:
        """What is shown of ``order``."""
        return cls.model_validate(vars(order) | vars(order.money))


class OrderView(NewOrderView):
    """An order."""

    STATUS = 200

    updated_at: Timestamp


class PublicOrderView(View):
    """What whoever holds its id may see of an order."""

    id: OrderId
    amount: int
    currency: str
    status: OrderStatus

    @classmethod
    def of(cls, order: Order) -> Self:
        """What anybody may see of ``order``."""
        return cls.model_validate(vars(order) | vars(order.money))
