"""The jobs, as the JSON of their SQS messages.

A message may be delivered more than once, late and out of order. A job therefore names the state that it
expects, and the condition of the row decides. Fields are only added, with a default: messages of the earlier
version are still in the queues after a deployment.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.money import Money
from chalicelib.domain.payment import CaptureMode, Payment
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.webhook_endpoint import DEFAULT_ID, EndpointKey
from chalicelib.domain.webhook_log import WebhookLog
from chalicelib.jobs.codec import UnreadableFieldsError, read_fields, write_fields


class UnreadableJobError(Exception):
    """A message is not a job. It stays in the queue until SQS moves it to the dead-letter queue.

    The error never contains the text of the message.
    """


@dataclass(frozen=True, kw_only=True)
class _Message:
    """``merchant_id`` is None in messages of a version that did not send it."""

    job: ClassVar[str]
    due_at: datetime
    merchant_id: str | None = None

    @property
    def group(self) -> str | None:
        """The tenant whose messages must not delay those of others, None for no tenant."""
        return None


@dataclass(frozen=True, kw_only=True)
class AcquirerJob(_Message):
    """A job that sends a request to the acquirer.

    ``checks``: how often the job asked for the outcome. ``reference`` is that of the acquirer, if known.
    ``once``: a single check. It causes no further check while there is no outcome, and no charge or refund.
    ``acquirer`` is None in messages of the version that had one acquirer.
    """

    checks: int = 0
    reference: str | None = None
    once: bool = False
    acquirer: str | None = None

    def again(self, at: datetime, reference: str | None) -> Self:
        """The job that asks for the outcome at ``at``."""
        return replace(self, due_at=at, checks=self.checks + 1, reference=reference)


@dataclass(frozen=True, kw_only=True)
class PaymentJob(AcquirerJob):
    """A job of the payments queue."""

    payment_id: str


@dataclass(frozen=True, kw_only=True)
class ChargeJob(PaymentJob):
    """A job about a charge. Contains the data for the acquirer, to save a read."""

    method: PaymentMethod
    token: str
    amount: int
    currency: str
    flow: UpiFlow | None = None
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC

    @property
    def money(self) -> Money:
        """The amount to charge."""
        return Money(self.amount, self.currency)


@dataclass(frozen=True, kw_only=True)
class ProcessPayment(ChargeJob):
    """Charge a pending payment.

    ``order_id`` is None in messages of the version that did not send it. ``action_expires_at`` is the end of
    the action for which the payment waits. ``is_late``: the check after the payment expired.
    """

    job: ClassVar[str] = "process_payment"
    order_id: str | None = None
    action_expires_at: datetime | None = None
    is_late: bool = False

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """The job of a new payment."""
        return cls(order_id=payment.order_id, due_at=payment.process_at, **_charge(payment))

    @classmethod
    def check_of(cls, payment: Payment, at: datetime) -> Self:
        """The job that asks once for the status of ``payment``."""
        return replace(
            cls.of(payment),
            checks=1,
            once=True,
            action_expires_at=payment.next_action.expires_at if payment.next_action else None,
            reference=payment.acquirer_reference,
            due_at=at,
        )


@dataclass(frozen=True, kw_only=True)
class CapturePayment(ChargeJob):
    """Capture the reserved money of a captured payment at the acquirer."""

    job: ClassVar[str] = "capture_payment"

    @classmethod
    def of(cls, payment: Payment, due_at: datetime) -> Self:
        """The job of a payment that was captured at ``due_at``."""
        return cls(reference=payment.acquirer_reference, due_at=due_at, **_charge(payment))


@dataclass(frozen=True, kw_only=True)
class VoidPayment(ChargeJob):
    """Release the reserved money of a voided payment at the acquirer."""

    job: ClassVar[str] = "void_payment"

    @classmethod
    def of(cls, payment: Payment, due_at: datetime) -> Self:
        """The job of a payment that was voided at ``due_at``."""
        return cls(reference=payment.acquirer_reference, due_at=due_at, **_charge(payment))


@dataclass(frozen=True, kw_only=True)
class ExpirePayment(PaymentJob):
    """Void a payment that was not captured in time."""

    job: ClassVar[str] = "expire_payment"

    @classmethod
    def of(cls, payment: Payment, due_at: datetime) -> Self:
        """The job of a payment that has to be captured before ``due_at``."""
        return cls(payment_id=payment.id, merchant_id=payment.merchant_id, due_at=due_at)


@dataclass(frozen=True, kw_only=True)
class ProcessRefund(AcquirerJob):
    """Process a pending refund. Contains the refund, to save a read."""

    job: ClassVar[str] = "process_refund"
    refund_id: str
    payment_id: str
    merchant_id: str
    amount: int
    reason: str | None
    created_at: datetime
    token: str
    currency: str
    payment_reference: str | None = None
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC

    @classmethod
    def of(cls, refund: Refund, payment: Payment) -> Self:
        """The job of a new refund of ``payment``."""
        return cls(
            refund_id=refund.id,
            payment_id=refund.payment_id,
            merchant_id=refund.merchant_id,
            amount=refund.amount,
            reason=refund.reason,
            created_at=refund.created_at,
            token=payment.instrument.token,
            currency=payment.money.currency,
            payment_reference=payment.acquirer_reference,
            acquirer=payment.acquirer,
            capture_mode=payment.capture_mode,
            due_at=refund.process_at,
        )

    @classmethod
    def check_of(cls, refund: Refund, payment: Payment, at: datetime) -> Self:
        """The job that asks once for the status of ``refund``."""
        return replace(cls.of(refund, payment), checks=1, once=True, due_at=at)

    @property
    def refund(self) -> Refund:
        """The pending refund."""
        return Refund(
            id=self.refund_id,
            payment_id=self.payment_id,
            merchant_id=self.merchant_id,
            amount=self.amount,
            reason=self.reason,
            status=RefundStatus.PENDING,
            process_at=self.due_at,
            created_at=self.created_at,
            currency=self.currency,
        )


@dataclass(frozen=True, kw_only=True)
class DeliverWebhook(_Message):
    """Make the attempt that follows ``attempts`` in that ``round`` of a webhook log.

    ``waits``: how often the job waited for a turn of its slow endpoint. Messages of the version that had one
    endpoint per merchant have no ``endpoint_id``.
    """

    job: ClassVar[str] = "deliver_webhook"
    log_id: str
    merchant_id: str
    endpoint_id: str = DEFAULT_ID
    attempts: int
    round: int
    waits: int = 0

    @classmethod
    def of(cls, log: WebhookLog, due_at: datetime) -> Self:
        """The job of the next attempt of ``log``."""
        return cls(
            log_id=log.id,
            merchant_id=log.merchant_id,
            endpoint_id=log.endpoint_id,
            attempts=log.attempts,
            round=log.round,
            due_at=due_at,
        )

    @property
    def group(self) -> str:
        """The endpoint."""
        return self.endpoint.text

    @property
    def endpoint(self) -> EndpointKey:
        """The key of the endpoint."""
        return EndpointKey(self.merchant_id, self.endpoint_id)


Job = PaymentJob | ProcessRefund | DeliverWebhook
JobT = TypeVar("JobT", bound=Job)
AcquirerJobT = TypeVar("AcquirerJobT", bound=PaymentJob | ProcessRefund)

_KINDS: dict[str, type[Job]] = {
    kind.job: kind
    for kind in (ProcessPayment, CapturePayment, VoidPayment, ExpirePayment, ProcessRefund, DeliverWebhook)
}


def encode(job: Job) -> str:
    """The text of the message."""
    return write_fields(job, job=job.job)


def decode(text: str, kind: type[JobT]) -> JobT:
    """The job of a message in the queue of that ``kind``. Raises UnreadableJobError."""
    try:
        job = read_fields(text, lambda known: _KINDS[known["job"]])
    except UnreadableFieldsError as error:
        raise UnreadableJobError(f"the message is not a valid job: {error}") from None
    if not isinstance(job, kind):
        raise UnreadableJobError(f"the queue does not accept {job.job}")
    return job


def _charge(payment: Payment) -> dict[str, Any]:
    """The fields of the job of a charge."""
    return {
        "payment_id": payment.id,
        "merchant_id": payment.merchant_id,
        "acquirer": payment.acquirer,
        "method": payment.instrument.method,
        "token": payment.instrument.token,
        "amount": payment.money.amount,
        "currency": payment.money.currency,
        "flow": payment.instrument.flow,
        "capture_mode": payment.capture_mode,
    }
