"""Job statistics: the pending, processing, completed and failed jobs of each queue."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from chalicelib.observability import logger
from chalicelib.store.counters import CounterStore

JOBS = "jobs"
"""The owner of the counters of jobs."""

COMPLETED, FAILED = "completed", "failed"
ROWS = 16
"""The rows of each counter: concurrent workers that write one row displace each other's write ids."""


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """The number of jobs of one queue, by state. ``failed`` includes the dead-letter queue."""

    pending: int
    processing: int
    completed: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class WatchedQueue:
    """The queues of one kind of job, and their dead-letter queues."""

    name: str
    urls: tuple[str, ...]
    dead_letters_urls: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class JobStatusService:
    """The queues and their jobs. ``client`` returns the boto3 client of a service.

    Jobs are counted outside production only, where the route exists. The job of a declined payment is
    completed. A webhook that was not accepted after its last attempt, and a job in the dead-letter queue,
    have failed.
    """

    counters: CounterStore
    random: Random
    is_production: bool
    client: Callable[[str], Any]
    queues: tuple[WatchedQueue, ...]

    def figures(self) -> dict[str, QueueFigures]:
        """The figures of each queue; those of SQS are approximate. 2 requests for each queue and 1 more."""
        counters = self.counters.read(JOBS, first=" ", last="~")
        return {queue.name: self._figures(queue, counters) for queue in self.queues}

    def count(self, queue: str, *, completed: int = 0, failed: int = 0) -> None:
        """Count the jobs of a batch that have ended. 1 request, none in production. Never raises.

        The jobs have ended already, so a failure affects only the figures.
        """
        if self.is_production or not (completed or failed):
            return
        try:
            row, ended = self.random.randrange(ROWS), {COMPLETED: completed, FAILED: failed}
            self.counters.add(JOBS, {f"{queue}#{name}#{row}": count for name, count in ended.items()})
        except Exception:  # of any kind
            logger.exception("ended jobs not counted", queue=queue)

    def _figures(self, queue: WatchedQueue, counters: Mapping[str, int]) -> QueueFigures:
        waiting = self._attributes(queue.urls)
        dead = self._attributes(queue.dead_letters_urls)
        return QueueFigures(
            pending=waiting["ApproximateNumberOfMessages"] + waiting["ApproximateNumberOfMessagesDelayed"],
            processing=waiting["ApproximateNumberOfMessagesNotVisible"],
            completed=_sum(counters, queue.name, COMPLETED),
            failed=_sum(counters, queue.name, FAILED) + dead["ApproximateNumberOfMessages"],
        )

    def _attributes(self, urls: Sequence[str]) -> Counter[str]:
        """The sums of the attributes of the queues."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "Delayed", "NotVisible")]
        sums: Counter[str] = Counter()
        for url in urls:
            response = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
            sums.update({name: int(value) for name, value in response["Attributes"].items()})
        return sums


def _sum(counters: Mapping[str, int], queue: str, figure: str) -> int:
    """The sum of the rows, including the single row of earlier versions."""
    names = {f"{queue}#{figure}", *(f"{queue}#{figure}#{row}" for row in range(ROWS))}
    return sum(count for name, count in counters.items() if name in names)
