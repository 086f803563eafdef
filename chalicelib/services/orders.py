"""Orders: create an order, get an order as its merchant or as its buyer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.idempotency import Idempotency
from chalicelib.domain.ids import new_id
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.money import Money
from chalicelib.domain.order import MAX_EXPIRY, Order, OrderStatus
from chalicelib.services.merchants import MerchantService
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.orders import OrderStore
from chalicelib.store.payments import PaymentStore
from chalicelib.store.write import BusyError

MAX_READS = 5  # of an order that changes while its earlier payments are added


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """A valid create-order request."""

    money: Money
    receipt: str | None
    notes: Mapping[str, Any]
    pay_once: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class BuyerOrder:
    """An order and its merchant, for the buyer."""

    order: Order
    merchant: Merchant


@dataclass(frozen=True, kw_only=True)
class OrderService:
    """The orders of all merchants."""

    orders: OrderStore
    payments: PaymentStore
    merchants: MerchantService
    records: IdempotencyStore
    clock: Clock
    random: Random

    def create(self, merchant_id: str, new: NewOrder, idempotency: Idempotency[Order]) -> Order:
        """Create an order. 1 request to AWS.

        Raises AlreadyCreatedError, and BadRequestError if ``expires_at`` is in the past or more than
        MAX_EXPIRY away.
        """
        now = self.clock()
        if new.expires_at and not now < new.expires_at <= now + MAX_EXPIRY:
            idempotency.check(self.records.find(idempotency.key, merchant_id, now=now))
            reason = f"expires_at must be in the future and at most {MAX_EXPIRY.days} days away"
            raise BadRequestError(reason, field="expires_at")
        order = Order(
            id=new_id("order_", self.random),
            merchant_id=merchant_id,
            money=new.money,
            receipt=new.receipt,
            notes=new.notes,
            status=OrderStatus.CREATED,
            created_at=now,
            updated_at=now,
            pay_once=new.pay_once,
            expires_at=new.expires_at,
        )
        record = idempotency.record(order, merchant_id, now=now)
        idempotency.check(self.orders.create(order, record, now=now))
        return order

    def get(self, order_id: str, merchant_id: str) -> Order:
        """The merchant's order. 1 request. Raises NotFoundError."""
        order = self.orders.get(order_id)
        if order is None or order.merchant_id != merchant_id:
            raise NotFoundError("Order")
        return self._with_payments(order)

    def get_for_buyer(self, order_id: str, *, api_key: str | None = None) -> BuyerOrder:
        """The order of an active merchant, without authentication. 1 request if the merchant is cached.

        ``api_key``, if present, must be the merchant's. Raises NotFoundError and BadRequestError.
        """
        order = self.orders.get(order_id)
        merchant = self.merchants.find_active(order.merchant_id) if order else None
        if order is None or merchant is None:
            raise NotFoundError("Order")
        if api_key is not None and api_key != merchant.api_key:
            raise BadRequestError("key does not belong to the merchant of this order", field="key")
        return BuyerOrder(order=self._with_payments(order), merchant=merchant)

    def _with_payments(self, order: Order) -> Order:
        """The order. Adds the payments to an order of a version that did not list them: 2 more requests."""
        current: Order | None = order
        for _ in range(MAX_READS):
            if current is None:
                raise NotFoundError("Order")
            if current.attempts is not None:
                return current
            added = self.orders.add_payments(current, self.payments.of_order(current))
            current = added or self.orders.get(order.id)
        raise BusyError
