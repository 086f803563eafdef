"""What follows a request to the acquirer: an outcome, or another job that asks for the outcome later."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic

from chalicelib.acquirers.base import ActionRequired, Pending, Unknown
from chalicelib.jobs.messages import AcquirerJobT

FIRST_CHECK = timedelta(seconds=5)  # after a request without a response
MAX_CHECKS_DOUBLED = 7  # up to 640 s
MIN_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Processed(Generic[AcquirerJobT]):
    """Whether a job settled its payment or refund, and the job to send next, if there is no outcome yet."""

    is_settled: bool = False
    next_job: AcquirerJobT | None = None


def next_check(job: AcquirerJobT, result: Pending | ActionRequired | Unknown, now: datetime) -> AcquirerJobT:
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
