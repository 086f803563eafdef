"""Orders in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.idempotency import IdempotencyRecord
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store import write
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.lists import ListQuery, Lists, Page
from chalicelib.store.order_payments import paid_by
from chalicelib.store.tables import OrderRow


class OrderStore:
    """The orders, by id."""

    def __init__(self, table: type[OrderRow], once: IdempotencyStore, lists: Lists) -> None:
        self._table = table
        self._once = once
        self._lists = lists

    def create(
        self, order: Order, record: IdempotencyRecord | None, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write a new order; returns the record of an earlier use of its key, if any. One request."""
        row = self._table(
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
        return self._once.create(row, record, now=now)

    def get(self, order_id: str) -> Order | None:
        """The order. One request."""
        try:
            return order_of(self._table.get(order_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def add_payments(self, order: Order, payments: Sequence[Payment]) -> Order | None:
        """Add its payments, newest first, to an order of a version that kept none on it. One request.

        None when the order changed since ``order`` was read.
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
            return order_of(write.update(table(order.id), actions, unchanged))
        except write.ConditionFailedError:
            return None

    def page(self, query: ListQuery) -> Page[Order]:
        """Some of a merchant's orders, newest first. One request a shard."""
        return self._lists.page(self._table, query, order_of)


def order_of(row: OrderRow) -> Order:
    """The order a row holds; the relay reads rows of the stream with it."""
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
