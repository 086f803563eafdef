"""An order: an amount that a buyer pays to a merchant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.errors import (
    GatewayError,
    OrderAlreadyPaidError,
    OrderExpiredError,
    PaymentInProgressError,
    RateLimitError,
    TooManyAttemptsError,
)
from chalicelib.domain.money import Money

MAX_RECEIPT_CHARS = 255
MAX_ATTEMPTS = 20  # of a guarded order: enough for a legitimate buyer, too few to test stolen cards
MAX_OPEN_PAYMENTS = 1_000  # the row of the order lists them, and DynamoDB limits a row to 400 KB
MAX_EXPIRY = timedelta(days=30)


class OrderStatus(StrEnum):
    """The status of an order. It is ``paid`` after the first successful payment."""

    CREATED = "created"
    PAID = "paid"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order of a merchant. ``notes`` are returned unchanged; the gateway does not use them.

    ``open_payment_ids`` are the pending payments, ``paid_payment_id`` is the first successful one, and
    ``attempts`` is the number of all payments. It is None on orders of a version that did not count them.
    """

    id: str
    merchant_id: str
    money: Money
    receipt: str | None
    notes: Mapping[str, Any]
    status: OrderStatus
    created_at: datetime
    updated_at: datetime
    pay_once: bool = False
    expires_at: datetime | None = None
    attempts: int | None = 0
    open_payment_ids: frozenset[str] = frozenset()
    paid_payment_id: str | None = None

    @property
    def payment_id(self) -> str | None:
        """The payment that paid the order, otherwise an open payment, otherwise None."""
        return self.paid_payment_id or min(self.open_payment_ids, default=None)


def refuse_payment(order: Order, *, guarded: bool, now: datetime) -> GatewayError:
    """The error for a payment that the condition of ``order`` rejected.

    ``guarded``: the order accepts one open payment at a time, and none once it is paid.
    """
    if guarded and order.status is OrderStatus.PAID:
        return OrderAlreadyPaidError()
    if guarded and order.open_payment_ids:
        return PaymentInProgressError(payment_id=min(order.open_payment_ids))
    if order.expires_at and order.expires_at <= now:
        return OrderExpiredError()
    if guarded and (order.attempts or 0) >= MAX_ATTEMPTS:
        return TooManyAttemptsError(limit=MAX_ATTEMPTS)
    return RateLimitError(retry_after_s=1)  # too many open payments, or the row changed in between
