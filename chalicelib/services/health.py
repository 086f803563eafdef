"""Health of the database, the queues and the workers, from data-plane requests only and remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.clock import Clock
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore

REMEMBERED_FOR = timedelta(seconds=30)  # by each process: anybody may ask, as often as they like
DOUBTS_REMEMBERED_FOR = timedelta(seconds=5)  # so that a recovery shows soon
# SQS counts are approximate, and settle within a minute.
STOPPED_AFTER = timedelta(minutes=1)
_LONGEST_GAP = timedelta(minutes=5)  # between checks; beyond it they do not show the same jobs
_WAITING, _IN_HAND = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, kw_only=True)
class Health:
    """What answered when it was checked.

    ``worker`` is False when for a minute jobs of a queue have been waiting and none was in a worker's hands.
    Does not detect workers that are switched off while their queue is empty.
    """

    database: bool
    queue: bool
    worker: bool
    checked_at: datetime

    @property
    def is_healthy(self) -> bool:
        """Whether all of it did."""
        return self.database and self.queue and self.worker


@dataclass(frozen=True, kw_only=True)
class _Check:
    """A check, and since when each queue's jobs have been waiting with none in a worker's hands."""

    health: Health
    untaken_since: Mapping[str, datetime]

    def is_fresh(self, now: datetime) -> bool:
        has_doubts = bool(self.untaken_since) or not self.health.is_healthy
        life = DOUBTS_REMEMBERED_FOR if has_doubts else REMEMBERED_FOR
        return timedelta(0) <= now - self.health.checked_at < life


@dataclass(kw_only=True)
class _Memory:
    last: _Check | None = None


@dataclass(frozen=True, kw_only=True)
class HealthService:
    """Checks at most once in a while. ``client`` makes boto3's client of a service, when it is needed."""

    merchants: MerchantStore
    client: Callable[[str], Any]
    queue_urls: tuple[str, ...]
    clock: Clock
    _memory: _Memory = field(default_factory=_Memory, init=False)

    def check(self) -> Health:
        """The state of the last seconds. At most 1 request to DynamoDB and 1 to SQS for each queue."""
        now, last = self.clock(), self._memory.last
        if last is None or not last.is_fresh(now):
            last = self._memory.last = self._check(now, last)
        return last.health

    def _check(self, now: datetime, last: _Check | None) -> _Check:
        untaken: list[str] = []
        database = _answers(lambda: self.merchants.get("health"))
        queue = _answers(lambda: untaken.extend(self._untaken_queues()))
        before = last.untaken_since if last and now - last.health.checked_at < _LONGEST_GAP else {}
        since = {url: before.get(url, now) for url in untaken}
        worker = queue and all(now - each < STOPPED_AFTER for each in since.values())
        health = Health(database=database, queue=queue, worker=worker, checked_at=now)
        return _Check(health=health, untaken_since=since)

    def _untaken_queues(self) -> list[str]:
        return [url for url in self.queue_urls if self._is_untaken(url)]

    def _is_untaken(self, url: str) -> bool:
        answer = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[_WAITING, _IN_HAND])
        counts = {name: int(value) for name, value in answer["Attributes"].items()}
        return counts[_WAITING] > 0 and counts[_IN_HAND] == 0


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        logger.warning("a dependency does not answer", error=type(error).__name__)
        return False
    return True
