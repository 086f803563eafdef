"""A token bucket: a burst, and then a constant rate."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.token_bucket import Bucket, Limit
from tests.domain.examples import NOW

LIMIT = Limit(per_s=10, burst=20)


def test_a_full_bucket_allows_its_burst_and_then_nothing():
    bucket: Bucket | None = Bucket(tokens=LIMIT.burst, at=NOW)
    for _ in range(LIMIT.burst):
        assert bucket is not None
        bucket = bucket.take(LIMIT, NOW)
    assert bucket is not None
    assert bucket.take(LIMIT, NOW) is None


def test_an_empty_bucket_allows_one_request_when_a_token_is_available():
    empty = Bucket(tokens=0, at=NOW)
    assert empty.take(LIMIT, NOW + timedelta(milliseconds=99)) is None
    assert empty.take(LIMIT, NOW + timedelta(milliseconds=100)) == Bucket(
        tokens=0, at=NOW + timedelta(milliseconds=100)
    )


@given(waited_s=st.integers(2, 10**6))
def test_an_idle_bucket_holds_at_most_its_burst(waited_s: int):
    taken = Bucket(tokens=0, at=NOW).take(LIMIT, NOW + timedelta(seconds=waited_s))
    assert taken is not None
    assert taken.tokens == LIMIT.burst - 1


@given(back_s=st.integers(0, 10**6), tokens=st.integers(0, LIMIT.burst))
def test_a_clock_that_is_set_back_neither_adds_nor_removes_tokens(back_s: int, tokens: int):
    earlier = NOW - timedelta(seconds=back_s)
    taken = Bucket(tokens=tokens, at=NOW).take(LIMIT, earlier)
    assert taken == (Bucket(tokens=tokens - 1, at=earlier) if tokens else None)
