"""The relay: turns a committed row into what it owes.

It reads the tables' streams and is the only place that sends a first job or writes a webhook log.
A crash anywhere is repaired by the stream's redelivery, so everything here may be done twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.event import Event, events_between
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus, owed
from chalicelib.jobs import DeliverWebhook, JobQueue, ProcessPayment, ProcessRefund
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.payments import payment_of
from chalicelib.store.tables import PaymentRow, WebhookLogRow
from chalicelib.store.webhook_logs import WebhookLogStore, log_of


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row of ``table`` before and after a write, in DynamoDB's JSON; None where there was no row."""

    table: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What one change owes."""

    events: list[Event] = field(default_factory=list)
    payment: ProcessPayment | None = None
    refund: ProcessRefund | None = None
    webhook: DeliverWebhook | None = None


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Reads changes and pays what they owe."""

    payment_table: str
    webhook_log_table: str
    merchants: MerchantStore
    logs: WebhookLogStore
    payment_queue: JobQueue
    refund_queue: JobQueue
    webhook_queue: JobQueue

    def read(self, change: Change) -> Debt:
        """What ``change`` owes. No request; raises on a row that cannot be read."""
        if change.after is None:
            return Debt()
        if change.table == self.payment_table:
            before = payment_of(_row(PaymentRow, change.before)) if change.before else None
            return _debt_of_payment(before, payment_of(_row(PaymentRow, change.after)))
        if change.table == self.webhook_log_table:
            log_before = log_of(_row(WebhookLogRow, change.before)) if change.before else None
            return _debt_of_log(log_before, log_of(_row(WebhookLogRow, change.after)))
        raise ValueError(f"no table of ours: {change.table}")

    def pay(self, debts: Sequence[Debt]) -> None:
        """Write the webhook logs and send the jobs. Raises when AWS did not take all; then do it again."""
        self._write_logs([event for debt in debts for event in debt.events])
        self.payment_queue.send([debt.payment for debt in debts if debt.payment])
        self.refund_queue.send([debt.refund for debt in debts if debt.refund])
        self.webhook_queue.send([debt.webhook for debt in debts if debt.webhook])

    def _write_logs(self, events: list[Event]) -> None:
        """One log an event, for merchants who have a webhook URL now: their rows are read fresh, once."""
        merchants = self.merchants.get_many(event.payment.merchant_id for event in events)
        for event in events:
            merchant = merchants.get(event.payment.merchant_id)
            if merchant is None or merchant.webhook.url is None:
                continue
            if self.logs.create(owed(event, is_called=merchant.webhook.disabled_at is None)):
                logger.info(
                    "webhook owed", webhook_log_id=event.id, event=event.name, payment_id=event.payment.id
                )


def _debt_of_payment(before: Payment | None, after: Payment) -> Debt:
    is_new = before is None and after.status is PaymentStatus.PENDING
    job = ProcessPayment(
        payment_id=after.id,
        method=after.instrument.method,
        token=after.instrument.token,
        money=after.money,
        due_at=after.process_at,
    )
    return Debt(
        events=events_between(before, after),
        payment=job if is_new else None,
        refund=_refund_job(before, after),
    )


def _refund_job(before: Payment | None, after: Payment) -> ProcessRefund | None:
    """A refund that the payment tells of for the first time owes a job."""
    refund = after.latest_refund
    if refund is None or refund.status is not RefundStatus.PENDING:
        return None
    if before and before.latest_refund == refund:
        return None
    return ProcessRefund(refund=refund, token=after.instrument.token, currency=after.money.currency)


def _debt_of_log(before: WebhookLog | None, after: WebhookLog) -> Debt:
    """A new log and one that moved on to its next attempt owe a job; a claim owes none."""
    if after.status is not WebhookStatus.PENDING or after.next_retry_at is None:
        return Debt()
    if before and (before.attempts, before.round) == (after.attempts, after.round):
        return Debt()
    return Debt(
        webhook=DeliverWebhook(
            log_id=after.id,
            merchant_id=after.merchant_id,
            attempts=after.attempts,
            round=after.round,
            due_at=after.next_retry_at,
        )
    )


def _row(model: Any, image: Mapping[str, Any]) -> Any:
    return model.from_raw_data(dict(image))
