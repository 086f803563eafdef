"""Health: whether the database and the queues answer, and whether the workers are switched on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore

_RUNNING = frozenset({"Enabled", "Enabling", "Updating", "Creating"})


@dataclass(frozen=True, kw_only=True)
class Health:
    """What answered."""

    database: bool
    queue: bool
    worker: bool

    @property
    def is_healthy(self) -> bool:
        """Whether all of it did."""
        return self.database and self.queue and self.worker


@dataclass(frozen=True, kw_only=True)
class HealthService:
    """Asks each dependency once. ``client`` makes boto3's client of a service, when it is needed."""

    merchants: MerchantStore
    client: Callable[[str], Any]
    queue_urls: tuple[str, ...]

    def workers_run(self) -> bool:
        """Whether every queue has a function that reads it. 2 requests a queue."""
        return _answers(lambda: self._require_workers(self._queue_arns()))

    def check(self) -> Health:
        """The state of things now. 1 request to DynamoDB, and for each queue 1 to SQS and 1 to Lambda."""
        arns: list[str] = []
        database = _answers(lambda: self.merchants.get("health"))
        queue = _answers(lambda: arns.extend(self._queue_arns()))
        worker = queue and _answers(lambda: self._require_workers(arns))
        return Health(database=database, queue=queue, worker=worker)

    def _queue_arns(self) -> list[str]:
        names = ["QueueArn"]
        sqs = self.client("sqs")
        answers = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names) for url in self.queue_urls]
        return [answer["Attributes"]["QueueArn"] for answer in answers]

    def _require_workers(self, queue_arns: list[str]) -> None:
        lambda_ = self.client("lambda")
        for arn in queue_arns:
            mappings = lambda_.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
            if not any(mapping["State"] in _RUNNING for mapping in mappings):
                raise WorkerStoppedError(arn)


class WorkerStoppedError(Exception):
    """No enabled function reads the queue."""


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (BotoCoreError, ClientError, WorkerStoppedError, PynamoDBException) as error:
        logger.warning("a dependency does not answer", error=type(error).__name__)
        return False
    return True
