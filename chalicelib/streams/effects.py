"""The side effects of a committed row: events and jobs. Pure, without requests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pynamodb.models import Model

from chalicelib.domain.event import PaymentEvent, events_between
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus
from chalicelib.jobs.messages import (
    CapturePayment,
    DeliverWebhook,
    ExpirePayment,
    PaymentJob,
    ProcessPayment,
    ProcessRefund,
    VoidPayment,
)
from chalicelib.settings import TableNames
from chalicelib.store.payments import PaymentRow, payment_from_row
from chalicelib.store.webhook_logs import WebhookLogRow, log_from_row

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """One stream record: a row of ``table`` before and after a write, in DynamoDB JSON.

    ``before`` is None for a new row, ``after`` for a deleted one. ``id`` is the id of the stream record: it
    stays the same when the record is delivered again.
    """

    id: str
    table: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "RowChange":
        """The change in a stream record, as Lambda passes it."""
        image = record["dynamodb"]
        return cls(
            id=record["eventID"],
            table=record["eventSourceARN"].split("/")[1],
            before=image.get("OldImage"),
            after=image.get("NewImage"),
        )


@dataclass(frozen=True, kw_only=True)
class Effects:
    """The effects of one change."""

    events: list[PaymentEvent] = field(default_factory=list)
    payment: PaymentJob | None = None
    refund: ProcessRefund | None = None
    webhook: DeliverWebhook | None = None


def effects_of(change: RowChange, tables: TableNames) -> Effects:
    """The effects of ``change``. Raises an error if the row cannot be read or the table is not known."""
    match change.table:
        case tables.payments:
            return _effects_of_payment(*_both(change, PaymentRow, payment_from_row))
        case tables.webhook_logs:
            return _effects_of_log(*_both(change, WebhookLogRow, log_from_row))
    raise ValueError(f"not a table with effects: {change.table}")


def _effects_of_payment(before: Payment | None, after: Payment | None) -> Effects:
    if after is None:
        return Effects()
    return Effects(
        events=events_between(before, after),
        payment=_payment_job(before, after),
        refund=_refund_job(before, after),
    )


def _payment_job(before: Payment | None, after: Payment) -> PaymentJob | None:
    """The job that the payment needs in its state, if it is in another state than before."""
    job = _needed_job(after)
    return None if before and type(_needed_job(before)) is type(job) else job


def _needed_job(payment: Payment) -> PaymentJob | None:
    """The job that continues the payment. None if it is settled and its capture or void is confirmed."""
    if payment.status is PaymentStatus.PENDING:
        return ProcessPayment.of(payment)
    if not payment.is_manual or payment.confirmed_at:
        return None
    if payment.voided_at:
        return VoidPayment.of(payment, payment.voided_at)
    if payment.captured_at:
        return CapturePayment.of(payment, payment.captured_at)
    return ExpirePayment.of(payment, payment.capture_before) if payment.capture_before else None


def _refund_job(before: Payment | None, after: Payment) -> ProcessRefund | None:
    """The job of a pending refund that this change added to the payment."""
    refund = after.latest_refund
    if refund is None or refund.status is not RefundStatus.PENDING:
        return None
    if before and before.latest_refund == refund:
        return None
    return ProcessRefund.of(refund, after)


def _effects_of_log(before: WebhookLog | None, after: WebhookLog | None) -> Effects:
    return Effects(webhook=_webhook_job(before, after) if after else None)


def _webhook_job(before: WebhookLog | None, after: WebhookLog) -> DeliverWebhook | None:
    """The job of the next attempt, if the log is new or its attempt or round changed; None for a claim."""
    if after.status is not WebhookStatus.PENDING or after.next_retry_at is None:
        return None
    if before and (before.attempts, before.round) == (after.attempts, after.round):
        return None
    return DeliverWebhook.of(after, after.next_retry_at)


def _both(
    change: RowChange, model: type[Row], item_of: Callable[[Row], Item]
) -> tuple[Item | None, Item | None]:
    """The item of the row before and after the change."""
    before, after = (
        item_of(model.from_raw_data(dict(image))) if image else None
        for image in (change.before, change.after)
    )
    return before, after
