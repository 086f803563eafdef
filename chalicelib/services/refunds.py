"""Refunds: create, get and process."""

from dataclasses import dataclass
from random import Random

from chalicelib.acquirers.base import Approved, Declined, RefundRequest, Result, Unknown
from chalicelib.acquirers.registry import Acquirers
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.idempotency import Idempotency
from chalicelib.domain.ids import new_id
from chalicelib.domain.money import Money
from chalicelib.domain.payment import CaptureMode, Payment, refuse_refund
from chalicelib.domain.processing import ProcessingDelay
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.jobs.messages import ProcessRefund
from chalicelib.observability import logger
from chalicelib.services.acquirer_jobs import Processed, next_check
from chalicelib.store.payments import PaymentRefusedError, PaymentStore
from chalicelib.store.refunds import RefundStore


@dataclass(frozen=True, kw_only=True)
class NewRefund:
    """A valid create-refund request."""

    payment_id: str
    amount: int
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class RefundService:
    """The refunds of all merchants."""

    refunds: RefundStore
    payments: PaymentStore
    acquirers: Acquirers
    delay: ProcessingDelay
    clock: Clock
    random: Random

    def create(self, merchant_id: str, new: NewRefund, idempotency: Idempotency[Refund]) -> Refund:
        """Create a pending refund and reserve its amount on the payment. 2 requests to AWS.

        The first one reads the currency, which never changes; the condition of the second decides.

        Raises AlreadyCreatedError, NotFoundError for a payment that is not the merchant's, and
        BadRequestError if the payment did not succeed or its refundable amount is too small.
        """
        payment, now = self.payments.get(new.payment_id), self.clock()
        if payment is None or payment.merchant_id != merchant_id:
            raise NotFoundError("Payment")
        refund = Refund(
            id=new_id("rfnd_", self.random),
            payment_id=new.payment_id,
            merchant_id=merchant_id,
            amount=new.amount,
            reason=new.reason,
            status=RefundStatus.PENDING,
            process_at=self.delay.due(now, self.random),
            created_at=now,
            currency=payment.money.currency,
        )
        record = idempotency.record(refund, merchant_id, now=now)
        try:
            idempotency.check(self.refunds.create(refund, record, now=now))
        except PaymentRefusedError as refused:
            if refused.payment is None:
                raise NotFoundError("Payment") from refused
            raise refuse_refund(refused.payment) from refused
        return refund

    def get(self, refund_id: str, merchant_id: str) -> Refund:
        """The merchant's refund. 1 request, 2 if its row has no currency. Raises NotFoundError."""
        refund = self.refunds.get(refund_id)
        if refund is None or refund.merchant_id != merchant_id:
            raise NotFoundError("Refund")
        return self.refunds.with_currency([refund])[0]

    def process(self, job: ProcessRefund) -> Processed[ProcessRefund]:
        """Send the refund to the acquirer and store the outcome; no-op if it is settled. 1 request to AWS.

        Without an outcome, another job asks for it later. A refund of a payment with manual capture needs one
        more request, and waits until the acquirer confirmed the capture. Raises UnknownAcquirerError and
        CredentialsError.
        """
        result = self._result(job)
        if not isinstance(result, Approved | Declined):
            logger.info("refund has no outcome yet", refund_id=job.refund_id, checks=job.checks)
            return Processed(next_job=None if job.once else next_check(job, result, self.clock()))
        status = RefundStatus.PROCESSED if isinstance(result, Approved) else RefundStatus.FAILED
        settled = self.refunds.settle(job.refund, status, now=self.clock())
        if settled:
            logger.info("refund settled", refund_id=settled.id, status=settled.status)
        else:
            logger.info("refund already settled", refund_id=job.refund.id)
        return Processed(is_settled=settled is not None)

    def status_job(self, refund_id: str, *, merchant_id: str, acquirer: str) -> ProcessRefund | None:
        """The job that asks once for the status of a refund of that merchant at that acquirer. 2 requests.

        None if there is no such refund, or if it has an outcome.
        """
        refund = self.refunds.get(refund_id)
        if refund is None or refund.merchant_id != merchant_id or refund.status is not RefundStatus.PENDING:
            return None
        payment = self.payments.get(refund.payment_id)
        if payment is None or payment.acquirer_name != acquirer:
            return None
        return ProcessRefund.check_of(refund, payment, self.clock())

    def ask_status(self, refund: Refund, payment: Payment) -> Result | None:
        """The status of the refund at the acquirer; None if it does not know the refund. Stores nothing.

        Raises UnknownAcquirerError and CredentialsError.
        """
        job = ProcessRefund.check_of(refund, payment, self.clock())
        return self.acquirers.of(job.acquirer, job.merchant_id).refund_status(_request(job), job.reference)

    def _result(self, job: ProcessRefund) -> Result:
        """The result of the refund. A refund without an outcome is repeated only if it is not known."""
        if job.capture_mode is CaptureMode.MANUAL and (waiting := self._result_before_capture(job)):
            return waiting
        request = _request(job)
        acquirer = self.acquirers.of(job.acquirer, job.merchant_id)
        result = acquirer.refund_status(request, job.reference) if job.checks else None
        return result or (Unknown() if job.once else acquirer.refund(request))

    def _result_before_capture(self, job: ProcessRefund) -> Result | None:
        """The result of a refund that must not reach the acquirer yet, or at all. None if it may."""
        payment = self.payments.get(job.payment_id)
        if payment is None or payment.voided_at:
            return Declined(code=DeclineCode.PROCESSING_ERROR, description="The payment was voided")
        return None if payment.confirmed_at else Unknown()


def _request(job: ProcessRefund) -> RefundRequest:
    """The request of the refund. Its key is the same for every job of the refund."""
    return RefundRequest(
        idempotency_key=f"refund:{job.refund_id}",
        payment_reference=job.payment_reference,
        token=job.token,
        money=Money(job.amount, job.currency),
    )
