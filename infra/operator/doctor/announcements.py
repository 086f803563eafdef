"""Events against webhook logs: what happened was told, and nothing else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.event import EVENT_OF_PAYMENT, EVENT_OF_REFUND, EventName, event_id
from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_log import RETENTION
from chalicelib.store.webhook_logs import WebhookLogRow
from infra.operator.doctor.findings import Finding, Kind, Report

BATCH = 100  # of a BatchGetItem, by DynamoDB


@dataclass(frozen=True)
class _Expected:
    subject: str
    event: EventName
    happened: bool


@dataclass(frozen=True, kw_only=True)
class Announcements:
    """Looks up the logs of payments that did not change since ``quiet_since``, a hundred at a time."""

    logs: type[WebhookLogRow]
    told: Collection[str]  # merchants with a webhook URL
    now: datetime
    quiet_since: datetime
    report: Report
    _asked: dict[str, _Expected] = field(default_factory=dict)

    def check(self, payment: Payment, refunds: Sequence[Refund]) -> None:
        """Note what must and must not have been told of a payment and its refunds."""
        is_quiet = self.now - RETENTION < payment.created_at and payment.updated_at < self.quiet_since
        if payment.merchant_id not in self.told or not is_quiet:
            return
        self._note(payment.id, _events_of(payment))
        for refund in refunds:
            self._note(refund.id, _events_of_refund(refund))
        if len(self._asked) >= BATCH:
            self.finish()

    def finish(self) -> None:
        """Look up what was noted."""
        there = {log.id for log in self.logs.batch_get(list(self._asked), attributes_to_get=["id"])}
        for log_id, expected in self._asked.items():
            if expected.happened and log_id not in there:
                says = f"{expected.event} has no webhook log"
                self.report(Finding(kind=Kind.UNTOLD, subject=expected.subject, says=says))
            if not expected.happened and log_id in there:
                says = f"webhook log {log_id} tells of {expected.event}, which did not happen"
                self.report(Finding(kind=Kind.CONTRADICTIONS, subject=expected.subject, says=says))
        self._asked.clear()

    def _note(self, subject: str, events: Mapping[EventName, bool]) -> None:
        for event, happened in events.items():
            self._asked[event_id(subject, event)] = _Expected(subject, event, happened)


def _events_of(payment: Payment) -> dict[EventName, bool]:
    """The events of a payment, and whether each happened."""
    ends = {event: status is payment.status for status, event in EVENT_OF_PAYMENT.items()}
    return {
        EventName.PAYMENT_CREATED: True,
        EventName.PAYMENT_PENDING: True,
        EventName.PAYMENT_CAPTURED: payment.captured,
        **ends,
    }


def _events_of_refund(refund: Refund) -> dict[EventName, bool]:
    """The events of a refund, and whether each happened."""
    ends = {event: status is refund.status for status, event in EVENT_OF_REFUND.items()}
    return {**ends, EventName.REFUND_CREATED: True}
