"""When a webhook is attempted: the delay before each attempt, counted from the one before."""

from datetime import datetime, timedelta

PRODUCTION_DELAYS_S = (0, 60, 5 * 60, 30 * 60, 2 * 60 * 60)
TEST_DELAYS_S = (0, 5, 10, 15, 20)


def next_attempt_at(
    delays_s: tuple[int, ...], *, attempts: int, after: datetime, asked_s: int | None = None
) -> datetime | None:
    """When attempt ``attempts + 1`` is due, or None when ``attempts`` used the schedule up.

    A receiver that asked to be left alone for ``asked_s`` seconds is, between the schedule's own delay
    and its longest.
    """
    if attempts >= len(delays_s):
        return None
    delay_s = max(delays_s[attempts], min(asked_s or 0, max(delays_s)))
    return after + timedelta(seconds=delay_s)
