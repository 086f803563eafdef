"""The health of a webhook endpoint: the results of its attempts by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DISABLE_AFTER = timedelta(days=5)
MAX_ACCEPTED_SHARE = 0.05
"""An endpoint that failed on each day of DISABLE_AFTER and accepted at most this share is disabled."""

EXAMINED = DISABLE_AFTER + timedelta(days=1)
"""The period in which failures are sought: the oldest one must be at least DISABLE_AFTER old."""

RETENTION = timedelta(days=30)
"""The attempts of this period are known."""

RECENT = timedelta(hours=24)
"""The period of the success rate and of the latency."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Results:
    """The number of accepted and failed attempts, and the sum of their latencies in milliseconds."""

    accepted: int = 0
    failed: int = 0
    latency_ms: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    @property
    def attempts(self) -> int:
        """The number of attempts."""
        return self.accepted + self.failed

    def plus(self, other: "Results") -> "Results":
        """The sum of both."""
        return Results(
            accepted=self.accepted + other.accepted,
            failed=self.failed + other.failed,
            latency_ms=self.latency_ms + other.latency_ms,
            last_success_at=_latest(self.last_success_at, other.last_success_at),
            last_failure_at=_latest(self.last_failure_at, other.last_failure_at),
        )


@dataclass(frozen=True, kw_only=True)
class Hour:
    """The results of the attempts that started in the hour from ``start`` on."""

    start: datetime
    results: Results


@dataclass(frozen=True, kw_only=True)
class Health:
    """The health of an endpoint. The rate and the average latency are of the RECENT period, if it has any."""

    last_success_at: datetime | None
    last_failure_at: datetime | None
    success_rate_24h: float | None
    latency_ms_24h: int | None


NO_HEALTH = Health(last_success_at=None, last_failure_at=None, success_rate_24h=None, latency_ms_24h=None)


def hour_of(at: datetime) -> datetime:
    """The start of the hour of ``at``."""
    return at.replace(minute=0, second=0, microsecond=0)


def health_of(hours: Sequence[Hour], now: datetime) -> Health:
    """The health at ``now``."""
    every = _sum(hours)
    recent = _sum([hour for hour in hours if hour.start >= hour_of(now - RECENT)])
    return Health(
        last_success_at=every.last_success_at,
        last_failure_at=every.last_failure_at,
        success_rate_24h=round(recent.accepted / recent.attempts, 4) if recent.attempts else None,
        latency_ms_24h=round(recent.latency_ms / recent.attempts) if recent.attempts else None,
    )


def failing_since(hours: Sequence[Hour], *, enabled_at: datetime | None, now: datetime) -> datetime | None:
    """The start of the failures for which the endpoint has to be disabled, None if it has not.

    It has to be if it failed on each day for DISABLE_AFTER and accepted hardly any webhook. Only hours of the
    EXAMINED period after ``enabled_at`` count.
    """
    start = max(now - EXAMINED, enabled_at or now - EXAMINED)
    counted = [hour for hour in hours if hour.start >= hour_of(start)]
    failing = [hour.start for hour in counted if hour.results.failed]
    failing_days = {(now - hour) // _DAY for hour in failing}
    total = _sum(counted)
    if not failing_days.issuperset(range(EXAMINED // _DAY)):
        return None
    return min(failing) if total.accepted <= MAX_ACCEPTED_SHARE * total.attempts else None


def _sum(hours: Sequence[Hour]) -> Results:
    total = Results()
    for hour in hours:
        total = total.plus(hour.results)
    return total


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)
