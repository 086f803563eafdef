"""Replays changes that the relay failed to process: reads them from the stream and invokes the relay.

A dead letter of the relay contains the position of a batch in a stream, not the changes. Streams keep records
for 24 hours. The relay is idempotent per stream record, so it is safe to replay more than the batch.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from botocore.exceptions import ClientError

from infra.errors import InfraError
from infra.operator.deployment import function_name
from infra.operator.redrive.dead_letters import DeadLetters, Message
from infra.stage import Stage
from infra.template.functions import STREAM_BATCH_SIZE

MAX_EMPTY_PAGES = 20  # a stream may return several empty pages before the first records
_EXPIRED = frozenset({"ResourceNotFoundException", "TrimmedDataAccessException"})

Record = dict[str, Any]
Invoke = Callable[[list[Record]], Mapping[str, Any]]


class ExpiredError(Exception):
    """The stream no longer has the changes."""


@dataclass(frozen=True, kw_only=True)
class FailedBatch:
    """A batch that the relay failed to process: a range of sequence numbers of a stream."""

    stream_arn: str
    shard_id: str
    first: str
    last: str
    size: int
    arrived_at: str
    condition: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Convert a dead letter that Lambda wrote. Raises KeyError, TypeError or ValueError."""
        batch = body["DDBStreamBatchInfo"]
        return cls(
            stream_arn=batch["streamArn"],
            shard_id=batch["shardId"],
            first=batch["startSequenceNumber"],
            last=batch["endSequenceNumber"],
            size=int(batch["batchSize"]),
            arrived_at=batch["approximateArrivalOfFirstRecord"],
            condition=body["requestContext"]["condition"],
        )

    def __str__(self) -> str:
        table = self.stream_arn.split("/")[1]
        return f"{self.size} changes of {table} from {self.arrived_at} ({self.condition})"


@dataclass(frozen=True)
class RelayFunction:
    """The deployed relay. ``lambda_`` is a boto3 client."""

    lambda_: Any
    stage: Stage

    def __call__(self, records: list[Record]) -> Mapping[str, Any]:
        """Invoke the relay with ``records`` and return its result. Raises InfraError if the relay raises."""
        response = self.lambda_.invoke(
            FunctionName=function_name(self.stage, "Relay"),
            Payload=json.dumps({"Records": records}, default=_epoch),
        )
        payload = response["Payload"].read().decode()
        if response.get("FunctionError"):
            raise InfraError(f"The relay failed again. See its log. Its error is {payload[:300]}")
        result: Mapping[str, Any] = json.loads(payload)
        return result


def replay(letters: DeadLetters, streams: Any, invoke: Invoke, *, limit: int | None) -> int:
    """Replay the changes of every dead letter. If dead letters remain, print the reasons and return 1."""
    remaining: list[Message] = []
    for messages in letters.batches(limit):
        for message in messages:
            try:
                changes = _replay(parse(message.body), streams, invoke)
            except (ExpiredError, InfraError, ValueError) as error:
                print(f"  not replayed: {error}")
                remaining.append(message)
            else:
                letters.delete([message])
                print(f"  {changes} changes replayed")
    if remaining:
        letters.release(remaining)
        print(
            f"Dead letters that remain: {len(remaining)}. If the stream no longer has their changes, run "
            f"`doctor` to find missing jobs and webhook logs.\nThen empty the queue:\n"
            f"  aws sqs purge-queue --queue-url {letters.url}"
        )
    return 1 if remaining else 0


def parse(body: str) -> FailedBatch:
    """Parse a dead letter of the relay. Raises ValueError for any other message."""
    try:
        return FailedBatch.of(json.loads(body))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the message is not a failed batch of a stream") from error


def _replay(batch: FailedBatch, streams: Any, invoke: Invoke) -> int:
    records = list(_records(batch, streams))
    if not records:
        raise ExpiredError(f"{batch}: the stream no longer has these changes")
    for start in range(0, len(records), STREAM_BATCH_SIZE):
        failed = invoke(records[start : start + STREAM_BATCH_SIZE]).get("batchItemFailures")
        if failed:
            raise InfraError(f"{batch}: the relay cannot read one of these changes; see its log")
    return len(records)


def _records(batch: FailedBatch, streams: Any) -> Iterator[Record]:
    """The changes of the batch, in the format of a Lambda event."""
    try:
        iterator = streams.get_shard_iterator(
            StreamArn=batch.stream_arn,
            ShardId=batch.shard_id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch.first,
        )["ShardIterator"]
        for record in _read_from(iterator, streams):
            if int(record["dynamodb"]["SequenceNumber"]) > int(batch.last):
                return
            yield {**record, "eventSourceARN": batch.stream_arn}
    except ClientError as error:
        if error.response["Error"]["Code"] not in _EXPIRED:
            raise
        raise ExpiredError(f"{batch}: the stream no longer has these changes") from error


def _read_from(iterator: str | None, streams: Any) -> Iterator[Record]:
    empty_pages = 0
    while iterator and empty_pages < MAX_EMPTY_PAGES:
        page = streams.get_records(ShardIterator=iterator)
        yield from page["Records"]
        empty_pages += not page["Records"]
        iterator = page.get("NextShardIterator")


def _epoch(moment: datetime) -> float:
    return moment.timestamp()
