"""Checks that every event has a webhook log, and that every webhook log has an event."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.event import EVENT_OF_PAYMENT, EVENT_OF_REFUND, EventName, event_id
from chalicelib.domain.payment import Payment, VoidReason
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_log import RETENTION
from chalicelib.store.webhook_logs import WebhookLogRow
from infra.operator.doctor.findings import Finding, Kind, Report

BATCH = 100  # DynamoDB's limit of a BatchGetItem


@dataclass(frozen=True)
class _Expected:
    subject: str
    event: EventName
    occurred: bool


@dataclass(frozen=True, kw_only=True)
class Announcements:
    """Checks the logs of payments that have not changed since ``quiet_since``, in batches of 100."""

    logs: type[WebhookLogRow]
    merchants_with_url: Collection[str]
    now: datetime
    quiet_since: datetime
    report: Report
    _pending: dict[str, _Expected] = field(default_factory=dict)

    def check(self, payment: Payment, refunds: Sequence[Refund]) -> None:
        """Add the expected logs of a payment and its refunds to the batch."""
        is_quiet = self.now - RETENTION < payment.created_at and payment.updated_at < self.quiet_since
        if payment.merchant_id not in self.merchants_with_url or not is_quiet:
            return
        self._add(payment.id, _events_of(payment))
        for refund in refunds:
            self._add(refund.id, _events_of_refund(refund))
        if len(self._pending) >= BATCH:
            self.finish()

    def finish(self) -> None:
        """Look up the logs of the batch and report differences."""
        existing = {log.id for log in self.logs.batch_get(list(self._pending), attributes_to_get=["id"])}
        for log_id, expected in self._pending.items():
            if expected.occurred and log_id not in existing:
                message = f"{expected.event} has no webhook log"
                self.report(Finding(kind=Kind.MISSING_LOGS, subject=expected.subject, message=message))
            if not expected.occurred and log_id in existing:
                message = f"webhook log {log_id} is for {expected.event}, which did not occur"
                self.report(Finding(kind=Kind.CONTRADICTIONS, subject=expected.subject, message=message))
        self._pending.clear()

    def _add(self, subject: str, events: Mapping[EventName, bool]) -> None:
        for event, occurred in events.items():
            self._pending[event_id(subject, event)] = _Expected(subject, event, occurred)


def _events_of(payment: Payment) -> dict[EventName, bool]:
    """The events of a payment, and whether each one occurred."""
    outcomes = {event: status is payment.status for status, event in EVENT_OF_PAYMENT.items()}
    return {
        EventName.PAYMENT_CREATED: True,
        EventName.PAYMENT_PENDING: True,
        EventName.PAYMENT_CAPTURED: payment.captured or payment.void_reason is VoidReason.CAPTURE_REFUSED,
        **outcomes,
    }


def _events_of_refund(refund: Refund) -> dict[EventName, bool]:
    """The events of a refund, and whether each one occurred."""
    outcomes = {event: status is refund.status for status, event in EVENT_OF_REFUND.items()}
    return {**outcomes, EventName.REFUND_CREATED: True}
