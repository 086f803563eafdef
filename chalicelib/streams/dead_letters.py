"""The dead-letter queues of the stream readers: the records that they cannot read, with their images."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chalicelib.observability import logger

Record = Mapping[str, Any]
Read = TypeVar("Read")


@dataclass(frozen=True)
class Unreadable:
    """A stream record, as Lambda passed it, and the error of reading it."""

    record: Record
    error: Exception


def read_records(
    records: Sequence[Record], read: Callable[[Record], Read]
) -> tuple[dict[str, Read], list[Unreadable]]:
    """What ``read`` returns for each record, by its sequence number, and the unreadable records."""
    readable: dict[str, Read] = {}
    unreadable: list[Unreadable] = []
    for record in records:
        try:
            readable[record["dynamodb"]["SequenceNumber"]] = read(record)
        except Exception as error:  # of any kind: no request was made, so the error is in the record
            unreadable.append(Unreadable(record, error))
    return readable, unreadable


@dataclass(frozen=True)
class DeadLetterQueue:
    """An SQS queue. ``client`` is the boto3 client."""

    client: Any
    url: str

    def send(self, unreadable: Iterable[Unreadable]) -> None:
        """Send the records. One request for each. Raises botocore's ClientError.

        The text of an error can contain values of the row, so only its type is sent and logged.
        """
        for one in unreadable:
            error = type(one.error).__name__
            logger.error("a stream record cannot be read", event_id=one.record.get("eventID"), error=error)
            body = json.dumps({"error": error, "record": one.record}, separators=(",", ":"))
            self.client.send_message(QueueUrl=self.url, MessageBody=body)


@dataclass(frozen=True, kw_only=True)
class DeadLetterQueues:
    """The dead-letter queues of the stream readers."""

    relay: DeadLetterQueue
    recorder: DeadLetterQueue
