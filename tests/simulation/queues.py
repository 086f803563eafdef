"""SQS: at least once, in any order, with delays; dead letters are redriven."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from chalicelib.domain.clock import Clock
from chalicelib.jobs.queue import MAX_DELAY_S, MAX_MESSAGES_PER_SEND

MAX_LATE_S = 4.0
Json = dict[str, Any]


@dataclass(eq=False, kw_only=True)
class Message:
    """A message. ``visible_at``: when it can be received next."""

    id: str
    body: str
    visible_at: datetime
    receives: int = 0

    def record(self) -> Json:
        """The record that Lambda receives."""
        return {
            "messageId": self.id,
            "receiptHandle": f"{self.id}:{self.receives}",
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": str(self.receives)},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:jobs",
        }


@dataclass(eq=False, kw_only=True)
class Queue:
    """One queue and its dead-letter queue. ``random`` delays and reorders messages."""

    name: str
    clock: Clock
    random: Random | None
    visibility_timeout_s: int
    max_receives: int
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    sent: int = 0
    dead_ever: int = 0

    def put(self, body: str, delay_s: int) -> None:
        """Add a message."""
        late_s = self.random.uniform(0, MAX_LATE_S) if self.random and self.random.random() < 0.3 else 0
        self.sent += 1
        visible_at = self.clock() + timedelta(seconds=delay_s + late_s)
        self.messages.append(Message(id=f"{self.name}-{self.sent}", body=body, visible_at=visible_at))

    def receive(self, most: int) -> list[Message]:
        """Receive some of the visible messages, and hide them for the visibility time-out."""
        now = self.clock()
        visible = [message for message in self.messages if message.visible_at <= now]
        for message in visible:
            if message.receives == self.max_receives:
                self._bury(message)
        visible = [message for message in visible if message.receives < self.max_receives]
        if self.random:
            self.random.shuffle(visible)
            most = self.random.randint(1, most)
        for message in visible[:most]:
            message.receives += 1
            message.visible_at = now + timedelta(seconds=self.visibility_timeout_s)
        return visible[:most]

    def delete(self, message: Message) -> None:
        """Delete a message; no-op if another receiver has deleted it."""
        self.messages = [one for one in self.messages if one is not message]

    def redrive(self) -> None:
        """Move the dead letters back."""
        for message in self.dead:
            message.receives, message.visible_at = 0, self.clock()
        self.messages += self.dead
        self.dead = []

    def next_at(self) -> datetime | None:
        """When a message can be received."""
        return min((message.visible_at for message in self.messages), default=None)

    def _bury(self, message: Message) -> None:
        self.delete(message)
        self.dead.append(message)
        self.dead_ever += 1


@dataclass(frozen=True)
class Queues:
    """The queues by their URL."""

    by_url: Mapping[str, Queue]

    def take(self, request: Mapping[str, Any], *, partly: bool) -> Json:
        """``SendMessageBatch``, with SQS's limits. ``partly``: half is not accepted."""
        queue, entries = self.by_url[request["QueueUrl"]], request["Entries"]
        assert 1 <= len(entries) <= MAX_MESSAGES_PER_SEND
        assert len({entry["Id"] for entry in entries}) == len(entries)
        assert all(0 <= entry["DelaySeconds"] <= MAX_DELAY_S for entry in entries)
        refused = entries[::2] if partly else []
        taken = [entry for entry in entries if entry not in refused]
        for entry in taken:
            queue.put(entry["MessageBody"], entry["DelaySeconds"])
        return {
            "Successful": [{"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "x"} for entry in taken],
            "Failed": [
                {"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"} for entry in refused
            ],
        }


Trigger = Callable[[list[Json]], Mapping[str, Any] | None]
"""Delivers records to a Lambda; returns its response, or None if it is unknown or failed."""


@dataclass(frozen=True, kw_only=True)
class QueuePoller:
    """Lambda's poller of a queue."""

    queue: Queue
    trigger: Trigger
    wait: Callable[[Callable[[], datetime | None]], None]
    batch_size: int = 10

    def follow(self) -> None:
        """Deliver visible messages in an endless loop. Failed ones stay in the queue and are retried."""
        while True:
            self.wait(self.queue.next_at)
            messages = self.queue.receive(self.batch_size)
            if not messages:
                continue
            answer = self.trigger([message.record() for message in messages])
            if answer is None:
                continue
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            for message in messages:
                if message.id not in failed:
                    self.queue.delete(message)
