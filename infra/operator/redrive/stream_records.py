"""Changes that the relay gave up on are read from their stream again and handed to it.

A dead letter of the relay holds no change, only where in a stream a batch stood. Streams remember for a
day; the relay may be told a change twice, so that more than the batch may be handed over.
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

MAX_EMPTY_PAGES = 20  # a stream may answer with nothing a few times before it comes to the records
_FORGOTTEN = frozenset({"ResourceNotFoundException", "TrimmedDataAccessException"})

Record = dict[str, Any]
Invoke = Callable[[list[Record]], Mapping[str, Any]]


class ForgottenError(Exception):
    """The stream does not have these changes any more."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A batch that the relay gave up on: a part of a stream, by sequence numbers."""

    stream_arn: str
    shard_id: str
    first: str
    last: str
    size: int
    arrived_at: str
    why: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """From what Lambda wrote into the dead letter. Raises KeyError, TypeError or ValueError."""
        batch = body["DDBStreamBatchInfo"]
        return cls(
            stream_arn=batch["streamArn"],
            shard_id=batch["shardId"],
            first=batch["startSequenceNumber"],
            last=batch["endSequenceNumber"],
            size=int(batch["batchSize"]),
            arrived_at=batch["approximateArrivalOfFirstRecord"],
            why=body["requestContext"]["condition"],
        )

    def __str__(self) -> str:
        table = self.stream_arn.split("/")[1]
        return f"{self.size} changes of {table}, of {self.arrived_at} ({self.why})"


@dataclass(frozen=True)
class Invoked:
    """The deployed relay. ``lambda_`` is boto3's client."""

    lambda_: Any
    stage: Stage

    def __call__(self, records: list[Record]) -> Mapping[str, Any]:
        """What the relay answers to ``records``; InfraError when it raises."""
        answer = self.lambda_.invoke(
            FunctionName=function_name(self.stage, "Relay"),
            Payload=json.dumps({"Records": records}, default=_epoch),
        )
        told = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            raise InfraError(f"The relay failed again, its log says why: {told[:300]}")
        result: Mapping[str, Any] = json.loads(told)
        return result


def replay(letters: DeadLetters, streams: Any, invoke: Invoke, *, limit: int | None) -> int:
    """Hand the changes of every dead letter to the relay; 1 when some remain, which is told."""
    left: list[Message] = []
    for batch in letters.batches(limit):
        for message in batch:
            try:
                changes = _replay(parse(message.body), streams, invoke)
            except (ForgottenError, InfraError, ValueError) as error:
                print(f"  left: {error}")
                left.append(message)
            else:
                letters.delete([message])
                print(f"  {changes} changes were handed to the relay again")
    if left:
        letters.release(left)
        print(
            f"{len(left)} remain. What a forgotten change owed is found by `doctor`; "
            f"then the queue may be emptied:\n  aws sqs purge-queue --queue-url {letters.url}"
        )
    return 1 if left else 0


def parse(body: str) -> Failure:
    """What a dead letter names; ValueError when it is none of the relay's."""
    try:
        return Failure.of(json.loads(body))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the message is no failure of a stream") from error


def _replay(failure: Failure, streams: Any, invoke: Invoke) -> int:
    records = list(_records(failure, streams))
    if not records:
        raise ForgottenError(f"{failure}: the stream has forgotten them")
    for start in range(0, len(records), STREAM_BATCH_SIZE):
        refused = invoke(records[start : start + STREAM_BATCH_SIZE]).get("batchItemFailures")
        if refused:
            raise InfraError(f"{failure}: the relay cannot read one of them, its log says why")
    return len(records)


def _records(failure: Failure, streams: Any) -> Iterator[Record]:
    """The changes from the first to the last, as Lambda hands them over."""
    try:
        iterator = streams.get_shard_iterator(
            StreamArn=failure.stream_arn,
            ShardId=failure.shard_id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=failure.first,
        )["ShardIterator"]
        for record in _from(iterator, streams):
            if int(record["dynamodb"]["SequenceNumber"]) > int(failure.last):
                return
            yield {**record, "eventSourceARN": failure.stream_arn}
    except ClientError as error:
        if error.response["Error"]["Code"] not in _FORGOTTEN:
            raise
        raise ForgottenError(f"{failure}: the stream has forgotten them") from error


def _from(iterator: str | None, streams: Any) -> Iterator[Record]:
    empty_pages = 0
    while iterator and empty_pages < MAX_EMPTY_PAGES:
        page = streams.get_records(ShardIterator=iterator)
        yield from page["Records"]
        empty_pages += not page["Records"]
        iterator = page.get("NextShardIterator")


def _epoch(moment: datetime) -> float:
    return moment.timestamp()
