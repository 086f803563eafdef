"""Whether a waiting row's time passed so long ago that no message can be on its way to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.jobs.messages import DeliverWebhook, Job, ProcessPayment, ProcessRefund
from infra.operator.doctor.findings import Finding, Kind, Report

GRACE = timedelta(seconds=60)  # a job's way from its time to its end, when all is well
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """Judges jobs at the time ``now``; ``patience`` is that with each queue's jobs."""

    now: datetime
    patience: Mapping[str, timedelta]
    report: Report

    def evaluate(self, job: Job) -> None:
        """Report the job that a waiting row owes, if its time is long over."""
        late_by = self.now - job.due_at
        if late_by <= self.patience[queue_of(job)]:
            return
        says = f"due {job.due_at:%Y-%m-%d %H:%M:%S} UTC, {late_by // _SECOND:,} s ago, and still pending"
        self.report(Finding(kind=Kind.OVERDUE, subject=subject_of(job), says=says, job=job))


def queue_of(job: Job) -> str:
    """The name of the queue that such jobs wait in."""
    match job:
        case ProcessPayment():
            return "payments"
        case ProcessRefund():
            return "refunds"
        case DeliverWebhook():
            return "webhooks"


def subject_of(job: Job) -> str:
    """The id of the row that the job is for."""
    match job:
        case ProcessPayment():
            return job.payment_id
        case ProcessRefund():
            return job.refund.id
        case DeliverWebhook():
            return job.log_id
