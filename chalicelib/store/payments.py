"""Payments in DynamoDB."""

from datetime import datetime

from chalicelib.domain.idempotency import IdempotencyRecord
from chalicelib.domain.money import Money
from chalicelib.domain.payment import (
    PAYMENT_TRANSITIONS,
    Decline,
    Instrument,
    Payment,
    PaymentMethod,
    PaymentStatus,
)
from chalicelib.domain.transitions import sources_of
from chalicelib.store import write
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.tables import PaymentRow


class PaymentStore:
    """The payments, by id."""

    def __init__(self, table: type[PaymentRow], once: IdempotencyStore) -> None:
        self._table = table
        self._once = once

    def create(
        self, payment: Payment, record: IdempotencyRecord | None, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write a new payment; returns the record of an earlier use of its key, if any. One request."""
        return self._once.create(self._row(payment), record, now=now)

    def get(self, payment_id: str) -> Payment | None:
        """The payment. One request."""
        try:
            return payment_of(self._table.get(payment_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def settle(
        self,
        payment_id: str,
        status: PaymentStatus,
        *,
        decline: Decline | None,
        now: datetime,
    ) -> Payment | None:
        """Move the payment to its outcome; None when it already has one, or is gone. One request."""
        actions = [self._table.status.set(status), self._table.updated_at.set(now)]
        if decline:
            actions.append(self._table.error_code.set(decline.code))
            actions.append(self._table.error_description.set(decline.description))
        condition = self._table.status.is_in(*sources_of(PAYMENT_TRANSITIONS, status))
        try:
            return payment_of(write.update(self._table(payment_id), actions, condition))
        except write.ConditionFailedError:
            return None

    def _row(self, payment: Payment) -> PaymentRow:
        instrument = payment.instrument
        return self._table(
            id=payment.id,
            merchant_id=payment.merchant_id,
            order_id=payment.order_id,
            amount=payment.money.amount,
            currency=payment.money.currency,
            method=instrument.method,
            token=instrument.token,
            vpa=instrument.vpa,
            card_network=instrument.card_network,
            card_last4=instrument.card_last4,
            status=payment.status,
            captured=payment.captured,
            amount_refunded=payment.amount_refunded,
            error_code=payment.decline.code if payment.decline else None,
            error_description=payment.decline.description if payment.decline else None,
            process_at=payment.process_at,
            created_at=payment.created_at,
            updated_at=payment.updated_at,
        )


def payment_of(row: PaymentRow) -> Payment:
    """The payment a row holds; the relay reads rows of the stream with it."""
    return Payment(
        id=row.id,
        merchant_id=row.merchant_id,
        order_id=row.order_id,
        money=Money(int(row.amount), row.currency),
        instrument=Instrument(
            method=PaymentMethod(row.method),
            token=row.token,
            vpa=row.vpa,
            card_network=row.card_network,
            card_last4=row.card_last4,
        ),
        status=PaymentStatus(row.status),
        process_at=row.process_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        captured=row.captured,
        amount_refunded=int(row.amount_refunded),
        decline=Decline(code=row.error_code, description=row.error_description) if row.error_code else None,
    )
