"""Checks whether a pending row is so late that its message must be lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.jobs.messages import DeliverWebhook, Job, PaymentJob, ProcessRefund
from infra.operator.doctor.findings import Finding, Kind, Report

GRACE = timedelta(seconds=60)  # usual maximum time from a job's due time to its end
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """Checks jobs at the time ``now``. ``max_delays`` has the allowed delay for each queue."""

    now: datetime
    max_delays: Mapping[str, timedelta]
    report: Report

    def check(self, job: Job, due_at: datetime) -> None:
        """Report the job of a pending row that should have had a result soon after ``due_at``."""
        late_by = self.now - due_at
        if late_by <= self.max_delays[queue_of(job)]:
            return
        message = f"due {due_at:%Y-%m-%d %H:%M:%S} UTC, {late_by // _SECOND:,} s ago, and still pending"
        self.report(Finding(kind=Kind.OVERDUE, subject=subject_of(job), message=message, job=job))


def queue_of(job: Job) -> str:
    """The name of the job's queue."""
    match job:
        case PaymentJob():
            return "payments"
        case ProcessRefund():
            return "refunds"
        case DeliverWebhook():
            return "webhooks"


def subject_of(job: Job) -> str:
    """The id of the job's row."""
    match job:
        case PaymentJob():
            return job.payment_id
        case ProcessRefund():
            return job.refund.id
        case DeliverWebhook():
            return job.log_id
