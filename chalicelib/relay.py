"""The relay: turns a committed row into what it owes.

It reads the tables' streams and is the only place that sends a first job or writes a webhook log.
A crash anywhere is repaired by the stream's redelivery, so everything here may be done twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pynamodb.models import Model

from chalicelib.domain.clock import Clock
from chalicelib.domain.counting import Counts, count_order, count_payment, count_refund, count_webhook_log
from chalicelib.domain.event import Event, events_between
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus, owed
from chalicelib.jobs import DeliverWebhook, JobQueues, ProcessPayment, ProcessRefund
from chalicelib.observability import logger
from chalicelib.settings import TableNames
from chalicelib.store.counters import Counted, CounterStore
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.orders import order_of
from chalicelib.store.payments import payment_of
from chalicelib.store.refund_rows import refund_of
from chalicelib.store.tables import OrderRow, PaymentRow, RefundRow, WebhookLogRow
from chalicelib.store.webhook_log_rows import log_of
from chalicelib.store.webhook_logs import WebhookLogStore

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row of ``table`` before and after a write, in DynamoDB's JSON; None where there was no row.

    ``id`` is the stream's own: the same each time the change is told.
    """

    id: str
    table: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What one change owes."""

    counted: Counted
    events: list[Event] = field(default_factory=list)
    payment: ProcessPayment | None = None
    refund: ProcessRefund | None = None
    webhook: DeliverWebhook | None = None


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Reads changes and pays what they owe."""

    tables: TableNames
    merchants: MerchantStore
    logs: WebhookLogStore
    counters: CounterStore
    queues: JobQueues
    clock: Clock

    def read(self, change: Change) -> Debt:
        """What ``change`` owes. No request; raises on a row that cannot be read."""
        match change.table:
            case self.tables.orders:
                return Debt(counted=_counted(change, count_order, *_both(change, OrderRow, order_of)))
            case self.tables.payments:
                return _debt_of_payment(change, *_both(change, PaymentRow, payment_of))
            case self.tables.refunds:
                return Debt(counted=_counted(change, count_refund, *_both(change, RefundRow, refund_of)))
            case self.tables.webhook_logs:
                return _debt_of_log(change, *_both(change, WebhookLogRow, log_of))
        raise ValueError(f"no table of ours: {change.table}")

    def pay(self, debts: Sequence[Debt]) -> None:
        """Write the webhook logs, send the jobs, count. Raises when AWS did not take all: do it again."""
        self._write_logs([event for debt in debts for event in debt.events])
        self.queues.payments.send([debt.payment for debt in debts if debt.payment])
        self.queues.refunds.send([debt.refund for debt in debts if debt.refund])
        self.queues.webhooks.send([debt.webhook for debt in debts if debt.webhook])
        self.counters.count([debt.counted for debt in debts], now=self.clock())

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


def _debt_of_payment(change: Change, before: Payment | None, after: Payment | None) -> Debt:
    counted = _counted(change, count_payment, before, after)
    if after is None:
        return Debt(counted=counted)
    return Debt(
        counted=counted,
        events=events_between(before, after),
        payment=_payment_job(before, after),
        refund=_refund_job(before, after),
    )


def _payment_job(before: Payment | None, after: Payment) -> ProcessPayment | None:
    """A new payment owes a job."""
    if before or after.status is not PaymentStatus.PENDING:
        return None
    return ProcessPayment(
        payment_id=after.id,
        order_id=after.order_id,
        method=after.instrument.method,
        token=after.instrument.token,
        money=after.money,
        due_at=after.process_at,
    )


def _refund_job(before: Payment | None, after: Payment) -> ProcessRefund | None:
    """A refund that the payment tells of for the first time owes a job."""
    refund = after.latest_refund
    if refund is None or refund.status is not RefundStatus.PENDING:
        return None
    if before and before.latest_refund == refund:
        return None
    return ProcessRefund(refund=refund, token=after.instrument.token, currency=after.money.currency)


def _debt_of_log(change: Change, before: WebhookLog | None, after: WebhookLog | None) -> Debt:
    counted = _counted(change, count_webhook_log, before, after)
    return Debt(counted=counted, webhook=_webhook_job(before, after) if after else None)


def _webhook_job(before: WebhookLog | None, after: WebhookLog) -> DeliverWebhook | None:
    """A new log and one that moved on to its next attempt owe a job; a claim owes none."""
    if after.status is not WebhookStatus.PENDING or after.next_retry_at is None:
        return None
    if before and (before.attempts, before.round) == (after.attempts, after.round):
        return None
    return DeliverWebhook(
        log_id=after.id,
        merchant_id=after.merchant_id,
        attempts=after.attempts,
        round=after.round,
        due_at=after.next_retry_at,
    )


def _counted(
    change: Change,
    count: Callable[[Item | None, Item | None], Counts],
    before: Item | None,
    after: Item | None,
) -> Counted:
    return Counted(change_id=change.id, counts=count(before, after))


def _both(
    change: Change, model: type[Row], item_of: Callable[[Row], Item]
) -> tuple[Item | None, Item | None]:
    """What the row held before and after the change."""
    before, after = (
        item_of(model.from_raw_data(dict(image))) if image else None
        for image in (change.before, change.after)
    )
    return before, after
