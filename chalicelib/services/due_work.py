"""What becomes due for one merchant: payments, refunds and webhooks, with their jobs, from their rows.

The rows are found with the indexes of the lists, which are eventually consistent, and read consistently.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus
from chalicelib.jobs.messages import DeliverWebhook, ExpirePayment, Job, ProcessPayment, ProcessRefund
from chalicelib.services.payments import LATE_CHECK
from chalicelib.store.lists import ListQuery, Page
from chalicelib.store.payments import PaymentStore
from chalicelib.store.refunds import RefundStore
from chalicelib.store.webhook_logs import WebhookLogStore

MAX_ROWS = 1_000  # of each list: the newest; a merchant that tests has fewer
PAGE = 100  # rows of one BatchGetItem
FIRST_REPEAT = timedelta(seconds=10)  # after a job without an outcome; doubled with each repetition

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Due:
    """A job that is due ``at`` that time. It changes ``payment``, or the webhook log ``log``.

    ``is_repeated``: an earlier job had no outcome, and this one may have none either.
    """

    at: datetime
    job: Job
    payment: Payment | None = None
    log: WebhookLog | None = None
    is_repeated: bool = False

    @property
    def row_id(self) -> str:
        """The id of the row that has the due time."""
        match self.job:
            case DeliverWebhook():
                return self.job.log_id
            case ProcessRefund():
                return self.job.refund_id
            case _:
                return self.job.payment_id


@dataclass(kw_only=True)
class DueWork:
    """The work of one merchant. ``log_ids`` are webhook logs that the index may not contain yet."""

    merchant_id: str
    payments: PaymentStore
    refunds: RefundStore
    logs: WebhookLogStore
    log_ids: set[str] = field(default_factory=set)
    _asked_until: dict[str, datetime] = field(default_factory=dict)

    def find(self, now: datetime) -> list[Due]:
        """The next job of each row, by the time at which it is due. A request for each list and 100 rows."""
        return sorted((*self._payments(now), *self._refunds(now), *self._logs()), key=lambda due: due.at)

    def note_sent(self, due: Due) -> None:
        """Do not repeat the job of a payment or refund unless it has no outcome for some time."""
        if due.log is None:
            self._asked_until[due.row_id] = due.at

    def _payments(self, now: datetime) -> Iterator[Due]:
        found = self.payments.get_many(one.id for one in self._listed(self.payments.page))
        for payment in found:
            due = self._of_payment(payment, now)
            if due:
                yield due

    def _of_payment(self, payment: Payment, now: datetime) -> Due | None:
        if payment.status is PaymentStatus.PENDING:
            return self._of_pending(payment, now)
        is_open = payment.is_manual and not (payment.captured_at or payment.voided_at)
        if payment.status is PaymentStatus.SUCCESS and is_open and payment.capture_before:
            at = payment.capture_before
            return Due(at=at, job=ExpirePayment.of(payment, at), payment=payment)
        is_cancelled = payment.status is PaymentStatus.FAILED and payment.next_action
        if is_cancelled and payment.settled_at and not payment.late_authorized_at:
            at = payment.settled_at + LATE_CHECK
            if at > now and self._asked_until.get(payment.id, now) < at:
                job = ProcessPayment.check_of(payment, at)
                return Due(at=at, job=job, payment=payment, is_repeated=True)
        return None

    def _of_pending(self, payment: Payment, now: datetime) -> Due:
        action = payment.next_action
        first = action.expires_at if action else payment.process_at
        at = self._next(payment.id, first, now)
        is_first = payment.id not in self._asked_until and not action
        job = ProcessPayment.of(payment) if is_first else ProcessPayment.check_of(payment, at)
        return Due(at=at, job=replace(job, due_at=at), payment=payment, is_repeated=at > first)

    def _refunds(self, now: datetime) -> Iterator[Due]:
        for listed in self._listed(self.refunds.page, status=RefundStatus.PENDING):
            refund = self.refunds.get(listed.id)
            payment = self.payments.get(listed.payment_id)
            if refund and payment and refund.status is RefundStatus.PENDING:
                yield self._of_refund(refund, payment, now)

    def _of_refund(self, refund: Refund, payment: Payment, now: datetime) -> Due:
        at = self._next(refund.id, refund.process_at, now)
        is_first = refund.id not in self._asked_until
        job = ProcessRefund.of(refund, payment) if is_first else ProcessRefund.check_of(refund, payment, at)
        is_repeated = at > refund.process_at
        return Due(at=at, job=replace(job, due_at=at), payment=payment, is_repeated=is_repeated)

    def _logs(self) -> Iterator[Due]:
        listed = (log.id for log in self._listed(self.logs.page, status=WebhookStatus.PENDING))
        found = self.logs.get_many({*listed, *self.log_ids})
        self.log_ids = {log.id for log in found if log.status is WebhookStatus.PENDING}
        for log in found:
            if log.status is WebhookStatus.PENDING and log.next_retry_at:
                job = DeliverWebhook.of(log, log.next_retry_at)
                yield Due(at=log.next_retry_at, job=job, log=log)

    def _next(self, id_: str, first: datetime, now: datetime) -> datetime:
        """When the outcome is requested: at ``first``, then FIRST_REPEAT later, then at doubled distances.

        The first time that was not asked for; of those before ``now``, only the last.
        """
        asked_until, at, distance = self._asked_until.get(id_), first, FIRST_REPEAT
        while (following := first + distance) <= now or (asked_until and at <= asked_until):
            at, distance = following, distance * 2
        return at

    def _listed(self, page_of: Callable[[ListQuery], Page[Item]], **filters: str) -> Iterator[Item]:
        query = ListQuery(merchant_id=self.merchant_id, limit=PAGE, filters=filters)
        for _ in range(MAX_ROWS // PAGE):
            page = page_of(query)
            yield from page.items
            if page.next_key is None:
                return
            query = replace(query, after=page.next_key, skip=page.skip)
