"""Backoff: five attempts with growing delays."""

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
def test_each_attempt_has_its_delay_after_the_previous_one(schedule: tuple[int, ...], seconds: list[int]):
    dues = [next_attempt_at(schedule, attempts=made, after=NOW) for made in range(5)]
    assert dues == [NOW + timedelta(seconds=wait) for wait in seconds]


@pytest.mark.parametrize(("schedule", "_seconds"), SCHEDULES)
@given(made=st.integers(0, 4), asked_s=st.integers(0, 10**9) | st.none(), after=moments)
def test_retry_after_extends_the_delay_within_the_limits_of_the_schedule(
    schedule: tuple[int, ...], _seconds: list[int], made: int, asked_s: int | None, after: datetime
):
    due = next_attempt_at(schedule, attempts=made, after=after, retry_after_s=asked_s)
    assert due is not None
    waits_s = (due - after).total_seconds()
    assert schedule[made] <= waits_s <= max(schedule)
    if asked_s is not None and schedule[made] <= asked_s <= max(schedule):
        assert waits_s == asked_s


@pytest.mark.parametrize(("schedule", "_seconds"), SCHEDULES)
def test_retry_after_does_not_add_a_sixth_attempt(schedule: tuple[int, ...], _seconds: list[int]):
    assert next_attempt_at(schedule, attempts=5, after=NOW, retry_after_s=60) is None


@pytest.mark.parametrize(("schedule", "_seconds"), SCHEDULES)
@given(made=st.integers(min_value=5), after=moments)
def test_after_five_attempts_there_is_no_other(
    schedule: tuple[int, ...], _seconds: list[int], made: int, after: datetime
):
    assert next_attempt_at(schedule, attempts=made, after=after) is None
