"""One batch of a queue's messages, processed concurrently within the time that the function has left.

A message that fails or is not finished in time returns to the queue. A message that is not started, because
too little time is left, returns to the queue too, but SQS counts a receive. After several receives it is sent
again as a new message, so that a lack of time never moves it to the dead-letter queue.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.jobs.concurrent import run_concurrently
from chalicelib.jobs.messages import Job, decode
from chalicelib.jobs.queue import JobQueue
from chalicelib.observability import logger

Message = Mapping[str, Any]
Failures = dict[str, list[dict[str, str]]]
TimeLeft = Callable[[], float]
"""The seconds until the function is stopped."""

MAX_CONCURRENCY = 10  # messages; the maximum of an SQS batch
RESERVE_S = 2.0  # for the response to Lambda, and to resend messages that were not started
# A message that was not started is sent again after this receive. Below the maxReceiveCount of each queue.
LAST_RECEIVE = 3


def no_limit() -> float:
    """The time left outside of Lambda."""
    return math.inf


def time_left_of(context: Any) -> TimeLeft:
    """The remaining time of the Lambda ``context``. No limit if it is None, as in tests."""
    if context is None:
        return no_limit
    return lambda: float(context.get_remaining_time_in_millis()) / 1000


def failures(identifiers: Iterable[str]) -> Failures:
    """The partial batch response: the records that failed."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A batch of jobs of one ``kind``. A job is started only if at least ``needed_s`` seconds are left."""

    queue: JobQueue
    kind: type[Job]
    time_left: TimeLeft
    needed_s: float
    _started: set[str] = field(default_factory=set)

    def run(self, succeeds: Callable[[Message], bool], messages: Sequence[Message]) -> Failures:
        """Process every message for which enough time is left. Returns before the function is stopped."""

        def start(message: Message) -> bool:
            if self._spare_s() < self.needed_s:
                return False
            self._started.add(message["messageId"])
            return succeeds(message)

        done = self._within_time(start, messages)
        left = [message for message, is_done in zip(messages, done, strict=True) if not is_done]
        resent = self._resend([one for one in left if one["messageId"] not in self._started])
        return failures(one["messageId"] for one in left if one["messageId"] not in resent)

    def _resend(self, unstarted: Sequence[Message]) -> set[str]:
        """Resend the messages with at least LAST_RECEIVE receives. Returns the ids of the resent messages."""
        if unstarted:
            logger.warning("too little time left for messages", count=len(unstarted))
        due = [message for message in unstarted if _receives(message) >= LAST_RECEIVE]
        if not due:
            return set()
        resent = self._within_time(self._is_resent, due, reserve_s=RESERVE_S / 2)
        return {message["messageId"] for message, is_resent in zip(due, resent, strict=True) if is_resent}

    def _is_resent(self, message: Message) -> bool:
        try:
            self.queue.send([decode(message["body"], self.kind)])
        except Exception:  # the message returns to the queue
            logger.exception("message could not be resent", message_id=message["messageId"])
            return False
        return True

    def _within_time(
        self, work: Callable[[Message], bool], messages: Sequence[Message], *, reserve_s: float = RESERVE_S
    ) -> list[bool | None]:
        left_s = self.time_left()
        timeout_s = None if math.isinf(left_s) else max(0.0, left_s - reserve_s)
        return run_concurrently(work, messages, max_workers=MAX_CONCURRENCY, timeout_s=timeout_s)

    def _spare_s(self) -> float:
        return self.time_left() - RESERVE_S


def _receives(message: Message) -> int:
    return int(message.get("attributes", {}).get("ApproximateReceiveCount", 1))
