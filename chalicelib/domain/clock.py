"""The clocks: functions that return the current time in aware UTC.

Outside production, the clock of a merchant can be ahead of the real time (docs/decisions/0048). What a
merchant can observe follows the merchant's clock: due times, expiry and times in responses. What protects the
gateway follows the real time: sessions, rate limits, leases and the signatures of requests.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
OffsetOf = Callable[[str | None], timedelta]
"""By how much the clock of a merchant is ahead. None: the merchant is unknown, and the time is real."""

REAL = timedelta(0)
_ahead: ContextVar[timedelta] = ContextVar("ahead", default=REAL)


def utc_now() -> datetime:
    """The current time in UTC, truncated to the milliseconds that rows and the API have."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def merchant_clock(real: Clock) -> Clock:
    """The clock of the merchant whose request or job is in progress: ``real``, ahead by ``ahead_by``."""
    return lambda: real() + _ahead.get()


@contextmanager
def ahead_by(offset: timedelta) -> Iterator[None]:
    """Process a request or job of a merchant whose clock is ahead by ``offset``. Not inherited by threads."""
    token = _ahead.set(offset)
    try:
        yield
    finally:
        _ahead.reset(token)


def no_offset(merchant_id: str | None) -> timedelta:  # noqa: ARG001 - it is an OffsetOf
    """Every merchant has the real time, as in production."""
    return REAL
