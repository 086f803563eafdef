"""Both sides of the benchmark of warm requests do the same."""

from chalicelib.domain.clock import utc_now
from chalicelib.services.onboarding import TEST_SIGNING_SECRET
from tests.bench.receiving import receiving
from tests.bench.warm_requests import cases, check_equal, warm_sides


def test_both_sides_send_the_same_requests_and_respond_with_the_same_fields():
    with receiving(TEST_SIGNING_SECRET) as receiver:
        now = utc_now()
        recorded_cases = cases(receiver.url, now)
        with warm_sides(now) as sides:
            for case in recorded_cases:
                with case.recording.replayed():
                    check_equal(case, *sides)
    assert len(recorded_cases) == 4
