"""One batch of a queue's messages, processed concurrently within the time that the function has left.

Each message ends in one of three ways. It is done. It failed or was not finished in time: it returns to the
queue. Or it was not started, because too little time is left: it returns to the queue too, but SQS counts a
receive. A message that was received several times in this way is sent again as a new one, so that a lack of
time never moves it to the dead-letter queue.
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

AT_ONCE = 10  # messages of a batch; SQS hands over no more at a time
RESERVE_S = 2.0  # kept for answering Lambda, and for sending on what was not started
LAST_RECEIVE = (
    3  # from this receive on an unstarted message is sent again; below every queue's maxReceiveCount
)


def no_limit() -> float:
    """The time left outside of Lambda."""
    return math.inf


def time_left_of(context: Any) -> TimeLeft:
    """The time that Lambda's ``context`` says is left; None, as in tests, limits nothing."""
    if context is None:
        return no_limit
    return lambda: float(context.get_remaining_time_in_millis()) / 1000


def failures(identifiers: Iterable[str]) -> Failures:
    """The partial batch response: the records that Lambda must not delete."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A batch of jobs of one ``kind``. A job is started only if ``needed_s`` seconds are left for it."""

    queue: JobQueue
    kind: type[Job]
    time_left: TimeLeft
    needed_s: float
    _started: set[str] = field(default_factory=set)

    def run(self, succeeds: Callable[[Message], bool], messages: Sequence[Message]) -> Failures:
        """Try every message for which there is time. Returns before the function is stopped."""

        def start(message: Message) -> bool:
            if self._spare_s() < self.needed_s:
                return False
            self._started.add(message["messageId"])
            return succeeds(message)

        done = self._within_time(start, messages)
        left = [message for message, is_done in zip(messages, done, strict=True) if not is_done]
        sent_on = self._send_on([one for one in left if one["messageId"] not in self._started])
        return failures(one["messageId"] for one in left if one["messageId"] not in sent_on)

    def _send_on(self, unstarted: Sequence[Message]) -> set[str]:
        """Send those that were received often as new messages; the ids of those that need not come again."""
        if unstarted:
            logger.warning("no time left for messages", count=len(unstarted))
        often = [message for message in unstarted if _receives(message) >= LAST_RECEIVE]
        if not often:
            return set()
        sent = self._within_time(self._is_sent_on, often, reserve_s=RESERVE_S / 2)
        return {message["messageId"] for message, is_sent in zip(often, sent, strict=True) if is_sent}

    def _is_sent_on(self, message: Message) -> bool:
        try:
            self.queue.send([decode(message["body"], self.kind)])
        except Exception:  # then it comes again as it is
            logger.exception("message could not be sent on", message_id=message["messageId"])
            return False
        return True

    def _within_time(
        self, work: Callable[[Message], bool], messages: Sequence[Message], *, reserve_s: float = RESERVE_S
    ) -> list[bool | None]:
        left_s = self.time_left()
        timeout_s = None if math.isinf(left_s) else max(0.0, left_s - reserve_s)
        return run_concurrently(work, messages, at_once=AT_ONCE, timeout_s=timeout_s)

    def _spare_s(self) -> float:
        return self.time_left() - RESERVE_S


def _receives(message: Message) -> int:
    return int(message.get("attributes", {}).get("ApproximateReceiveCount", 1))
