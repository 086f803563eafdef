"""Retry-After: seconds or an HTTP date; what is neither asks for nothing."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.retry_after import parse_retry_after
from tests.domain.examples import NOW


@given(asked_s=st.integers(0, 10**9), around=st.sampled_from(["{}", " {}", "{}\t", "0{}"]))
def test_a_number_is_that_many_seconds(asked_s: int, around: str):
    assert parse_retry_after(around.format(asked_s), NOW) == asked_s


@given(asked_s=st.integers(0, 10**7))
def test_a_date_is_the_seconds_until_then(asked_s: int):
    now = NOW.replace(microsecond=0)
    moment = now + timedelta(seconds=asked_s)
    assert parse_retry_after(format_datetime(moment, usegmt=True), now) == asked_s


@given(ago_s=st.integers(0, 10**7))
def test_a_date_that_is_past_asks_for_no_wait(ago_s: int):
    assert parse_retry_after(format_datetime(NOW - timedelta(seconds=ago_s), usegmt=True), NOW) == 0


def test_a_date_without_a_zone_is_in_utc():
    assert parse_retry_after("Sat, 14 Mar 2026 15:10:26", datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)) == 60


@pytest.mark.parametrize(
    "text", [None, "", " ", "soon", "-5", "+5", "1.5", "1e3", "5 s", "٣", "0x10", "a" * 9_999]
)
def test_anything_else_asks_for_nothing(text: str | None):
    assert parse_retry_after(text, NOW) is None


@given(text=st.text())
def test_whatever_a_receiver_says_is_read_or_passed_over(text: str):
    asked = parse_retry_after(text, NOW)
    assert asked is None or asked >= 0


def test_a_number_without_end_is_a_long_time_and_nothing_worse():
    assert parse_retry_after("9" * 10_000, NOW) == 9_999_999_999
