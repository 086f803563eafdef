"""Payments: start one, look at one, and settle it when its time has come."""

from dataclasses import dataclass
from random import Random

from chalicelib.acquirer.protocol import Acquirer, Charge, Outcome
from chalicelib.domain.card import Card
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.event import NEW_PAYMENT_SEQUENCE
from chalicelib.domain.ids import new_id
from chalicelib.domain.order import Order
from chalicelib.domain.payment import (
    PAYMENT_FAILED,
    Decline,
    Instrument,
    Payment,
    PaymentMethod,
    PaymentStatus,
    refuse_capture,
)
from chalicelib.domain.processing import ProcessingDelay
from chalicelib.jobs import ProcessPayment
from chalicelib.observability import logger
from chalicelib.services.once import Answer, Once
from chalicelib.store.lists import ListQuery, Page
from chalicelib.store.payments import PaymentRefusedError, PaymentStore


@dataclass(frozen=True)
class Vpa:
    """A virtual payment address that passed its check."""

    address: str


@dataclass(frozen=True, kw_only=True)
class PaymentService:
    """The payments of all merchants."""

    payments: PaymentStore
    acquirer: Acquirer
    delay: ProcessingDelay
    clock: Clock
    random: Random

    def create(self, order: Order, pay_with: Vpa | Card, once: Once[Payment]) -> Answer:
        """Start a payment of ``order`` and answer at once, or answer as the first time. 1 request to AWS."""
        now = self.clock()
        payment = Payment(
            id=new_id("pay_", self.random),
            merchant_id=order.merchant_id,
            order_id=order.id,
            money=order.money,
            instrument=self._instrument(pay_with),
            status=PaymentStatus.PENDING,
            process_at=self.delay.due(now, self.random),
            sequence=NEW_PAYMENT_SEQUENCE,
            amount_refundable=order.money.amount,
            created_at=now,
            updated_at=now,
        )
        return once.run(payment, order.merchant_id, now=now, write=self.payments.create)

    def page(self, query: ListQuery) -> Page[Payment]:
        """Some of a merchant's payments, newest first. 1 request."""
        return self.payments.page(query)

    def get(self, payment_id: str, merchant_id: str | None = None) -> Payment:
        """The payment, for ``merchant_id`` if it is theirs, for anybody if None. 1 request.

        Raises NotFoundError.
        """
        payment = self.payments.get(payment_id)
        if payment is None or merchant_id not in {None, payment.merchant_id}:
            raise NotFoundError("Payment")
        return payment

    def capture(self, payment_id: str, merchant_id: str, amount: int | None) -> Payment:
        """Take the money of a payment that succeeded, once; ``amount`` must be all of it. 1 request.

        Raises NotFoundError, and BadRequestError saying why the payment cannot be captured.
        """
        try:
            captured = self.payments.capture(payment_id, merchant_id, amount, now=self.clock())
        except PaymentRefusedError as refused:
            if refused.payment is None:
                raise NotFoundError("Payment") from refused
            raise refuse_capture(refused.payment) from refused
        logger.info("payment captured", payment_id=payment_id)
        return captured

    def process(self, job: ProcessPayment) -> None:
        """Ask the acquirer and settle the payment; a payment that is settled stays so. 1 request to AWS.

        Raises AcquirerUnavailableError; the job is then to come again.
        """
        charge = Charge(
            idempotency_key=f"charge:{job.payment_id}", method=job.method, token=job.token, money=job.money
        )
        settled = self._settle(job.payment_id, self.acquirer.charge(charge))
        if settled:
            logger.info("payment settled", payment_id=settled.id, status=settled.status)
        else:
            logger.info("payment was settled before", payment_id=job.payment_id)

    def _settle(self, payment_id: str, outcome: Outcome) -> Payment | None:
        return self.payments.settle(
            payment_id,
            PaymentStatus.SUCCESS if outcome.approved else PaymentStatus.FAILED,
            decline=_decline(outcome),
            now=self.clock(),
        )

    def _instrument(self, pay_with: Vpa | Card) -> Instrument:
        if isinstance(pay_with, Vpa):
            return Instrument(method=PaymentMethod.UPI, token=pay_with.address, vpa=pay_with.address)
        return Instrument(
            method=PaymentMethod.CARD,
            token=self.acquirer.tokenize(pay_with),
            card_network=pay_with.network,
            card_last4=pay_with.last4,
        )


def _decline(outcome: Outcome) -> Decline | None:
    if outcome.approved:
        return None
    return Decline(code=PAYMENT_FAILED, description=outcome.decline_reason or "The payment was declined")
