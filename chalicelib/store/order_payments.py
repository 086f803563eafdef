"""What a payment changes in the row of its order: the same transaction writes both."""

from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition, size

from chalicelib.domain.order import MAX_ATTEMPTS, MAX_OPEN_PAYMENTS, OrderStatus
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store import write
from chalicelib.store.tables import OrderRow


def opened(orders: type[OrderRow], payment: Payment, *, guarded: bool, now: datetime) -> write.Change:
    """The order counts a new payment and lists it as open.

    The condition is the rule of the order. ``guarded``: at most one open payment, none once the order is
    paid, and at most MAX_ATTEMPTS. No payment of any order is created after ``expires_at``.
    """
    actions = [
        orders.attempts.set(orders.attempts + 1),
        orders.open_payment_ids.add({payment.id}),
        orders.updated_at.set(now),
    ]
    condition: Condition = orders.attempts.exists()
    condition &= orders.expires_at.does_not_exist() | (orders.expires_at > now)
    if guarded:
        condition &= orders.status == OrderStatus.CREATED
        condition &= orders.open_payment_ids.does_not_exist()
        condition &= orders.attempts < MAX_ATTEMPTS
    else:
        few = size(orders.open_payment_ids) < MAX_OPEN_PAYMENTS
        condition &= orders.open_payment_ids.does_not_exist() | few
    return write.Change(row=orders(payment.order_id), actions=actions, condition=condition)


def settled(
    orders: type[OrderRow], order_id: str, payment_id: str, status: PaymentStatus, *, now: datetime
) -> write.Change:
    """The order no longer lists the payment as open; the first that succeeds pays it."""
    actions = [orders.open_payment_ids.delete({payment_id}), orders.updated_at.set(now)]
    if status is PaymentStatus.SUCCESS:
        actions += paid_by(orders, payment_id)
    return write.Change(row=orders(order_id), actions=actions, condition=orders.id.exists())


def paid_by(orders: type[OrderRow], payment_id: str) -> list[Any]:
    """The order is paid, by this payment unless an earlier one paid it."""
    return [
        orders.status.set(OrderStatus.PAID),
        orders.paid_payment_id.set(orders.paid_payment_id | payment_id),
    ]
