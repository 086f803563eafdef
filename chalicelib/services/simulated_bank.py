"""The answers of buyers to the charges of the simulated acquirer. Not in production."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.acquirers.simulated.bank import SimulatedCharges
from chalicelib.domain.clock import Clock, OffsetOf
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.simulated_charge import BuyerAnswer, SimulatedCharge
from chalicelib.jobs.queue import JobQueue
from chalicelib.observability import logger
from chalicelib.services.payments import PaymentService
from chalicelib.store.planned_declines import MAX_PLANNED, PlannedDeclineStore


@dataclass(frozen=True)
class FoundCharge:
    """A charge, at the time ``now`` of its merchant."""

    charge: SimulatedCharge
    now: datetime


@dataclass(frozen=True, kw_only=True)
class SimulatedBankService:
    """The buyer's bank and phone. ``queue`` is the queue of payments. ``clock`` has the real time."""

    charges: SimulatedCharges
    declines: PlannedDeclineStore
    payments: PaymentService
    queue: JobQueue
    clock: Clock
    offset_of: OffsetOf

    def find(self, charge_id: str) -> FoundCharge | None:
        """The charge. At most 3 requests."""
        charge = self.charges.get(charge_id)
        return FoundCharge(charge, self.clock() + self._ahead(charge)) if charge else None

    def _ahead(self, charge: SimulatedCharge) -> timedelta:
        payment = self.payments.payments.get(charge.payment_id) if charge.payment_id else None
        return self.offset_of(payment.merchant_id if payment else None)

    def answer(self, charge_id: str, answer: BuyerAnswer) -> SimulatedCharge | None:
        """Apply the answer if the charge is open. Returns the current charge, None if it does not exist.

        A charge with an outcome keeps it. Its payment is checked soon, at every call: the job of an earlier
        call may have been lost. At most 6 requests.
        """
        found = self.find(charge_id)
        if found is None:
            return None
        charge, now = found.charge, found.now
        if charge.is_open(now):
            charge = self.charges.change(charge, charge.answered(answer), before_expiry=now)
            logger.info("buyer answered", charge_id=charge.id, outcome=charge.outcome)
        if charge.is_decided:
            self._check_soon(charge)
        return charge

    def plan_declines(self, merchant_id: str, code: DeclineCode, count: int) -> list[DeclineCode]:
        """Decline the next ``count`` payments of the merchant. Returns all planned declines.

        At most 2 requests. Raises BadRequestError if the merchant planned too many.
        """
        now = self.clock() + self.offset_of(merchant_id)
        planned = self.declines.plan(merchant_id, [code] * count, now=now)
        if planned is None:
            raise BadRequestError(
                f"At most {MAX_PLANNED} declines can be planned until a day after the last one", field="count"
            )
        return planned

    def _check_soon(self, charge: SimulatedCharge) -> None:
        """Send the job that settles the payment of the charge, if it is pending."""
        job = self.payments.status_job(charge.payment_id) if charge.payment_id else None
        if job:
            self.queue.send([job])
