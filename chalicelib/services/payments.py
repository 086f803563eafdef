"""Payments: create, get and process."""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from chalicelib.acquirers.base import (
    Acquirer,
    ActionRequired,
    Approved,
    AuthorizeRequest,
    Declined,
    RefundRequest,
    Result,
    Unknown,
)
from chalicelib.acquirers.declines import declined
from chalicelib.acquirers.registry import Acquirers
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import Decline, DeclineCode
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import NEW_PAYMENT_SEQUENCE
from chalicelib.domain.idempotency import Idempotency
from chalicelib.domain.ids import new_id
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.methods.card import CardEntry
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.order import Order, refuse_payment
from chalicelib.domain.payment import CaptureMode, Payment, PaymentStatus
from chalicelib.domain.processing import ProcessingDelay
from chalicelib.jobs.messages import ChargeJob, ProcessPayment
from chalicelib.metrics import PAYMENTS, publish
from chalicelib.observability import logger
from chalicelib.services.acquirer_jobs import Processed, authorize_request, next_check
from chalicelib.services.authorize_once import authorize_once
from chalicelib.services.captures import release
from chalicelib.services.new_payment import NewPayment, accepted_instrument
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.payments import OrderRefusedError, PaymentStore

LATE_CHECK = timedelta(hours=1)  # after a payment expired
_EXPIRED_CODES = frozenset({DeclineCode.AUTHENTICATION_EXPIRED, DeclineCode.EXPIRED})
EXPIRED = {
    ActionType.REDIRECT: declined(DeclineCode.AUTHENTICATION_EXPIRED, PaymentMethod.CARD),
    ActionType.UPI: declined(DeclineCode.EXPIRED, PaymentMethod.UPI),
}


