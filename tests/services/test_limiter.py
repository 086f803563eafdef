"""The rate limit of a merchant's requests: a burst, then a constant rate, separate for each merchant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import RateLimitError
from chalicelib.domain.token_bucket import Limit
from chalicelib.services import limiter as module
from chalicelib.services.limiter import Limiter

LIMIT = Limit(per_s=10, burst=20)


class Watch:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 14, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def accepted(limiter: Limiter, tries: int, merchant_id: str = "m") -> int:
    count = 0
    for _ in range(tries):
        try:
            limiter.take(merchant_id)
        except RateLimitError:
            continue
        count += 1
    return count


def test_at_most_the_burst_is_accepted():
    assert accepted(Limiter(limit=LIMIT, clock=Watch()), 100) == LIMIT.burst


def test_after_the_burst_the_rate_is_accepted():
    watch = Watch()
    limiter = Limiter(limit=LIMIT, clock=watch)
    accepted(limiter, 100)
    watch.wait(1)
    assert accepted(limiter, 100) == LIMIT.per_s


def test_a_request_is_accepted_after_the_retry_after_of_its_rejection():
    watch = Watch()
    limiter = Limiter(limit=LIMIT, clock=watch)
    accepted(limiter, 100)
    with pytest.raises(RateLimitError) as refused:
        limiter.take("m")
    watch.wait(refused.value.retry_after_s)
    limiter.take("m")


def test_merchants_have_separate_limits():
    limiter = Limiter(limit=LIMIT, clock=Watch())
    accepted(limiter, 100)
    assert accepted(limiter, 5, "other") == 5


def test_the_number_of_stored_limits_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MAX_BUCKETS", 3)
    limiter = Limiter(limit=LIMIT, clock=Watch())
    for number in range(10):
        limiter.take(str(number))
    assert len(limiter._buckets) <= 3


@given(st.lists(st.floats(min_value=0, max_value=2), max_size=60))
def test_no_period_accepts_more_than_the_burst_and_the_rate(waits: list[float]):
    watch = Watch()
    limiter = Limiter(limit=LIMIT, clock=watch)
    count = 0
    for wait in waits:
        watch.wait(wait)
        count += accepted(limiter, 15)
    assert count <= LIMIT.burst + LIMIT.per_s * sum(waits) + 1e-3
