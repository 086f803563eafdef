"""Health of the database, the queues and the workers. Uses data-plane requests only and is cached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.clock import Clock
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore

CACHE_LIFE = timedelta(seconds=30)  # in each process; anyone can call the public route any number of times
UNHEALTHY_CACHE_LIFE = timedelta(seconds=5)  # so that a recovery is visible soon
# SQS counts are approximate and become consistent within a minute.
STOPPED_AFTER = timedelta(minutes=1)
_LONGEST_GAP = timedelta(minutes=5)  # between checks; after a longer gap the waiting jobs can be other jobs
_WAITING, _IN_FLIGHT = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, kw_only=True)
class Health:
    """The result of a check.

    ``worker`` is False if jobs of a queue have been waiting for a minute and none was in flight. Disabled
    workers of an empty queue are not detected.
    """

    database: bool
    queue: bool
    worker: bool
    checked_at: datetime

    @property
    def is_healthy(self) -> bool:
        """Whether the database, the queues and the workers are healthy."""
        return self.database and self.queue and self.worker


@dataclass(frozen=True, kw_only=True)
class _Check:
    """A check, and the time since when the jobs of each queue have been waiting with none in flight."""

    health: Health
    stalled_since: Mapping[str, datetime]

    def is_fresh(self, now: datetime) -> bool:
        is_unhealthy = bool(self.stalled_since) or not self.health.is_healthy
        life = UNHEALTHY_CACHE_LIFE if is_unhealthy else CACHE_LIFE
        return timedelta(0) <= now - self.health.checked_at < life


@dataclass(kw_only=True)
class _Cache:
    last: _Check | None = None


@dataclass(frozen=True, kw_only=True)
class HealthService:
    """Checks the health and caches the result. ``client`` creates the boto3 client of a service on demand."""

    merchants: MerchantStore
    client: Callable[[str], Any]
    queue_urls: tuple[str, ...]
    clock: Clock
    _cache: _Cache = field(default_factory=_Cache, init=False)

    def check(self) -> Health:
        """The cached or new result. At most 1 request to DynamoDB, and 1 to SQS for each queue."""
        now, last = self.clock(), self._cache.last
        if last is None or not last.is_fresh(now):
            last = self._cache.last = self._check(now, last)
        return last.health

    def _check(self, now: datetime, last: _Check | None) -> _Check:
        stalled: list[str] = []
        database = _is_available(lambda: self.merchants.get("health"))
        queue = _is_available(lambda: stalled.extend(self._stalled_queues()))
        before = last.stalled_since if last and now - last.health.checked_at < _LONGEST_GAP else {}
        since = {url: before.get(url, now) for url in stalled}
        worker = queue and all(now - each < STOPPED_AFTER for each in since.values())
        health = Health(database=database, queue=queue, worker=worker, checked_at=now)
        return _Check(health=health, stalled_since=since)

    def _stalled_queues(self) -> list[str]:
        return [url for url in self.queue_urls if self._is_stalled(url)]

    def _is_stalled(self, url: str) -> bool:
        names = [_WAITING, _IN_FLIGHT]
        response = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        counts = {name: int(value) for name, value in response["Attributes"].items()}
        return counts[_WAITING] > 0 and counts[_IN_FLIGHT] == 0


def _is_available(request: Callable[[], object]) -> bool:
    try:
        request()
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        logger.warning("a dependency is unavailable", error=type(error).__name__)
        return False
    return True
