"""When a webhook is attempted: the delay before each attempt, counted from the one before."""

from datetime import datetime, timedelta

PRODUCTION_DELAYS_S = (0, 60, 5 * 60, 30 * 60, 2 * 60 * 60)
TEST_DELAYS_S = (0, 5, 10, 15, 20)


def next_attempt_at(delays_s: tuple[int, ...], *, attempts: int, after: datetime) -> datetime | None:
    """When attempt ``attempts + 1`` is due, or None when ``attempts`` used the schedule up."""
    if attempts >= len(delays_s):
        return None
    return after + timedelta(seconds=delays_s[attempts])
