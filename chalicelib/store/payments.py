"""Payments in DynamoDB."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

from pynamodb.attributes import (
    BooleanAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.domain.decline import Decline, DeclineCode, Retry
from chalicelib.domain.idempotency import IdempotencyRecord
from chalicelib.domain.instrument import DISPLAYED_FIELDS, Instrument, PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import Authentication
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.order import MAX_OPEN_PAYMENTS, Order
from chalicelib.domain.payment import (
    PAYMENT_TRANSITIONS,
    CaptureMode,
    DisplayStatus,
    Payment,
    PaymentStatus,
    VoidReason,
)
from chalicelib.domain.transitions import sources_of
from chalicelib.store import write
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.lists import ListQuery, Lists, Page
from chalicelib.store.orders import OrderRow, close_payment, open_payment, order_from_row
from chalicelib.store.refund_map import RefundMap, refund_from_row
from chalicelib.store.totals import Total

_LISTED = [
    "merchant_id",
    "order_id",
    "amount",
    "currency",
    "method",
    *DISPLAYED_FIELDS,
    "status",
    "sequence",
    "amount_refundable",
    "settled_at",
    "captured_at",
    "error_code",
    "error_description",
    "process_at",
    "created_at",
    "updated_at",
]


class NextActionMap(MapAttribute[str, Any]):
    """The ``next_action`` of a payment."""

    type = UnicodeAttribute()
    url = UnicodeAttribute()
    expires_at = UTCDateTimeAttribute()
    embeddable = BooleanAttribute(null=True)
    qr_svg_url = UnicodeAttribute(null=True)
    simulator_url = UnicodeAttribute(null=True)


class PaymentsByMerchant(GlobalSecondaryIndex["PaymentRow"]):
    """The payments of a merchant, by time of creation, with the listed attributes."""

    class Meta:
        index_name = "by_merchant"
        projection = IncludeProjection(_LISTED)

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class PaymentsByOrder(GlobalSecondaryIndex["PaymentRow"]):
    """The payments of an order, by time of creation, with the listed attributes."""

    class Meta:
        index_name = "by_order"
        projection = IncludeProjection([name for name in _LISTED if name != "order_id"])

    order_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class PaymentRow(Model):
    """A payment. Contains only the network and the last four digits of a card."""

    class Meta:
        table_name = "payments"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    order_id = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    method = UnicodeAttribute()
    token = UnicodeAttribute(null=True)  # absent in the indexes
    # One attribute for each displayed field, so that a new payment method needs no change here.
    locals().update({name: UnicodeAttribute(null=True) for name in DISPLAYED_FIELDS})
    status = UnicodeAttribute()
    sequence = NumberAttribute()
    amount_refundable = NumberAttribute()
    settled_at = UTCDateTimeAttribute(null=True)
    captured_at = UTCDateTimeAttribute(null=True)
    latest_refund = RefundMap(null=True)
    error_code = UnicodeAttribute(null=True)
    error_description = UnicodeAttribute(null=True)
    decline_code = UnicodeAttribute(null=True)  # absent in the indexes, like the next fifteen
    retry = UnicodeAttribute(null=True)
    acquirer = UnicodeAttribute(null=True)
    acquirer_reference = UnicodeAttribute(null=True)
    next_action = NextActionMap(null=True)
    late_authorized_at = UTCDateTimeAttribute(null=True)
    flow = UnicodeAttribute(null=True)
    authentication = UnicodeAttribute(null=True)
    capture_mode = UnicodeAttribute(null=True)
    return_url = UnicodeAttribute(null=True)
    capture_before = UTCDateTimeAttribute(null=True)
    voided_at = UTCDateTimeAttribute(null=True)
    void_reason = UnicodeAttribute(null=True)
    confirmed_at = UTCDateTimeAttribute(null=True)
    authorize_leased_until = UTCDateTimeAttribute(null=True)
    check_claimed_at = UTCDateTimeAttribute(null=True)
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    by_merchant = PaymentsByMerchant()
    by_order = PaymentsByOrder()


class PaymentStore:
    """The payments, by id."""

    def __init__(
        self, table: type[PaymentRow], orders: type[OrderRow], idempotency: IdempotencyStore, lists: Lists
    ) -> None:
        self._table = table
        self._orders = orders
        self._idempotency = idempotency
        self._lists = lists

    def create(
        self, payment: Payment, record: IdempotencyRecord | None, *, now: datetime, guarded: bool = False
    ) -> IdempotencyRecord | None:
        """Write a new payment and add it to the open payments of its order. One request.

        ``guarded``: only if the order has no other open payment, is not paid and has attempts left.
        Returns the record of an earlier use of the key, if any. Raises OrderRefusedError.
        """
        update = open_payment(self._orders, payment, guarded=guarded, now=now)
        try:
            return self._idempotency.create(self._row(payment), record, now=now, updates=[update])
        except write.ConditionFailedError as failure:
            if failure.row is not None and not isinstance(failure.row, OrderRow):
                raise
            raise OrderRefusedError(order_from_row(failure.row) if failure.row else None) from failure

    def get(self, payment_id: str) -> Payment | None:
        """The payment. One request."""
        try:
            return payment_from_row(self._table.get(payment_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def get_many(self, payment_ids: Iterable[str]) -> list[Payment]:
        """The payments with these ids that exist, read consistently. One request for up to 100."""
        ids = sorted(set(payment_ids))
        return (
            [payment_from_row(row) for row in self._table.batch_get(ids, consistent_read=True)] if ids else []
        )

    def of_order(self, order: Order) -> list[Payment]:
        """The newest MAX_OPEN_PAYMENTS payments of the order. Pending payments are read consistently."""
        query = ListQuery(
            merchant_id=order.merchant_id, limit=MAX_OPEN_PAYMENTS, filters={"order_id": order.id}
        )
        found = (
            self.get(one.id) if one.status is PaymentStatus.PENDING else one for one in self.page(query).items
        )
        return [one for one in found if one]

    def settle(
        self,
        payment_id: str,
        order_id: str,
        status: PaymentStatus,
        *,
        reference: str | None = None,
        authentication: Authentication | None = None,
        decline: Decline | None,
        capture_before: datetime | None = None,
        now: datetime,
    ) -> bool:
        """Set the outcome of the payment and remove it from the open payments of its order. One request.

        ``reference`` is that of the acquirer. ``capture_before`` is set if the money is reserved.
        False if the payment already has an outcome or does not exist.
        """
        table = self._table
        actions = [table.status.set(status), table.settled_at.set(now), *next_event(table, now)]
        values: dict[str, Any] = {
            "acquirer_reference": reference,
            "authentication": authentication,
            "capture_before": capture_before,
        }
        values |= decline.fields if decline else {}
        actions += [getattr(table, name).set(value) for name, value in values.items() if value is not None]
        condition = table.status.is_in(*sources_of(PAYMENT_TRANSITIONS, status))
        payment = write.Update(row=table(payment_id), actions=actions, condition=condition)
        order = close_payment(self._orders, order_id, payment_id, status, now=now)
        try:
            write.transact([payment, order])
        except write.ConditionFailedError as failure:
            if 0 in failure.indexes:
                return False
            raise
        return True

    def require_action(self, payment_id: str, action: NextAction, *, reference: str, now: datetime) -> bool:
        """Set the action of a pending payment. One request. False if it has an action or an outcome."""
        table = self._table
        change = table.next_action.set(NextActionMap(**vars(action)))
        is_new = (table.status == PaymentStatus.PENDING) & table.next_action.does_not_exist()
        return self._is_noted(payment_id, change, is_new, reference=reference, now=now)

    def record_late_authorization(self, payment_id: str, *, reference: str, now: datetime) -> bool:
        """Record that the money of a late approval was returned. One request. False if that was done."""
        table = self._table
        change = table.late_authorized_at.set(now)
        is_new = (table.status == PaymentStatus.FAILED) & table.late_authorized_at.does_not_exist()
        return self._is_noted(payment_id, change, is_new, reference=reference, now=now)

    def lease_authorization(self, payment_id: str, *, free_at: datetime | None, until: datetime) -> bool:
        """Take the right to authorize the pending payment until ``until``. One request.

        False if the payment is settled or a lease was taken that did not end before ``free_at``; None:
        if a lease was ever taken.
        """
        leased_until = self._table.authorize_leased_until
        is_free: Condition = leased_until.does_not_exist()
        if free_at is not None:
            is_free |= leased_until <= free_at
        return self._is_claimed(payment_id, leased_until.set(until), is_free)

    def claim_check(self, payment_id: str, *, now: datetime, pause: timedelta) -> bool:
        """Take the right to check the status of the pending payment once. One request.

        False if the payment is settled, or that right was taken less than ``pause`` ago.
        """
        claimed_at = self._table.check_claimed_at
        is_free = claimed_at.does_not_exist() | (claimed_at <= now - pause)
        return self._is_claimed(payment_id, claimed_at.set(now), is_free)

    def _is_claimed(self, payment_id: str, claim: Action, is_free: Condition) -> bool:
        """Write the claim of a pending payment. Its sequence of events does not change."""
        table = self._table
        try:
            write.update(table(payment_id), [claim], (table.status == PaymentStatus.PENDING) & is_free)
        except write.ConditionFailedError:
            return False
        return True

    def _is_noted(
        self, payment_id: str, change: Action, condition: Condition, *, reference: str, now: datetime
    ) -> bool:
        table = self._table
        actions = [change, table.acquirer_reference.set(reference), *next_event(table, now)]
        try:
            write.update(table(payment_id), actions, condition)
        except write.ConditionFailedError:
            return False
        return True

    def page(self, query: ListQuery) -> Page[Payment]:
        """One page of the merchant's payments, newest first, with ``voided_at``. One request per shard.

        Payments that changed after their outcome without a capture need one more request for each 100, which
        reads whether they were voided. ``filters`` may contain a ``display_status``.
        """
        wanted = query.filters.get("display_status")
        if wanted:
            filters = {name: value for name, value in query.filters.items() if name != "display_status"}
            query = replace(query, filters=filters, condition=self._listed_as(wanted))
        page = self._lists.page(self._table, query, payment_from_row)
        items = self._with_voids(page.items)
        return replace(page, items=[one for one in items if wanted in {None, one.display_status}])

    def count(self, query: ListQuery) -> Total:
        """The number of rows of the list. One request per shard for some thousand rows."""
        return self._lists.count(self._table, query)

    def _listed_as(self, status: DisplayStatus) -> Condition:
        """The condition of the index rows that can have this status. Only a void is not in the index."""
        table = self._table
        left, captured_at = table.amount_refundable, table.captured_at
        conditions: dict[DisplayStatus, Condition] = {
            DisplayStatus.PENDING: table.status == PaymentStatus.PENDING,
            DisplayStatus.FAILED: table.status == PaymentStatus.FAILED,
            DisplayStatus.SUCCESS: captured_at.does_not_exist() & (left == table.amount),
            DisplayStatus.CAPTURED: captured_at.exists() & (left == table.amount),
            DisplayStatus.PARTIALLY_REFUNDED: (left > 0) & (left < table.amount),
            DisplayStatus.REFUNDED: left == 0,
            DisplayStatus.VOIDED: captured_at.does_not_exist() & (table.updated_at != table.settled_at),
        }
        if status in {DisplayStatus.PENDING, DisplayStatus.FAILED}:
            return conditions[status]
        is_successful: Condition = table.status == PaymentStatus.SUCCESS
        matching: Condition = is_successful & conditions[status]
        return matching

    def _with_voids(self, listed: Sequence[Payment]) -> list[Payment]:
        """The payments of an index, with ``voided_at``. No request if none of them can be voided."""
        ids = [payment.id for payment in listed if payment.may_be_voided]
        if not ids:
            return list(listed)
        rows = self._table.batch_get(ids, consistent_read=True, attributes_to_get=["id", "voided_at"])
        voided = {row.id: row.voided_at for row in rows}
        return [replace(payment, voided_at=voided.get(payment.id)) for payment in listed]

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
            **instrument.displayed,
            status=payment.status,
            sequence=payment.sequence,
            amount_refundable=payment.amount_refundable,
            **(payment.decline.fields if payment.decline else {}),
            acquirer=payment.acquirer,
            acquirer_reference=payment.acquirer_reference,
            flow=instrument.flow,
            capture_mode=payment.capture_mode,
            return_url=payment.return_url,
            process_at=payment.process_at,
            created_at=payment.created_at,
            updated_at=payment.updated_at,
            **self._lists.keys(payment.merchant_id, payment.id, payment.created_at),
        )


class OrderRefusedError(Exception):
    """The order does not allow the payment. ``order`` is the current order; None if it does not exist."""

    def __init__(self, order: Order | None) -> None:
        super().__init__("the condition of the order failed")
        self.order = order


class PaymentRefusedError(Exception):
    """The payment does not allow the write. ``payment``: the current payment, None if not the merchant's."""

    def __init__(self, payment: Payment | None) -> None:
        super().__init__("the condition of the payment failed")
        self.payment = payment

    @classmethod
    def of(cls, row: PaymentRow | None, merchant_id: str) -> Self:
        """The error for ``row``, on which the condition of the merchant's write failed."""
        return cls(payment_from_row(row) if row and row.merchant_id == merchant_id else None)


