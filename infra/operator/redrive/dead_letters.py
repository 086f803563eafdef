"""A dead-letter queue, read without losing anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

HOLD_S = 120  # for which a message in our hands is hidden; what we do with ten takes a few seconds
WAIT_S = 1  # asks all of SQS's servers: a short poll may come back empty while there are messages
MAX_BATCH = 10


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message in our hands."""

    id: str
    body: str
    receipt: str
    sent_at: datetime

    @classmethod
    def of(cls, message: dict[str, Any]) -> Self:
        """From SQS's own."""
        sent_ms = int(message["Attributes"]["SentTimestamp"])
        return cls(
            id=message["MessageId"],
            body=message["Body"],
            receipt=message["ReceiptHandle"],
            sent_at=datetime.fromtimestamp(sent_ms / 1000, UTC),
        )


@dataclass(frozen=True)
class DeadLetters:
    """One dead-letter queue. ``sqs`` is boto3's client."""

    sqs: Any
    url: str

    def count(self) -> int:
        """How many there are, by SQS's count, which is approximate for a moment."""
        return int(self._attribute("ApproximateNumberOfMessages"))

    def arn(self) -> str:
        """The queue's ARN."""
        return self._attribute("QueueArn")

    def batches(self, limit: int | None) -> Iterator[list[Message]]:
        """The messages, ten at a time, hidden from others for HOLD_S; each once, at most ``limit`` in all."""
        seen: set[str] = set()
        while limit is None or len(seen) < limit:
            batch = self._receive(MAX_BATCH if limit is None else min(limit - len(seen), MAX_BATCH))
            new = [message for message in batch if message.id not in seen]
            if not new:
                return
            seen.update(message.id for message in new)
            yield new

    def peek(self, limit: int) -> list[Message]:
        """Up to ``limit`` of them, which stay as they are."""
        messages = [message for batch in self.batches(limit) for message in batch]
        self.release(messages)
        return messages

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete what was taken care of. One that is not deleted comes again, which is harmless."""
        entries = [{"Id": str(index), "ReceiptHandle": one.receipt} for index, one in enumerate(messages)]
        if entries:
            self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)

    def release(self, messages: Sequence[Message]) -> None:
        """Show again, at once, what was left as it is."""
        for message in messages:
            self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=message.receipt, VisibilityTimeout=0
            )

    def _receive(self, count: int) -> list[Message]:
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=count,
            VisibilityTimeout=HOLD_S,
            WaitTimeSeconds=WAIT_S,
            AttributeNames=["SentTimestamp"],
        )
        return [Message.of(message) for message in answer.get("Messages", [])]

    def _attribute(self, name: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        value: str = answer["Attributes"][name]
        return value
