"""The delay before the call to the acquirer."""

from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.processing import ProcessingDelay
from tests.domain.examples import NOW, moments


@given(now=moments, bounds=st.tuples(st.integers(0, 60_000), st.integers(0, 60_000)), seed=st.integers())
def test_a_delay_is_random_within_its_bounds(now: datetime, bounds: tuple[int, int], seed: int):
    shortest, longest = sorted(bounds)
    due = ProcessingDelay(min_ms=shortest, max_ms=longest).due(now, Random(seed))
    assert timedelta(milliseconds=shortest) <= due - now <= timedelta(milliseconds=longest)


def test_delays_are_distributed_and_reach_both_bounds():
    delay, random = ProcessingDelay(min_ms=1, max_ms=4), Random(1)
    waits = {(delay.due(NOW, random) - NOW) // timedelta(milliseconds=1) for _ in range(200)}
    assert waits == {1, 2, 3, 4}


def test_equal_bounds_result_in_a_fixed_delay():
    assert ProcessingDelay(min_ms=1_000, max_ms=1_000).due(NOW, Random(1)) == NOW + timedelta(seconds=1)
