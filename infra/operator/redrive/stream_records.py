"""Replays stream records that the relay or the recorder could not read: invokes the function with each.

The dead letters of these functions contain the record. Lambda itself adds a message without records if
records expire before a function could process them, after an outage of 24 hours. Both are idempotent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from infra.errors import InfraError
from infra.operator.deployment import function_name
from infra.operator.redrive.dead_letters import DeadLetters, Message
from infra.stage import Stage

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FailedRecord:
    """A record that a function could not read, and the type of the error."""

    record: Record
    error: str

    @classmethod
    def parse(cls, body: str) -> Self:
        """Parse a dead letter. Raises ValueError for a message of Lambda, and for any other text."""
        try:
            content = json.loads(body)
            expired = content.get("DDBStreamBatchInfo")
            parsed = None if expired else cls(record=content["record"], error=content["error"])
            description = _expired(expired) if expired else str(parsed)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ValueError(f"not a stream record, {len(body)} characters") from error
        if parsed is None:
            raise ValueError(description)
        return parsed

    @property
    def id(self) -> str:
        """The id of the stream record, which stays the same when the function sends it again."""
        return str(self.record["eventID"])

    def __str__(self) -> str:
        table = self.record["eventSourceARN"].split("/")[1]
        (key,) = self.record["dynamodb"]["Keys"]["id"].values()
        written_at = datetime.fromtimestamp(self.record["dynamodb"]["ApproximateCreationDateTime"], UTC)
        return f"{key} in {table}, written at {written_at:%Y-%m-%d %H:%M:%S} UTC ({self.error})"


@dataclass(frozen=True)
class StreamFunction:
    """A deployed function that reads streams. ``lambda_`` is a boto3 client, ``id_`` the logical id."""

    lambda_: Any
    stage: Stage
    id_: str

    def __call__(self, record: Record) -> None:
        """Invoke the function with ``record``. Raises InfraError if the function fails.

        A function that cannot read the record sends it to its dead-letter queue again.
        """
        response = self.lambda_.invoke(
            FunctionName=function_name(self.stage, self.id_),
            Payload=json.dumps({"Records": [record]}),
        )
        payload = response["Payload"].read().decode()
        if response.get("FunctionError") or json.loads(payload)["batchItemFailures"]:
            raise InfraError(f"The {self.id_.lower()} failed. See its log. Its response is {payload[:300]}")


def describe(body: str) -> str:
    """Describe a dead letter of a stream reader."""
    try:
        return str(FailedRecord.parse(body))
    except ValueError as error:
        return str(error)


def replay(letters: DeadLetters, invoke: StreamFunction, *, limit: int | None) -> int:
    """Replay every dead letter. If dead letters remain, print the reasons and return 1."""
    remaining: list[Message] = []
    replayed: set[str] = set()
    for messages in letters.batches(limit):
        for message in messages:
            try:
                failed = FailedRecord.parse(message.body)
                _replay(failed, invoke, replayed)
            except (InfraError, ValueError) as error:
                print(f"  not replayed: {error}")
                remaining.append(message)
            else:
                letters.delete([message])
                print(f"  replayed: {failed}")
    if remaining:
        letters.release(remaining)
        print(
            f"Dead letters that remain: {len(remaining)}. If records have expired, run `doctor` to find "
            f"missing jobs, webhook logs and events.\nThen empty the queue:\n"
            f"  aws sqs purge-queue --queue-url {letters.url}"
        )
    return 1 if remaining else 0


def _replay(failed: FailedRecord, invoke: StreamFunction, replayed: set[str]) -> None:
    """Invoke the function, unless it has just sent the record to its dead-letter queue again."""
    if failed.id in replayed:
        raise InfraError(f"{failed}: the function still cannot read it")
    replayed.add(failed.id)
    invoke(failed.record)


def _expired(batch: Mapping[str, Any]) -> str:
    table = batch["streamArn"].split("/")[1]
    return (
        f"{batch['batchSize']} changes of {table} from {batch['approximateArrivalOfFirstRecord']} "
        "have expired: the function failed for 24 hours"
    )
