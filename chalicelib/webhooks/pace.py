"""The pace of webhook endpoints: slow endpoints must not delay the webhooks of others.

An endpoint is slow from an attempt that takes SLOW_AFTER or more until one that takes less. Its jobs go to a
separate queue, and only one worker at a time makes attempts for it: a share of the workers that one endpoint
cannot exceed. Its other jobs wait.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_log import Attempt
from chalicelib.jobs.messages import DeliverWebhook
from chalicelib.observability import logger
from chalicelib.store.webhook_pace import WebhookPaceStore

SLOW_AFTER = timedelta(seconds=1)
TURN = timedelta(seconds=20)  # longer than the worker's time-out: the holder of a turn is alive
FIRST_WAIT = timedelta(seconds=10)  # of a job whose endpoint has no turn, on average
MAX_WAITS_DOUBLED = 5  # up to five minutes: many jobs of one endpoint must not keep the queue busy
WAIT_STEP = timedelta(seconds=5)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def waiting_for_a_turn(job: DeliverWebhook, now: datetime) -> DeliverWebhook:
    """The job to send for a later turn: after FIRST_WAIT, doubled with each wait up to a limit.

    The wait differs between logs by up to a half: jobs that were sent together do not return together. They
    return at whole multiples of WAIT_STEP, so one batch has many of them.
    """
    wait = FIRST_WAIT * 2 ** min(job.waits, MAX_WAITS_DOUBLED)
    wait = wait / 2 + wait * (zlib.crc32(job.log_id.encode()) % 1_000) / 1_000
    due_at = max(job.due_at, now + wait)
    due_at += (_EPOCH - due_at) % WAIT_STEP
    return replace(job, due_at=due_at, waits=job.waits + 1)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The endpoints of one batch of jobs: ``slow`` ones, and those with a turn until ``until``."""

    slow: frozenset[EndpointKey]
    turns: frozenset[EndpointKey] = frozenset()
    until: datetime | None = None

    @property
    def waiting(self) -> frozenset[EndpointKey]:
        """The endpoints for which this batch makes no attempt."""
        return self.slow - self.turns


@dataclass(frozen=True, kw_only=True)
class EndpointPace:
    """Finds slow endpoints and gives them turns."""

    paces: WebhookPaceStore
    clock: Clock

    def of(self, keys: Iterable[EndpointKey], *, takes_turns: bool) -> Pace:
        """The pace of the endpoints. 1 request, and 1 for each turn to take."""
        turn_ends = self.paces.slow(keys)
        slow = frozenset(turn_ends)
        if not takes_turns:
            return Pace(slow=slow)
        now = self.clock()
        until = now + TURN
        free = [key for key in sorted(slow) if (turn_ends[key] or now) <= now]
        turns = frozenset(key for key in free if self.paces.take_turn(key, now=now, until=until))
        return Pace(slow=slow, turns=turns, until=until)

    def record(self, pace: Pace, attempts: Sequence[tuple[EndpointKey, Attempt]]) -> None:
        """Record which endpoints became slow or fast, and end the turns. Never raises.

        1 request for each endpoint that changes or has a turn. A failure delays the endpoint's jobs only.
        """
        slowest = _slowest(attempts)
        for key in sorted({*slowest, *pace.turns}):
            try:
                self._record(key, pace, slowest.get(key))
            except Exception:  # of any kind: it must not affect the other endpoints or the jobs
                logger.exception("endpoint pace not recorded", merchant_id=key.merchant_id)

    def _record(self, key: EndpointKey, pace: Pace, took: timedelta | None) -> None:
        was_slow = key in pace.slow
        is_slow = was_slow if took is None else took >= SLOW_AFTER
        if is_slow and not was_slow:
            self.paces.set_slow(key, since=self.clock())
            logger.info("webhook endpoint is slow", merchant_id=key.merchant_id, endpoint_id=key.endpoint_id)
        elif was_slow and not is_slow:
            self.paces.set_fast(key)
        elif key in pace.turns and pace.until:
            self.paces.end_turn(key, until=pace.until)


def _slowest(attempts: Sequence[tuple[EndpointKey, Attempt]]) -> Mapping[EndpointKey, timedelta]:
    """The duration of the slowest request to each endpoint."""
    slowest: dict[EndpointKey, timedelta] = {}
    for key, attempt in attempts:
        if attempt.url:
            took = timedelta(milliseconds=attempt.latency_ms)
            slowest[key] = max(took, slowest.get(key, took))
    return slowest
