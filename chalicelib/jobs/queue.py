"""The SQS queues of the jobs. Each message is delayed until its job is due.

SQS delays a message by at most 900 s. A longer delay consists of hops: a worker that receives a job before it
is due sends it again with the remaining delay.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.clock import Clock, OffsetOf, no_offset
from chalicelib.jobs.messages import Job, encode

MAX_DELAY_S = 900
MAX_MESSAGES_PER_SEND = 10


class SendFailedError(Exception):
    """SQS did not accept every job. Those that it accepted may be sent twice."""


@dataclass(frozen=True)
class JobQueue:
    """One SQS queue. ``client`` is the boto3 client. Delays follow the clock of the job's merchant."""

    client: Any
    url: str
    clock: Clock
    offset_of: OffsetOf = no_offset

    def send(self, jobs: Sequence[Job]) -> None:
        """Send ``jobs``, each delayed until it is due. One request for ten jobs. Raises SendFailedError."""
        for start in range(0, len(jobs), MAX_MESSAGES_PER_SEND):
            batch = jobs[start : start + MAX_MESSAGES_PER_SEND]
            times = self.times_of(batch)
            entries = [
                {"Id": str(index), **_message(job, times[job.merchant_id])} for index, job in enumerate(batch)
            ]
            response = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if failed := response.get("Failed"):
                raise SendFailedError(f"SQS rejected {len(failed)} of {len(batch)} jobs")

    def times_of(self, jobs: Iterable[Job]) -> dict[str | None, datetime]:
        """The present time of each merchant of ``jobs``. One request for each, none in production."""
        now = self.clock()
        return {id_: now + self.offset_of(id_) for id_ in {job.merchant_id for job in jobs}}


@dataclass(frozen=True, kw_only=True)
class JobQueues:
    """The queues of the gateway: one for each kind of job, and one for jobs of slow webhook endpoints."""

    payments: JobQueue
    refunds: JobQueue
    webhooks: JobQueue
    slow_webhooks: JobQueue


def _message(job: Job, now: datetime) -> dict[str, Any]:
    """The message of the job. SQS shares a standard queue fairly between the message groups."""
    message = {"MessageBody": encode(job), "DelaySeconds": delay_s(job.due_at, now)}
    return message | {"MessageGroupId": job.group} if job.group else message


def delay_s(due_at: datetime, now: datetime) -> int:
    """The SQS delay in whole seconds: rounded up, from 0 to MAX_DELAY_S."""
    return min(MAX_DELAY_S, max(0, math.ceil((due_at - now).total_seconds())))
