"""Buyers who return from the page of a bank or an acquirer: their payments are checked without delay."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.payment import Payment
from chalicelib.jobs.messages import ProcessPayment
from chalicelib.jobs.queue import JobQueue
from chalicelib.services.payments import PaymentService
from chalicelib.store.payments import PaymentStore

CHECK_EVERY = timedelta(seconds=10)  # at most, for each payment


@dataclass(frozen=True, kw_only=True)
class ReturnService:
    """The returns of buyers. ``queue`` is the queue of payments."""

    payments: PaymentService
    store: PaymentStore
    queue: JobQueue
    clock: Clock

    def arrive(self, payment_id: str) -> Payment:
        """The payment. If it waits for its buyer, its status is checked soon. 1 request, or at most 3.

        Anyone with the id can reload the page, so the row of the payment limits the checks to one in
        CHECK_EVERY. Raises NotFoundError.
        """
        payment, now = self.payments.get(payment_id), self.clock()
        if payment.open_action and self.store.claim_check(payment.id, now=now, pause=CHECK_EVERY):
            self.queue.send([ProcessPayment.check_of(payment, now)])
        return payment
