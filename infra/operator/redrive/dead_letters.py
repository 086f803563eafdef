"""A dead-letter queue, read without losing messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

HOLD_S = 120  # visibility timeout of received messages; processing a batch takes a few seconds
WAIT_S = 1  # long polling queries all SQS servers; a short poll may return nothing although messages exist
MAX_BATCH = 10  # SQS's limit


@dataclass(frozen=True, kw_only=True)
class Message:
    """A received message."""

    id: str
    body: str
    receipt: str
    sent_at: datetime

    @classmethod
    def of(cls, message: dict[str, Any]) -> Self:
        """Convert a message of an SQS response."""
        sent_ms = int(message["Attributes"]["SentTimestamp"])
        return cls(
            id=message["MessageId"],
            body=message["Body"],
            receipt=message["ReceiptHandle"],
            sent_at=datetime.fromtimestamp(sent_ms / 1000, UTC),
        )


@dataclass(frozen=True)
class DeadLetters:
    """A dead-letter queue. ``sqs`` is a boto3 client."""

    sqs: Any
    url: str

    def count(self) -> int:
        """SQS's approximate number of messages."""
        return int(self._attribute("ApproximateNumberOfMessages"))

    def arn(self) -> str:
        """The queue's ARN."""
        return self._attribute("QueueArn")

    def batches(self, limit: int | None) -> Iterator[list[Message]]:
        """Yield each message once, in batches of ten, at most ``limit`` in total. Hides them for HOLD_S."""
        seen: set[str] = set()
        while limit is None or len(seen) < limit:
            batch = self._receive(MAX_BATCH if limit is None else min(limit - len(seen), MAX_BATCH))
            new = [message for message in batch if message.id not in seen]
            if not new:
                return
            seen.update(message.id for message in new)
            yield new

    def peek(self, limit: int) -> list[Message]:
        """Up to ``limit`` messages, which stay in the queue and become visible again."""
        messages = [message for batch in self.batches(limit) for message in batch]
        self.release(messages)
        return messages

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete processed messages. If a deletion fails, SQS delivers the message again: harmless."""
        entries = [{"Id": str(index), "ReceiptHandle": one.receipt} for index, one in enumerate(messages)]
        if entries:
            self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)

    def release(self, messages: Sequence[Message]) -> None:
        """Make unprocessed messages visible again immediately."""
        for message in messages:
            self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=message.receipt, VisibilityTimeout=0
            )

    def _receive(self, count: int) -> list[Message]:
        response = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=count,
            VisibilityTimeout=HOLD_S,
            WaitTimeSeconds=WAIT_S,
            AttributeNames=["SentTimestamp"],
        )
        return [Message.of(message) for message in response.get("Messages", [])]

    def _attribute(self, name: str) -> str:
        response = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        value: str = response["Attributes"][name]
        return value
