"""Guarantees that must hold after all work is finished, whatever was killed before."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.acquirers.base import Approved, AuthorizeRequest
from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.domain.event import EventName, event_id
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookStatus
from tests.e2e.api import Json
from tests.kills.records import Records

_OF_PAYMENT = {
    PaymentStatus.PENDING: [],
    PaymentStatus.SUCCESS: [EventName.PAYMENT_SUCCESS],
    PaymentStatus.FAILED: [EventName.PAYMENT_FAILED],
}
_OF_REFUND = {
    RefundStatus.PENDING: [],
    RefundStatus.PROCESSED: [EventName.REFUND_PROCESSED],
    RefundStatus.FAILED: [EventName.REFUND_FAILED],
}


def expected_events(records: Records) -> dict[str, EventName]:
    """Every event of the payments and refunds, by the id of its webhook log."""
    expected: dict[str, EventName] = {}
    for payment in records.payments.values():
        happened = [EventName.PAYMENT_CREATED, EventName.PAYMENT_PENDING, *_OF_PAYMENT[payment.status]]
        expected |= {event_id(payment.id, event): event for event in happened}
    for refund in records.refunds.values():
        happened = [EventName.REFUND_CREATED, *_OF_REFUND[refund.status]]
        expected |= {event_id(refund.id, event): event for event in happened}
    return expected


def is_finished(records: Records) -> bool:
    """Whether no work is pending."""
    return (
        all(each.status is not PaymentStatus.PENDING for each in records.payments.values())
        and all(each.status is not RefundStatus.PENDING for each in records.refunds.values())
        and expected_events(records).keys() <= records.logs.keys()
        and all(each.status is not WebhookStatus.PENDING for each in records.logs.values())
    )


@dataclass(frozen=True)
class Evidence:
    """The responses to the merchant, the rows of the tables, and the acknowledged webhooks."""

    answered: Sequence[Json]
    records: Records
    received: Sequence[tuple[str, str]]
    acquirer: SimulatedAcquirer

    def broken(self) -> Iterator[str]:
        """The guarantees that do not hold."""
        yield from self._payments()
        yield from self._refunds()
        yield from self._webhooks()

    def _payments(self) -> Iterator[str]:
        if sorted(self.records.payments) != sorted(answer["id"] for answer in self.answered):
            yield "the payments in the table differ from those in the responses"
        for payment in self.records.payments.values():
            approved = isinstance(self.acquirer.authorize(_request(payment)), Approved)
            if payment.status is not (PaymentStatus.SUCCESS if approved else PaymentStatus.FAILED):
                yield f"{payment.id} is {payment.status}, which differs from the acquirer's outcome"

    def _refunds(self) -> Iterator[str]:
        held: Counter[str] = Counter()
        for refund in self.records.refunds.values():
            if refund.status is RefundStatus.PENDING:
                yield f"{refund.id} is still pending"
            if refund.status is not RefundStatus.FAILED:
                held[refund.payment_id] += refund.amount
        for payment in self.records.payments.values():
            if payment.amount_refunded != held[payment.id]:
                yield f"{payment.id} refunded {payment.amount_refunded}, its refunds are {held[payment.id]}"

    def _webhooks(self) -> Iterator[str]:
        expected, logs = expected_events(self.records), self.records.logs
        for log_id in expected.keys() - logs.keys():
            yield f"{expected[log_id]} has no webhook log ({log_id})"
        for log_id in logs.keys() - expected.keys():
            yield f"the webhook log {log_id} is for {logs[log_id].event}, which did not happen"
        delivered = {log.id for log in logs.values() if log.status is WebhookStatus.SUCCESS}
        for log_id in logs.keys() - delivered:
            yield f"the webhook log {log_id} ended as {logs[log_id].status}"
        if unseen := delivered - {webhook_id for webhook_id, _ in self.received}:
            yield f"{len(unseen)} webhooks are recorded as delivered but never arrived"
        for webhook_id, body in set(self.received):
            if webhook_id not in logs or logs[webhook_id].body != body:
                yield f"the webhook {webhook_id} differs from its log"


def _request(payment: Payment) -> AuthorizeRequest:
    """The request to the acquirer, whose outcome is a function of the key."""
    return AuthorizeRequest(
        idempotency_key=f"charge:{payment.id}",
        method=payment.instrument.method,
        token=payment.instrument.token,
        money=payment.money,
    )


def figures(evidence: Evidence) -> Mapping[str, int]:
    """The number of objects of each kind."""
    records = evidence.records
    return {
        **Counter(f"payments {each.status}" for each in records.payments.values()),
        **Counter(f"refunds {each.status}" for each in records.refunds.values()),
        **Counter(f"webhooks {each.status}" for each in records.logs.values()),
        "deliveries": len(evidence.received),
        "repeated deliveries": len(evidence.received) - len(set(evidence.received)),
    }
