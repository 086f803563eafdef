"""Refunds: give money back, look at one, and settle it when its time has come."""

from dataclasses import dataclass
from random import Random

from chalicelib.acquirer.protocol import Acquirer, GiveBack
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.money import Money
from chalicelib.domain.payment import refuse_refund
from chalicelib.domain.processing import ProcessingDelay
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.jobs import ProcessRefund
from chalicelib.observability import logger
from chalicelib.services.once import Answer, Once
from chalicelib.store.lists import ListQuery, Page
from chalicelib.store.payments import PaymentRefusedError
from chalicelib.store.refunds import RefundStore


@dataclass(frozen=True, kw_only=True)
class NewRefund:
    """What a merchant asks for, already checked."""

    payment_id: str
    amount: int
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class RefundService:
    """The refunds of all merchants."""

    refunds: RefundStore
    acquirer: Acquirer
    delay: ProcessingDelay
    clock: Clock
    random: Random

    def create(self, merchant_id: str, new: NewRefund, once: Once[Refund]) -> Answer:
        """Reserve the amount and answer at once, or answer as the first time. 1 request to AWS.

        Raises NotFoundError for a payment that is not the merchant's, and BadRequestError when it did
        not succeed or has less left than is asked for.
        """
        now = self.clock()
        refund = Refund(
            id=new_id("rfnd_", self.random),
            payment_id=new.payment_id,
            merchant_id=merchant_id,
            amount=new.amount,
            reason=new.reason,
            status=RefundStatus.PENDING,
            process_at=self.delay.due(now, self.random),
            created_at=now,
        )
        try:
            return once.run(refund, merchant_id, now=now, write=self.refunds.create)
        except PaymentRefusedError as refused:
            if refused.payment is None:
                raise NotFoundError("Payment") from refused
            raise refuse_refund(refused.payment) from refused

    def page(self, query: ListQuery) -> Page[Refund]:
        """Some of a merchant's refunds, newest first. 1 request."""
        return self.refunds.page(query)

    def get(self, refund_id: str, merchant_id: str) -> Refund:
        """The merchant's refund. 1 request. Raises NotFoundError."""
        refund = self.refunds.get(refund_id)
        if refund is None or refund.merchant_id != merchant_id:
            raise NotFoundError("Refund")
        return refund

    def process(self, job: ProcessRefund) -> None:
        """Ask the acquirer and settle the refund; one that is settled stays so. 1 request to AWS.

        Raises AcquirerUnavailableError; the job is then to come again.
        """
        request = GiveBack(
            idempotency_key=f"refund:{job.refund.id}",
            token=job.token,
            money=Money(job.refund.amount, job.currency),
        )
        approved = self.acquirer.refund(request).approved
        status = RefundStatus.PROCESSED if approved else RefundStatus.FAILED
        settled = self.refunds.settle(job.refund, status, now=self.clock())
        if settled:
            logger.info("refund settled", refund_id=settled.id, status=settled.status)
        else:
            logger.info("refund was settled before", refund_id=job.refund.id)
