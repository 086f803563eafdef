"""Authorization at an acquirer that charges twice if the same request arrives twice.

A lease in the row of the payment gives one job at a time the right to send the request. It lasts longer than
the job can run, so that the request of an earlier holder has arrived, or never will, when the lease ends.
"""

from datetime import timedelta

from chalicelib.acquirers.base import Acquirer, AuthorizeRequest, Result, Unknown
from chalicelib.domain.clock import Clock
from chalicelib.jobs.messages import ProcessPayment
from chalicelib.store.payments import PaymentStore

LEASE = timedelta(minutes=2)  # longer than the time-out of the function, and the difference of two clocks


def authorize_once(
    acquirer: Acquirer, payments: PaymentStore, request: AuthorizeRequest, job: ProcessPayment, clock: Clock
) -> Result:
    """The result of the charge. Unknown if another job has the lease. 1 request to AWS, or 2.

    Only the first request is sent without asking for the ``status``. A later one is sent if the acquirer does
    not know the charge, and the lease had ended before it was asked.
    """
    if not job.checks and payments.lease_authorization(job.payment_id, free_at=None, until=clock() + LEASE):
        return acquirer.authorize(request)
    asked_at = clock()
    result = acquirer.status(request, job.reference)
    if result is not None:
        return result
    if payments.lease_authorization(job.payment_id, free_at=asked_at, until=clock() + LEASE):
        return acquirer.authorize(request)
    return Unknown()
