"""Refunds in DynamoDB. Every write updates the payment in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.domain.idempotency import IdempotencyRecord
from chalicelib.domain.payment import CaptureMode, PaymentStatus
from chalicelib.domain.refund import REFUND_TRANSITIONS, Refund, RefundStatus
from chalicelib.domain.transitions import sources_of
from chalicelib.store import write
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.lists import ListQuery, Lists, Page
from chalicelib.store.payments import PaymentRefusedError, PaymentRow, next_event
from chalicelib.store.refund_map import RefundMap, attributes_of, refund_from_row
from chalicelib.store.totals import Total


class RefundsByMerchant(GlobalSecondaryIndex["RefundRow"]):
    """The refunds of a merchant, by time of creation."""

    class Meta:
        index_name = "by_merchant"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class RefundsByPayment(GlobalSecondaryIndex["RefundRow"]):
    """The refunds of a payment, by time of creation."""

    class Meta:
        index_name = "by_payment"
        projection = AllProjection()

    payment_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class RefundRow(Model):
    """A refund."""

    class Meta:
        table_name = "refunds"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    processed_at = UTCDateTimeAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    by_merchant = RefundsByMerchant()
    by_payment = RefundsByPayment()


class RefundStore:
    """The refunds, by id."""

    def __init__(
        self, table: type[RefundRow], payments: type[PaymentRow], idempotency: IdempotencyStore, lists: Lists
    ) -> None:
        self._table = table
        self._payments = payments
        self._idempotency = idempotency
        self._lists = lists

    def create(
        self, refund: Refund, record: IdempotencyRecord | None, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write a new refund and reserve its amount on the payment. One request.

        Returns the record of an earlier use of the key, if any. Raises PaymentRefusedError if the payment is
        not the merchant's, did not succeed, waits for its capture, or its refundable amount is too small. The
        condition of the payment also holds for concurrent refunds.
        """
        payments = self._payments
        reserve = payments.amount_refundable.set(payments.amount_refundable - refund.amount)
        condition = (
            (payments.merchant_id == refund.merchant_id)
            & (payments.status == PaymentStatus.SUCCESS)
            & (payments.amount_refundable >= refund.amount)
            & (
                payments.capture_mode.does_not_exist()
                | (payments.capture_mode == CaptureMode.AUTOMATIC)
                | payments.captured_at.exists()
            )
        )
        update = write.Update(
            row=payments(refund.payment_id),
            actions=self._payment_actions(refund, now, reserve),
            condition=condition,
        )
        try:
            return self._idempotency.create(self._row(refund), record, now=now, updates=[update])
        except write.ConditionFailedError as failure:
            if failure.row is not None and not isinstance(failure.row, PaymentRow):
                raise
            raise PaymentRefusedError.of(failure.row, refund.merchant_id) from failure

    def get(self, refund_id: str) -> Refund | None:
        """The refund. One request."""
        try:
            return refund_from_row(self._table.get(refund_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def settle(self, refund: Refund, status: RefundStatus, *, now: datetime) -> Refund | None:
        """Set the outcome of a pending refund. The amount of a failed one is refundable again. One request.

        None if the refund already has an outcome.
        """
        table, payments = self._table, self._payments
        settled = replace(refund, status=status, processed_at=now)
        release = [payments.amount_refundable.set(payments.amount_refundable + refund.amount)]
        writes = [
            write.Update(
                row=table(refund.id),
                actions=[table.status.set(status), table.processed_at.set(now)],
                condition=table.status.is_in(*sources_of(REFUND_TRANSITIONS, status)),
            ),
            write.Update(
                row=payments(refund.payment_id),
                actions=self._payment_actions(
                    settled, now, *(release if status is RefundStatus.FAILED else [])
                ),
                condition=payments.id.exists(),
            ),
        ]
        try:
            write.transact(writes)
        except write.ConditionFailedError:
            return None
        return settled

    def page(self, query: ListQuery) -> Page[Refund]:
        """One page of the merchant's refunds, newest first. One request per shard.

        One more for each 100 payments of refunds of a version that did not store the currency.
        """
        page = self._lists.page(self._table, query, refund_from_row)
        return replace(page, items=self.with_currency(page.items))

    def with_currency(self, refunds: Sequence[Refund]) -> list[Refund]:
        """The refunds with their currency. No request if they have it, else one for each 100 payments."""
        ids = sorted({refund.payment_id for refund in refunds if refund.currency is None})
        if not ids:
            return list(refunds)
        rows = self._payments.batch_get(ids, attributes_to_get=["id", "currency"])
        of_payment = {row.id: row.currency for row in rows}
        return [replace(each, currency=each.currency or of_payment.get(each.payment_id)) for each in refunds]

    def count(self, query: ListQuery) -> Total:
        """The number of rows of the list. One request per shard for some thousand rows."""
        return self._lists.count(self._table, query)

    def _row(self, refund: Refund) -> RefundRow:
        keys = self._lists.keys(refund.merchant_id, refund.id, refund.created_at)
        return self._table(**attributes_of(refund), **keys)

    def _payment_actions(self, refund: Refund, now: datetime, *actions: Action) -> Sequence[Action]:
        """``actions``, and the actions that set the ``latest_refund`` of the payment."""
        set_refund = self._payments.latest_refund.set(RefundMap(**attributes_of(refund)))
        return [*actions, set_refund, *next_event(self._payments, now)]