@dataclass(frozen=True, kw_only=True)
class PaymentService:
    """The payments of all merchants. ``api_url`` is the address of this gateway's API."""

    payments: PaymentStore
    api_url: str
    acquirers: Acquirers
    records: IdempotencyStore
    delay: ProcessingDelay
    real_clock: Clock
    clock: Clock
    random: Random

    def create(
        self,
        merchant: Merchant,
        order: Order,
        new: NewPayment,
        idempotency: Idempotency[Payment],
        *,
        guarded: bool = False,
    ) -> Payment:
        """Create a pending payment. 1 request.

        ``guarded``, or an order with ``pay_once``: the order accepts one open payment at a time, and none
        once it is paid. Raises AlreadyCreatedError, and the errors of ``accepted_instrument`` and
        ``refuse_payment``.
        """
        now, guarded = self.clock(), guarded or order.pay_once
        acquirer = self._acquirer_for(merchant, new.details.method)
        try:
            instrument = accepted_instrument(merchant, acquirer, new, now)
        except BadRequestError:
            self._replay(order, idempotency)
            raise
        payment = Payment(
            id=new_id("pay_", self.random),
            merchant_id=order.merchant_id,
            order_id=order.id,
            money=order.money,
            instrument=instrument,
            status=PaymentStatus.PENDING,
            process_at=self.delay.due(now, self.random),
            sequence=NEW_PAYMENT_SEQUENCE,
            amount_refundable=order.money.amount,
            created_at=now,
            updated_at=now,
            acquirer=acquirer.name,
            capture_mode=new.capture_mode,
            return_url=new.return_url,
        )
        record = idempotency.record(payment, order.merchant_id, now=now)
        try:
            idempotency.check(self.payments.create(payment, record, now=now, guarded=guarded))
        except OrderRefusedError as refused:
            if refused.order is None:
                raise NotFoundError("Order") from refused
            raise refuse_payment(refused.order, guarded=guarded, now=now) from refused
        return payment

    def _replay(self, order: Order, idempotency: Idempotency[Payment]) -> None:
        """Raise AlreadyCreatedError if the key was used. 1 request if there is a key."""
        idempotency.check(self.records.find(idempotency.key, order.merchant_id, now=self.clock()))

    def upi_flows(self, merchant: Merchant) -> frozenset[UpiFlow]:
        """The flows that a UPI payment of the merchant can use."""
        supported = self._acquirer_for(merchant, PaymentMethod.UPI).capabilities
        return supported.flows if PaymentMethod.UPI in supported.methods else frozenset()

    def card_entries(self, merchant: Merchant) -> frozenset[CardEntry]:
        """How the card of a payment of the merchant can reach the acquirer. Empty without cards."""
        supported = self._acquirer_for(merchant, PaymentMethod.CARD).capabilities
        return supported.card_entries if PaymentMethod.CARD in supported.methods else frozenset()

    def _acquirer_for(self, merchant: Merchant, method: PaymentMethod) -> Acquirer:
        return self.acquirers.of(merchant.acquirer_of(method), merchant.id)

    def get(self, payment_id: str, merchant_id: str | None = None) -> Payment:
        """The payment, of any merchant if ``merchant_id`` is None. 1 request.

        Raises NotFoundError if it does not exist or belongs to another merchant.
        """
        payment = self.payments.get(payment_id)
        if payment is None or merchant_id not in {None, payment.merchant_id}:
            raise NotFoundError("Payment")
        return payment

    def process(self, job: ProcessPayment) -> Processed[ProcessPayment]:
        """Charge the payment and store the outcome; no-op if it is settled. 1 request to AWS.

        Without an outcome, another job asks for it later, unless the job is to be done ``once``. Raises
        UnknownAcquirerError and CredentialsError.
        """
        order_id = job.order_id or self._order_id(job.payment_id)
        if order_id is None:
            logger.error("payment does not exist", payment_id=job.payment_id)
            return Processed()
        request = self._authorize_request(job)
        result = self._result(request, job)
        if isinstance(result, ActionRequired):
            job = replace(job, action_expires_at=result.action.expires_at)
            if result.action.expires_at <= self.clock():
                result = self._cancel(request, result, self._acquirer(job))
            else:
                self._require_action(job, result)
        if isinstance(result, Approved | Declined):
            return self._settle(job, order_id, result)
        logger.info("payment has no outcome yet", payment_id=job.payment_id, checks=job.checks)
        if result is None or (job.once and not self._is_check_repeated(job, result)):
            return Processed()
        return Processed(next_job=next_check(job, result, self.clock()))

    def status_job(
        self, payment_id: str, *, merchant_id: str | None = None, acquirer: str | None = None
    ) -> ProcessPayment | None:
        """The job that asks once for the status of a payment. 1 request.

        ``merchant_id`` and ``acquirer``, if not None, must be those of the payment. None if there is no such
        payment, if it succeeded, or if its money was returned. The status of a failed payment finds a late
        approval.
        """
        payment = self.payments.get(payment_id)
        if payment is None or payment.status is PaymentStatus.SUCCESS or payment.late_authorized_at:
            return None
        if merchant_id not in {None, payment.merchant_id} or acquirer not in {None, payment.acquirer_name}:
            return None
        return ProcessPayment.check_of(payment, self.clock())

    def ask_status(self, payment: Payment) -> Result | None:
        """The status of the charge at the acquirer; None if it does not know the charge. Stores nothing.

        Raises UnknownAcquirerError and CredentialsError.
        """
        job = ProcessPayment.check_of(payment, self.clock())
        return self._acquirer(job).status(self._authorize_request(job), job.reference)

    def _acquirer(self, job: ProcessPayment) -> Acquirer:
        return self.acquirers.of(job.acquirer, job.merchant_id)

    def _is_check_repeated(self, job: ProcessPayment, result: Result) -> bool:
        """Whether a single check is repeated: without a response, for a payment that has no other job.

        Those have failed, and an approval would be late. 1 request if there was no response.
        """
        payment = self.payments.get(job.payment_id) if isinstance(result, Unknown) else None
        return payment is not None and payment.status is PaymentStatus.FAILED

    def _result(self, request: AuthorizeRequest, job: ProcessPayment) -> Result | None:
        """The result of the charge. A charge without an outcome is repeated only if it is not known.

        None if a single check finds no charge.
        """
        acquirer = self._acquirer(job)
        if not job.once and not acquirer.capabilities.idempotent_authorize:
            return authorize_once(acquirer, self.payments, request, job, self.real_clock)
        result = acquirer.status(request, job.reference) if job.checks else None
        return result if result or job.once else acquirer.authorize(request)

    def _require_action(self, job: ProcessPayment, result: ActionRequired) -> None:
        action = result.action
        if action.type is ActionType.UPI:
            action = replace(action, qr_svg_url=f"{self._url_of(job.payment_id)}/qr.svg")
        if self.payments.require_action(job.payment_id, action, reference=result.reference, now=self.clock()):
            logger.info("payment requires an action", payment_id=job.payment_id, type=action.type)

    def _cancel(self, request: AuthorizeRequest, required: ActionRequired, acquirer: Acquirer) -> Result:
        """Cancel the charge, because the buyer did not act in time. Returns its result.

        Unknown if the acquirer does not confirm that the charge is cancelled.
        """
        result = acquirer.void(request, required.reference)
        if isinstance(result, Declined):
            return EXPIRED[required.action.type]
        return result if isinstance(result, Approved) else Unknown()

    def _settle(
        self, job: ProcessPayment, order_id: str, result: Approved | Declined
    ) -> Processed[ProcessPayment]:
        """Store the outcome. The money of an approval after the payment failed is returned."""
        now, is_approved = self.clock(), isinstance(result, Approved)
        status = PaymentStatus.SUCCESS if is_approved else PaymentStatus.FAILED
        is_reserved = is_approved and job.capture_mode is CaptureMode.MANUAL
        is_settled = self.payments.settle(
            job.payment_id,
            order_id,
            status,
            reference=result.reference,
            authentication=result.authentication,
            decline=_decline(result),
            capture_before=now + self._acquirer(job).capabilities.capture_period if is_reserved else None,
            now=now,
        )
        logger.info("payment settled" if is_settled else "payment already settled", payment_id=job.payment_id)
        if is_settled:
            publish(PAYMENTS, 1, Method=job.method, Outcome=status)
        if isinstance(result, Approved) and not is_settled:
            payment = self.payments.get(job.payment_id)
            if payment and payment.status is PaymentStatus.FAILED and not payment.late_authorized_at:
                return self._return_money(job, payment, result)
        late_check = self._late_check(job, result) if isinstance(result, Declined) else None
        return Processed(is_settled=is_settled, next_job=late_check)

    def _late_check(self, job: ProcessPayment, result: Declined) -> ProcessPayment | None:
        """The job that asks once more after an action expired: some banks approve a cancelled charge.

        An acquirer can decide that an action expired, earlier than this gateway's clock.
        """
        now = self.clock()
        if job.once or job.is_late:
            return None
        is_over = job.action_expires_at is not None and now >= job.action_expires_at
        if not is_over and result.code not in _EXPIRED_CODES:
            return None
        late = job.again(now + LATE_CHECK, result.reference or job.reference)
        return replace(late, is_late=True)

    def _return_money(
        self, job: ProcessPayment, payment: Payment, approved: Approved
    ) -> Processed[ProcessPayment]:
        """Return an approval that arrived after the payment failed. Repeated until it is confirmed."""
        if self._is_returned(job, payment, approved):
            self.payments.record_late_authorization(
                payment.id, reference=approved.reference, now=self.clock()
            )
            logger.warning("late approval returned", payment_id=payment.id)
            return Processed()
        logger.error("late approval not returned yet", payment_id=payment.id)
        repeated = replace(job, once=False)
        return Processed(next_job=next_check(repeated, Unknown(), self.clock()))

    def _is_returned(self, job: ProcessPayment, payment: Payment, approved: Approved) -> bool:
        """Refund the money, or release it if it is only reserved. Returns whether that is confirmed."""
        key = f"late:{payment.id}"
        if payment.is_manual:
            return release(
                self._acquirer(job), self._authorize_request(job), approved.reference, refund_key=key
            )
        request = RefundRequest(
            idempotency_key=key,
            payment_reference=approved.reference,
            token=payment.instrument.token,
            money=payment.money,
        )
        return isinstance(self._acquirer(job).refund(request), Approved)

    def _authorize_request(self, job: ChargeJob) -> AuthorizeRequest:
        """The request, with the page of this gateway to which the buyer returns."""
        return replace(authorize_request(job), return_url=f"{self._url_of(job.payment_id)}/return")

    def _url_of(self, payment_id: str) -> str:
        return f"{self.api_url}/api/v1/payments/{payment_id}"

    def _order_id(self, payment_id: str) -> str | None:
        """The order of the payment, for a job of a version that did not contain it. 1 request."""
        payment = self.payments.get(payment_id)
        return payment.order_id if payment else None


def _decline(result: Approved | Declined) -> Decline | None:
    if isinstance(result, Approved):
        return None
    return Decline.of(result.code, result.description)
