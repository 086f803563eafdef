"""Job statistics: the pending, processing, completed and failed jobs of each queue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.services.stats import StatsService
from chalicelib.store.counters import sum_of

Totals = tuple[tuple[str, tuple[str | None, ...]], ...]
"""Lists and the filters of their totals."""


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """The number of jobs of one queue, by state. ``failed`` includes the dead-letter queue."""

    pending: int
    processing: int
    completed: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class WatchedQueue:
    """A queue, its dead-letter queue, and the totals that count its completed and failed jobs."""

    name: str
    url: str
    dead_letters_url: str
    completed: Totals
    failed: Totals


WATCHED: dict[str, tuple[Totals, Totals]] = {
    "payments": ((("payments", (None, "success")), ("payments", (None, "failed"))), ()),
    "refunds": ((("refunds", ("processed",)), ("refunds", ("failed",))), ()),
    "webhooks": ((("webhooks", (None, "success")),), (("webhooks", (None, "failed")),)),
}
"""For each queue, the totals of completed jobs and of failed jobs.

The job of a declined payment is completed. Jobs in the dead-letter queue have failed.
"""


@dataclass(frozen=True, kw_only=True)
class JobStatusService:
    """The queues and their jobs. ``client`` returns the boto3 client of a service."""

    stats: StatsService
    client: Callable[[str], Any]
    queues: tuple[WatchedQueue, ...]

    def figures(self) -> dict[str, QueueFigures]:
        """The figures of each queue; those of SQS are approximate. 2 requests for each queue and 1 more."""
        totals = self.stats.of_all_merchants()
        return {queue.name: self._figures(queue, totals) for queue in self.queues}

    def _figures(self, queue: WatchedQueue, totals: Mapping[str, int]) -> QueueFigures:
        waiting = self._attributes(queue.url)
        dead = self._attributes(queue.dead_letters_url)
        return QueueFigures(
            pending=waiting["ApproximateNumberOfMessages"] + waiting["ApproximateNumberOfMessagesDelayed"],
            processing=waiting["ApproximateNumberOfMessagesNotVisible"],
            completed=_sum(totals, queue.completed),
            failed=_sum(totals, queue.failed) + dead["ApproximateNumberOfMessages"],
        )

    def _attributes(self, url: str) -> dict[str, int]:
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "Delayed", "NotVisible")]
        response = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return {name: int(value) for name, value in response["Attributes"].items()}


def _sum(totals: Mapping[str, int], parts: Totals) -> int:
    return sum(sum_of(totals, list_, *filters) for list_, filters in parts)
