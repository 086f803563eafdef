"""Payments: create, get, capture and process."""

from dataclasses import dataclass
from random import Random

from chalicelib.acquirers.base import Acquirer, Approved, AuthorizeRequest, Declined, Pending, Result, Unknown
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import RETRY, Decline
from chalicelib.domain.errors import ExpiredCardError, NotFoundError
from chalicelib.domain.event import NEW_PAYMENT_SEQUENCE
from chalicelib.domain.idempotency import Idempotency
from chalicelib.domain.ids import new_id
from chalicelib.domain.instrument import PaymentDetails
from chalicelib.domain.order import Order, refuse_payment
from chalicelib.domain.payment import Payment, PaymentStatus, refuse_capture
from chalicelib.domain.processing import ProcessingDelay
from chalicelib.jobs.messages import ProcessPayment
from chalicelib.observability import logger
from chalicelib.services.acquirer_jobs import Processed, next_check
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.payments import OrderRefusedError, PaymentRefusedError, PaymentStore


@dataclass(frozen=True, kw_only=True)
class PaymentService:
    """The payments of all merchants."""

    payments: PaymentStore
    acquirer: Acquirer
    records: IdempotencyStore
    delay: ProcessingDelay
    clock: Clock
    random: Random

    def create(
        self,
        order: Order,
        details: PaymentDetails,
        idempotency: Idempotency[Payment],
        *,
        guarded: bool = False,
    ) -> Payment:
        """Create a pending payment. 1 request.

        ``guarded``, or an order with ``pay_once``: the order accepts one open payment at a time, and none
        once it is paid. Raises AlreadyCreatedError, ExpiredCardError and the errors of ``refuse_payment``.
        """
        now, guarded = self.clock(), guarded or order.pay_once
        if details.is_expired(now):
            idempotency.check(self.records.find(idempotency.key, order.merchant_id, now=now))
            raise ExpiredCardError
        payment = Payment(
            id=new_id("pay_", self.random),
            merchant_id=order.merchant_id,
            order_id=order.id,
            money=order.money,
            instrument=details.instrument(self.acquirer.tokenize),
            status=PaymentStatus.PENDING,
            process_at=self.delay.due(now, self.random),
            sequence=NEW_PAYMENT_SEQUENCE,
            amount_refundable=order.money.amount,
            created_at=now,
            updated_at=now,
            acquirer=self.acquirer.name,
        )
        record = idempotency.record(payment, order.merchant_id, now=now)
        try:
            idempotency.check(self.payments.create(payment, record, now=now, guarded=guarded))
        except OrderRefusedError as refused:
            if refused.order is None:
                raise NotFoundError("Order") from refused
            raise refuse_payment(refused.order, guarded=guarded, now=now) from refused
        return payment

    def get(self, payment_id: str, merchant_id: str | None = None) -> Payment:
        """The payment, of any merchant if ``merchant_id`` is None. 1 request.

        Raises NotFoundError if it does not exist or belongs to another merchant.
        """
        payment = self.payments.get(payment_id)
        if payment is None or merchant_id not in {None, payment.merchant_id}:
            raise NotFoundError("Payment")
        return payment

    def capture(self, payment_id: str, merchant_id: str, amount: int | None) -> Payment:
        """Capture a successful payment, once. ``amount``, if present, must be its amount. 1 request.

        Raises NotFoundError, and BadRequestError with the reason if the payment cannot be captured.
        """
        try:
            captured = self.payments.capture(payment_id, merchant_id, amount, now=self.clock())
        except PaymentRefusedError as refused:
            if refused.payment is None:
                raise NotFoundError("Payment") from refused
            raise refuse_capture(refused.payment) from refused
        logger.info("payment captured", payment_id=payment_id)
        return captured

    def process(self, job: ProcessPayment) -> Processed[ProcessPayment]:
        """Charge the payment and store the outcome; no-op if it is settled. 1 request to AWS.

        Without an outcome, another job asks for it later.
        """
        order_id = job.order_id or self._order_id(job.payment_id)
        if order_id is None:
            logger.error("payment does not exist", payment_id=job.payment_id)
            return Processed()
        result = self._result(job)
        if isinstance(result, Pending | Unknown):
            logger.info("payment has no outcome yet", payment_id=job.payment_id, checks=job.checks)
            return Processed(next_job=next_check(job, result, self.clock()))
        status = PaymentStatus.SUCCESS if isinstance(result, Approved) else PaymentStatus.FAILED
        settled = self.payments.settle(
            job.payment_id,
            order_id,
            status,
            reference=result.reference,
            decline=_decline(result),
            now=self.clock(),
        )
        if settled:
            logger.info("payment settled", payment_id=job.payment_id, status=status)
        else:
            logger.info("payment already settled", payment_id=job.payment_id)
        return Processed(is_settled=settled)

    def _result(self, job: ProcessPayment) -> Result:
        """The result of the charge. A charge without an outcome is repeated only if it is not known."""
        request = AuthorizeRequest(
            idempotency_key=f"charge:{job.payment_id}", method=job.method, token=job.token, money=job.money
        )
        result = self.acquirer.status(request, job.reference) if job.checks else None
        return result or self.acquirer.authorize(request)

    def _order_id(self, payment_id: str) -> str | None:
        """The order of the payment, for a job of a version that did not contain it. 1 request."""
        payment = self.payments.get(payment_id)
        return payment.order_id if payment else None


def _decline(result: Approved | Declined) -> Decline | None:
    if isinstance(result, Approved):
        return None
    return Decline(code=result.code, description=result.description, retry=RETRY[result.code])
