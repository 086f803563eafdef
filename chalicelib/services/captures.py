"""Captures and voids. With automatic capture, a capture only marks the payment."""

from dataclasses import dataclass

from chalicelib.acquirers.base import (
    Acquirer,
    Approved,
    AuthorizeRequest,
    Declined,
    RefundRequest,
    Unknown,
)
from chalicelib.acquirers.registry import Acquirers
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.payment import Payment, refuse_capture, refuse_void
from chalicelib.jobs.messages import CapturePayment, ExpirePayment, PaymentJob, VoidPayment
from chalicelib.observability import logger
from chalicelib.services.acquirer_jobs import Processed, authorize_request, next_check
from chalicelib.store.captures import CaptureStore
from chalicelib.store.payments import PaymentRefusedError


@dataclass(frozen=True, kw_only=True)
class CaptureService:
    """The captures and voids of all merchants. The row decides; then a job asks the acquirer."""

    captures: CaptureStore
    acquirers: Acquirers
    clock: Clock

    def capture(self, payment_id: str, merchant_id: str, amount: int | None) -> Payment:
        """Capture a successful payment, once. ``amount``, if present, must be its amount. 1 request.

        Raises NotFoundError, and BadRequestError with the reason if the payment cannot be captured.
        """
        now = self.clock()
        try:
            captured = self.captures.capture(payment_id, merchant_id, amount, now=now)
        except PaymentRefusedError as refused:
            if refused.payment is None:
                raise NotFoundError("Payment") from refused
            raise refuse_capture(refused.payment, now) from refused
        logger.info("payment captured", payment_id=payment_id)
        return captured

    def void(self, payment_id: str, merchant_id: str) -> Payment:
        """Void a payment with manual capture that is not captured. 1 request.

        Raises NotFoundError, and BadRequestError if the payment cannot be voided.
        """
        try:
            voided = self.captures.void(payment_id, merchant_id, now=self.clock())
        except PaymentRefusedError as refused:
            if refused.payment is None:
                raise NotFoundError("Payment") from refused
            raise refuse_void() from refused
        logger.info("payment voided", payment_id=payment_id)
        return voided

    def process(self, job: PaymentJob) -> Processed[PaymentJob]:
        """Expire a payment, or send its capture or void to the acquirer. 1 request to AWS."""
        match job:
            case ExpirePayment():
                return self._expire(job)
            case CapturePayment():
                return self._capture(job)
            case VoidPayment():
                return self._void(job)
        raise ValueError(f"not a job of a capture: {type(job).__name__}")

    def _expire(self, job: ExpirePayment) -> Processed[PaymentJob]:
        if self.captures.expire(job.payment_id, now=self.clock()):
            logger.info("payment expired", payment_id=job.payment_id)
        return Processed()

    def _capture(self, job: CapturePayment) -> Processed[PaymentJob]:
        """Capture at the acquirer until it confirms. A payment whose capture it refuses is voided."""
        acquirer = self.acquirers.of(job.acquirer, job.merchant_id)
        result = acquirer.capture(authorize_request(job), job.reference or "")
        if isinstance(result, Approved):
            return Processed(is_settled=self.captures.confirm_capture(job.payment_id, now=self.clock()))
        if isinstance(result, Declined):
            if self.captures.refuse(job.payment_id, now=self.clock()):
                logger.error("capture refused", payment_id=job.payment_id, code=result.code)
            return Processed()
        logger.info("capture not confirmed yet", payment_id=job.payment_id, checks=job.checks)
        return Processed(next_job=next_check(job, result, self.clock()))

    def _void(self, job: VoidPayment) -> Processed[PaymentJob]:
        """Release the money at the acquirer until it confirms."""
        refund_key = f"void:{job.payment_id}"
        acquirer = self.acquirers.of(job.acquirer, job.merchant_id)
        if release(acquirer, authorize_request(job), job.reference or "", refund_key=refund_key):
            return Processed(is_settled=self.captures.confirm_void(job.payment_id, now=self.clock()))
        logger.info("void not confirmed yet", payment_id=job.payment_id, checks=job.checks)
        return Processed(next_job=next_check(job, Unknown(), self.clock()))


def release(acquirer: Acquirer, request: AuthorizeRequest, reference: str, *, refund_key: str) -> bool:
    """Release reserved money. If the acquirer took it, refund it. Returns whether that is confirmed."""
    result = acquirer.void(request, reference)
    if not isinstance(result, Approved):
        return isinstance(result, Declined)
    logger.warning("the acquirer had captured the payment", key=request.idempotency_key)
    refund = RefundRequest(
        idempotency_key=refund_key,
        payment_reference=result.reference,
        token=request.token,
        money=request.money,
    )
    return isinstance(acquirer.refund(refund), Approved)
