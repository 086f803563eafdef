"""The state of the jobs: how many wait, are in hand, were done, and were given up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.services.stats import StatsService
from chalicelib.store.counters import sum_of


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """Jobs of one queue: waiting, in a worker's hands, done, and set aside or given up."""

    pending: int
    processing: int
    completed: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class WatchedQueue:
    """A queue, the dead letters behind it, and what its jobs are counted by when they end."""

    name: str
    url: str
    dead_letters_url: str
    completed: tuple[tuple[str | None, ...], ...]
    failed: tuple[tuple[str | None, ...], ...]


WATCHED = {
    "payments": ((("payments", None, "success"), ("payments", None, "failed")), ()),
    "refunds": ((("refunds", "processed"), ("refunds", "failed")), ()),
    "webhooks": ((("webhooks", None, "success"),), (("webhooks", None, "failed"),)),
}
"""For each queue, the totals of jobs that were completed and of those that failed for good.

A declined payment is a job well done. Jobs in the dead-letter queue have failed too.
"""


@dataclass(frozen=True, kw_only=True)
class JobStatusService:
    """The queues and what became of their jobs. ``client`` makes boto3's client of a service."""

    stats: StatsService
    client: Callable[[str], Any]
    queues: tuple[WatchedQueue, ...]

    def figures(self) -> dict[str, QueueFigures]:
        """The figures of each queue; SQS's are approximate by a moment. 2 requests a queue and 1."""
        totals = self.stats.everybody()
        return {queue.name: self._figures(queue, totals) for queue in self.queues}

    def _figures(self, queue: WatchedQueue, totals: Mapping[str, int]) -> QueueFigures:
        waiting = self._attributes(queue.url)
        dead = self._attributes(queue.dead_letters_url)
        return QueueFigures(
            pending=waiting["ApproximateNumberOfMessages"] + waiting["ApproximateNumberOfMessagesDelayed"],
            processing=waiting["ApproximateNumberOfMessagesNotVisible"],
            completed=sum(sum_of(totals, *parts) for parts in queue.completed),
            failed=sum(sum_of(totals, *parts) for parts in queue.failed)
            + dead["ApproximateNumberOfMessages"],
        )

    def _attributes(self, url: str) -> dict[str, int]:
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "Delayed", "NotVisible")]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return {name: int(value) for name, value in answer["Attributes"].items()}
