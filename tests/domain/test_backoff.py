"""Backoff: five attempts at growing distances, then no more."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.backoff import PRODUCTION_DELAYS_S, TEST_DELAYS_S, next_attempt_at
from tests.domain.examples import NOW, moments

SCHEDULES = [
    pytest.param(PRODUCTION_DELAYS_S, [0, 60, 300, 1_800, 7_200], id="production"),
    pytest.param(TEST_DELAYS_S, [0, 5, 10, 15, 20], id="test"),
]


@pytest.mark.parametrize(("schedule", "seconds"), SCHEDULES)
def test_each_attempt_waits_its_own_time_from_the_one_before(schedule: tuple[int, ...], seconds: list[int]):
    dues = [next_attempt_at(schedule, attempts=made, after=NOW) for made in range(5)]
    assert dues == [NOW + timedelta(seconds=wait) for wait in seconds]


@pytest.mark.parametrize(("schedule", "_seconds"), SCHEDULES)
@given(made=st.integers(min_value=5), after=moments)
def test_after_five_attempts_there_is_no_other(
    schedule: tuple[int, ...], _seconds: list[int], made: int, after: datetime
):
    assert next_attempt_at(schedule, attempts=made, after=after) is None
