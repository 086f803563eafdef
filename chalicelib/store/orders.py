"""Orders in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.condition import Condition, size
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.domain.idempotency import IdempotencyRecord
from chalicelib.domain.money import Money
from chalicelib.domain.order import MAX_ATTEMPTS, MAX_OPEN_PAYMENTS, Order, OrderStatus
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store import write
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.lists import ListQuery, Lists, Page
from chalicelib.store.totals import Total


class OrdersByMerchant(GlobalSecondaryIndex["OrderRow"]):
    """The orders of a merchant, by time of creation."""

    class Meta:
        index_name = "by_merchant"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class OrderRow(Model):
    """An order. ``attempts`` is absent on rows of a version that did not count them."""

    class Meta:
        table_name = "orders"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    receipt = UnicodeAttribute(null=True)
    notes = JSONAttribute()
    status = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    pay_once = BooleanAttribute(null=True)
    expires_at = UTCDateTimeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    open_payment_ids = UnicodeSetAttribute(null=True)  # absent if empty
    paid_payment_id = UnicodeAttribute(null=True)
    by_merchant = OrdersByMerchant()


class OrderStore:
    """The orders, by id."""

    def __init__(self, table: type[OrderRow], idempotency: IdempotencyStore, lists: Lists) -> None:
        self._table = table
        self._idempotency = idempotency
        self._lists = lists

    def create(
        self, order: Order, record: IdempotencyRecord | None, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write a new order. Returns the record of an earlier use of the key, if any. One request."""
        return self._idempotency.create(self._row(order), record, now=now)

    def get(self, order_id: str) -> Order | None:
        """The order. One request."""
        try:
            return order_from_row(self._table.get(order_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def add_payments(self, order: Order, payments: Sequence[Payment]) -> Order | None:
        """Add ``payments``, newest first, to an order of a version that did not list them. One request.

        None if the order changed after ``order`` was read.
        """
        table = self._table
        paid = [one.id for one in payments if one.status is PaymentStatus.SUCCESS]
        pending = {one.id for one in payments if one.status is PaymentStatus.PENDING}
        actions = [table.attempts.set(len(payments))]
        if pending:
            actions.append(table.open_payment_ids.set(pending))
        if paid:
            actions += paid_by(table, paid[-1])
        unchanged = table.attempts.does_not_exist() & (table.updated_at == order.updated_at)
        try:
            return order_from_row(write.update(table(order.id), actions, unchanged))
        except write.ConditionFailedError:
            return None

    def page(self, query: ListQuery) -> Page[Order]:
        """One page of the merchant's orders, newest first. One request per shard."""
        return self._lists.page(self._table, query, order_from_row)

    def count(self, query: ListQuery) -> Total:
        """The number of rows of the list. One request per shard for some thousand rows."""
        return self._lists.count(self._table, query)

    def _row(self, order: Order) -> OrderRow:
        return self._table(
            id=order.id,
            merchant_id=order.merchant_id,
            amount=order.money.amount,
            currency=order.money.currency,
            receipt=order.receipt,
            notes=dict(order.notes),
            status=order.status,
            created_at=order.created_at,
            updated_at=order.updated_at,
            pay_once=order.pay_once or None,
            expires_at=order.expires_at,
            attempts=order.attempts,
            **self._lists.keys(order.merchant_id, order.id, order.created_at),
        )


def order_from_row(row: OrderRow) -> Order:
    """The order of a row. Also used for the rows of stream records."""
    return Order(
        id=row.id,
        merchant_id=row.merchant_id,
        money=Money(int(row.amount), row.currency),
        receipt=row.receipt,
        notes=row.notes,
        status=OrderStatus(row.status),
        created_at=row.created_at,
        updated_at=row.updated_at,
        pay_once=bool(row.pay_once),
        expires_at=row.expires_at,
        attempts=None if row.attempts is None else int(row.attempts),
        open_payment_ids=frozenset(row.open_payment_ids or ()),
        paid_payment_id=row.paid_payment_id,
    )


def open_payment(orders: type[OrderRow], payment: Payment, *, guarded: bool, now: datetime) -> write.Update:
    """The update that counts a new payment and adds it to the open payments of the order.

    Its condition: the order has not expired and has at most MAX_OPEN_PAYMENTS. ``guarded``: the order is not
    paid, has no open payment and fewer than MAX_ATTEMPTS attempts.
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
    return write.Update(row=orders(payment.order_id), actions=actions, condition=condition)


def close_payment(
    orders: type[OrderRow], order_id: str, payment_id: str, status: PaymentStatus, *, now: datetime
) -> write.Update:
    """The update that removes a payment from the open payments. A successful payment pays the order."""
    actions = [orders.open_payment_ids.delete({payment_id}), orders.updated_at.set(now)]
    if status is PaymentStatus.SUCCESS:
        actions += paid_by(orders, payment_id)
    return write.Update(row=orders(order_id), actions=actions, condition=orders.id.exists())


def paid_by(orders: type[OrderRow], payment_id: str) -> list[Any]:
    """The actions that set the order to paid. ``paid_payment_id`` keeps the first successful payment."""
    return [
        orders.status.set(OrderStatus.PAID),
        orders.paid_payment_id.set(orders.paid_payment_id | payment_id),
    ]
