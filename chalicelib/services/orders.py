"""Orders: create one, look at one."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.services.merchants import MerchantService
from chalicelib.services.once import Answer, Once
from chalicelib.store.lists import ListQuery, Page
from chalicelib.store.orders import OrderStore


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """What a merchant asks for, already checked."""

    money: Money
    receipt: str | None
    notes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OrderService:
    """The orders of all merchants."""

    orders: OrderStore
    merchants: MerchantService
    clock: Clock
    random: Random

    def create(self, merchant_id: str, new: NewOrder, once: Once[Order]) -> Answer:
        """Make an order and answer, or answer as the first time. 1 request to AWS."""
        now = self.clock()
        order = Order(
            id=new_id("order_", self.random),
            merchant_id=merchant_id,
            money=new.money,
            receipt=new.receipt,
            notes=new.notes,
            status=OrderStatus.CREATED,
            created_at=now,
            updated_at=now,
        )
        return once.run(order, merchant_id, now=now, write=self.orders.create)

    def page(self, query: ListQuery) -> Page[Order]:
        """Some of a merchant's orders, newest first. 1 request."""
        return self.orders.page(query)

    def get(self, order_id: str, merchant_id: str) -> Order:
        """The merchant's order. 1 request. Raises NotFoundError."""
        order = self.orders.get(order_id)
        if order is None or order.merchant_id != merchant_id:
            raise NotFoundError("Order")
        return order

    def get_for_buyer(self, order_id: str) -> Order:
        """The order, for whoever holds its id, while its merchant is let in. 1 request when warm.

        Raises NotFoundError: nobody is to pay a merchant who was let go.
        """
        order = self.orders.get(order_id)
        if order is None or self.merchants.known(order.merchant_id) is None:
            raise NotFoundError("Order")
        return order
