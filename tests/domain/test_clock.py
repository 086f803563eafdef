"""The clock: timezone-aware, in UTC, with the precision of rows and the API."""

from datetime import UTC, datetime

import time_machine

from chalicelib.domain.clock import utc_now


def test_the_time_is_in_utc_and_truncated_to_milliseconds():
    with time_machine.travel(datetime(2026, 3, 14, 15, 9, 26, 535_897, tzinfo=UTC), tick=False):
        assert utc_now() == datetime(2026, 3, 14, 15, 9, 26, 535_000, tzinfo=UTC)
        assert utc_now().tzinfo is UTC