def next_event(table: type[PaymentRow], now: datetime) -> list[Action]:
    """The actions of every change of a payment: increment ``sequence`` and set ``updated_at``."""
    return [table.sequence.set(table.sequence + 1), table.updated_at.set(now)]


def payment_from_row(row: PaymentRow) -> Payment:
    """The payment of a row. Also used for the rows of stream records."""
    return Payment(
        id=row.id,
        merchant_id=row.merchant_id,
        order_id=row.order_id,
        money=Money(int(row.amount), row.currency),
        instrument=Instrument(
            method=PaymentMethod(row.method),
            token=row.token or "",
            flow=UpiFlow(row.flow) if row.flow else None,
            **{name: getattr(row, name) for name in DISPLAYED_FIELDS},
        ),
        status=PaymentStatus(row.status),
        process_at=row.process_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        sequence=int(row.sequence),
        amount_refundable=int(row.amount_refundable),
        settled_at=row.settled_at,
        captured_at=row.captured_at,
        latest_refund=refund_from_row(row.latest_refund) if row.latest_refund else None,
        decline=_decline(row) if row.error_code else None,
        acquirer=row.acquirer,
        acquirer_reference=row.acquirer_reference,
        next_action=_next_action(row.next_action) if row.next_action else None,
        late_authorized_at=row.late_authorized_at,
        authentication=Authentication(row.authentication) if row.authentication else None,
        capture_mode=CaptureMode(row.capture_mode or CaptureMode.AUTOMATIC),
        return_url=row.return_url,
        capture_before=row.capture_before,
        voided_at=row.voided_at,
        void_reason=VoidReason(row.void_reason) if row.void_reason else None,
        confirmed_at=row.confirmed_at,
    )


def _next_action(stored: NextActionMap) -> NextAction:
    return NextAction(
        type=ActionType(stored.type),
        url=stored.url,
        expires_at=stored.expires_at,
        embeddable=bool(stored.embeddable),
        qr_svg_url=stored.qr_svg_url,
        simulator_url=stored.simulator_url,
    )


def _decline(row: PaymentRow) -> Decline:
    return Decline(
        description=row.error_description,
        code=DeclineCode(row.decline_code) if row.decline_code else None,
        retry=Retry(row.retry) if row.retry else None,
    )
