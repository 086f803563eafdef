"""What follows a request to the acquirer: an outcome, or another job that asks for the outcome later."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from chalicelib.acquirers.base import ActionRequired, AuthorizeRequest, Pending, Unknown
from chalicelib.jobs.messages import AcquirerJob, ChargeJob

FIRST_CHECK = timedelta(seconds=5)  # after a request without a response
MAX_CHECKS_DOUBLED = 7  # up to 640 s
MIN_PAUSE = timedelta(seconds=1)

CheckT = TypeVar("CheckT", bound=AcquirerJob)
NextJobT_co = TypeVar("NextJobT_co", bound=AcquirerJob, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Processed(Generic[NextJobT_co]):
    """Whether a job settled its payment or refund, and the job to send next, if there is no outcome yet."""

    is_settled: bool = False
    next_job: NextJobT_co | None = None


def authorize_request(job: ChargeJob) -> AuthorizeRequest:
    """The request of the charge. Its key is the same for every job of the payment."""
    return AuthorizeRequest(
        idempotency_key=f"charge:{job.payment_id}",
        method=job.method,
        token=job.token,
        money=job.money,
        flow=job.flow,
        capture_mode=job.capture_mode,
        due_at=job.due_at,
    )


def next_check(job: CheckT, result: Pending | ActionRequired | Unknown, now: datetime) -> CheckT:
    """The job that asks for the outcome: when the acquirer requests it, or with a growing delay.

    When the action of the buyer expires, the outcome is requested immediately.
    """
    later = now + FIRST_CHECK * 2 ** min(job.checks, MAX_CHECKS_DOUBLED)
    match result:
        case Pending():
            return job.again(max(result.check_at, now + MIN_PAUSE), result.reference)
        case ActionRequired():
            at = min(later, max(result.action.expires_at, now + MIN_PAUSE))
            return job.again(at, result.reference)
        case Unknown():
            return job.again(later, job.reference)
