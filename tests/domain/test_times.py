"""Times in the format of the API."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from chalicelib.domain.times import iso
from tests.domain.examples import moments


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 14, 15, 9, 26, 535_897, tzinfo=UTC), "2026-03-14T15:09:26.535Z"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (
            datetime(2026, 1, 1, 2, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "2025-12-31T20:30:00.000Z",
        ),
    ],
)
def test_a_time_is_formatted_in_utc_with_milliseconds_and_z(moment: datetime, text: str):
    assert iso(moment) == text


@given(moment=moments)
def test_a_formatted_time_is_parsed_to_the_millisecond(moment: datetime):
    cut = moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
    assert datetime.fromisoformat(iso(moment)) == cut


@given(one=moments, other=moments)
def test_formatted_times_sort_chronologically(one: datetime, other: datetime):
    assert (iso(one) < iso(other)) <= (one < other)
