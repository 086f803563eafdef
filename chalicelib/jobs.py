"""Jobs and the SQS messages that carry them, delayed until they are due.

SQS delays a message by at most 900 s; a longer wait is taken in hops: a job that comes before its
time is sent on with what remains. Every message may come twice, late and out of order, so a job says
which state it expects and the row's condition decides.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.clock import Clock
from chalicelib.domain.money import Money
from chalicelib.domain.payment import PaymentMethod
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.times import iso

MAX_DELAY_S = 900
MAX_MESSAGES_A_SEND = 10


class UnreadableJobError(Exception):
    """A message is no job of ours. It is left to its queue's dead-letter queue; its text is not repeated."""


class SendFailedError(Exception):
    """SQS did not take every job; those that it took may come twice."""


@dataclass(frozen=True, kw_only=True)
class ProcessPayment:
    """Ask the acquirer for a pending payment. Carries what the acquirer needs, to save a read."""

    payment_id: str
    order_id: str | None  # None in a message of a version that did not name it
    method: PaymentMethod
    token: str
    money: Money
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeliverWebhook:
    """Make the attempt after ``attempts`` in that ``round`` of a webhook log."""

    log_id: str
    merchant_id: str
    attempts: int
    round: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ProcessRefund:
    """Ask the acquirer for a pending refund. Carries the refund, to save a read."""

    refund: Refund
    token: str
    currency: str

    @property
    def due_at(self) -> datetime:
        """When the acquirer is to be asked."""
        return self.refund.process_at


Job = ProcessPayment | ProcessRefund | DeliverWebhook


def encode(job: Job) -> str:
    """The text of the message that carries ``job``."""
    match job:
        case ProcessPayment():
            fields: dict[str, Any] = {
                "job": "process_payment",
                "payment_id": job.payment_id,
                "order_id": job.order_id,
                "method": job.method,
                "token": job.token,
                "amount": job.money.amount,
                "currency": job.money.currency,
            }
        case ProcessRefund():
            refund = job.refund
            fields = {
                "job": "process_refund",
                "refund_id": refund.id,
                "payment_id": refund.payment_id,
                "merchant_id": refund.merchant_id,
                "amount": refund.amount,
                "reason": refund.reason,
                "created_at": iso(refund.created_at),
                "token": job.token,
                "currency": job.currency,
            }
        case DeliverWebhook():
            fields = {
                "job": "deliver_webhook",
                "log_id": job.log_id,
                "merchant_id": job.merchant_id,
                "attempts": job.attempts,
                "round": job.round,
            }
    return json.dumps(fields | {"due_at": iso(job.due_at)}, separators=(",", ":"))


def decode_process_payment(text: str) -> ProcessPayment:
    """The job in a message of the payments queue; raises UnreadableJobError."""
    fields = _fields(text, "process_payment")
    try:
        return ProcessPayment(
            payment_id=str(fields["payment_id"]),
            order_id=None if fields.get("order_id") is None else str(fields["order_id"]),
            method=PaymentMethod(fields["method"]),
            token=str(fields["token"]),
            money=Money(int(fields["amount"]), str(fields["currency"])),
            due_at=datetime.fromisoformat(fields["due_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableJobError("process_payment lacks a field or has a wrong one") from error


def decode_process_refund(text: str) -> ProcessRefund:
    """The job in a message of the refunds queue; raises UnreadableJobError."""
    fields = _fields(text, "process_refund")
    try:
        refund = Refund(
            id=str(fields["refund_id"]),
            payment_id=str(fields["payment_id"]),
            merchant_id=str(fields["merchant_id"]),
            amount=int(fields["amount"]),
            reason=None if fields["reason"] is None else str(fields["reason"]),
            status=RefundStatus.PENDING,
            process_at=datetime.fromisoformat(fields["due_at"]),
            created_at=datetime.fromisoformat(fields["created_at"]),
        )
        return ProcessRefund(refund=refund, token=str(fields["token"]), currency=str(fields["currency"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableJobError("process_refund lacks a field or has a wrong one") from error


def decode_deliver_webhook(text: str) -> DeliverWebhook:
    """The job in a message of the webhooks queue; raises UnreadableJobError."""
    fields = _fields(text, "deliver_webhook")
    try:
        return DeliverWebhook(
            log_id=str(fields["log_id"]),
            merchant_id=str(fields["merchant_id"]),
            attempts=int(fields["attempts"]),
            round=int(fields["round"]),
            due_at=datetime.fromisoformat(fields["due_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableJobError("deliver_webhook lacks a field or has a wrong one") from error


def _fields(text: str, name: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise UnreadableJobError("the message is no JSON") from error
    if not isinstance(fields, dict) or fields.get("job") != name:
        raise UnreadableJobError(f"the message is no {name}")
    return fields


@dataclass(frozen=True)
class JobQueue:
    """One SQS queue. ``client`` is boto3's."""

    client: Any
    url: str
    clock: Clock

    def send(self, jobs: Sequence[Job]) -> None:
        """Send ``jobs``, each delayed until it is due. One request for ten. Raises SendFailedError."""
        for start in range(0, len(jobs), MAX_MESSAGES_A_SEND):
            batch = jobs[start : start + MAX_MESSAGES_A_SEND]
            now = self.clock()
            entries = [
                {"Id": str(index), "MessageBody": encode(job), "DelaySeconds": delay_s(job.due_at, now)}
                for index, job in enumerate(batch)
            ]
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if answer.get("Failed"):
                raise SendFailedError(f"{len(answer['Failed'])} of {len(batch)} jobs were not taken")


@dataclass(frozen=True, kw_only=True)
class JobQueues:
    """The queues of the gateway, one a kind of job."""

    payments: JobQueue
    refunds: JobQueue
    webhooks: JobQueue


def delay_s(due_at: datetime, now: datetime) -> int:
    """Whole seconds for SQS to hold a job back: never less than to its time, never over SQS's limit."""
    return min(MAX_DELAY_S, max(0, math.ceil((due_at - now).total_seconds())))
