"""The backoff schedule of webhooks: the delay between each attempt and the previous one."""

from datetime import datetime, timedelta

PRODUCTION_DELAYS_S = (0, 60, 5 * 60, 30 * 60, 2 * 60 * 60)
TEST_DELAYS_S = (0, 5, 10, 15, 20)


def next_attempt_at(
    delays_s: tuple[int, ...], *, attempts: int, after: datetime, retry_after_s: int | None = None
) -> datetime | None:
    """The time of attempt ``attempts + 1``; None if no attempt is left in the schedule.

    ``retry_after_s`` is the delay that the receiver requested. It can extend the delay of the schedule up to
    the longest delay in ``delays_s``.
    """
    if attempts >= len(delays_s):
        return None
    delay_s = max(delays_s[attempts], min(retry_after_s or 0, max(delays_s)))
    return after + timedelta(seconds=delay_s)
