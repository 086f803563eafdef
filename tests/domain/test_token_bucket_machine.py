"""A token bucket with a clock that is set back: it neither exceeds the rate nor blocks permanently."""

from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chalicelib.domain.token_bucket import Bucket, Limit
from tests.domain.examples import NOW

LIMIT = Limit(per_s=4, burst=6)
TOKEN_MS = 1_000 // LIMIT.per_s


class Taking(RuleBasedStateMachine):
    """One bucket, the real time, and the clock that should show it."""

    def __init__(self) -> None:
        super().__init__()
        self.bucket = Bucket(tokens=LIMIT.burst, at=NOW)
        self.passed_ms = 0
        self.set_back_ms = 0
        self.taken_at_ms: list[int] = []

    @rule(wait_ms=st.sampled_from([1, TOKEN_MS // 2, TOKEN_MS, 1_000, 60_000]))
    def wait(self, wait_ms: int) -> None:
        self.passed_ms += wait_ms

    @rule(back_ms=st.sampled_from([1, TOKEN_MS, 5_000]))
    def set_back(self, back_ms: int) -> None:
        self.set_back_ms += back_ms

    @rule(times=st.integers(1, LIMIT.burst + 1))
    def take(self, times: int) -> None:
        for _ in range(times):
            left = self.bucket.take(LIMIT, self._shown())
            if left:
                self.bucket = left
                self.taken_at_ms.append(self.passed_ms)

    @rule()
    def wait_for_one_token(self) -> None:
        """Wait for as long as the clock was set back, and for one more token."""
        behind = max(timedelta(), self.bucket.at - self._shown())
        self.passed_ms += behind // timedelta(milliseconds=1) + TOKEN_MS
        left = self.bucket.take(LIMIT, self._shown())
        assert left is not None
        self.bucket = left
        self.taken_at_ms.append(self.passed_ms)

    @invariant()
    def no_period_exceeds_the_burst_and_the_rate(self) -> None:
        taken = self.taken_at_ms
        for first, start in enumerate(taken):
            for last in range(first, len(taken)):
                came = Fraction((taken[last] - start) * LIMIT.per_s, 1_000)
                assert last - first + 1 <= LIMIT.burst + came

    @invariant()
    def it_holds_between_zero_and_its_burst(self) -> None:
        assert 0 <= self.bucket.tokens <= LIMIT.burst

    def _shown(self) -> datetime:
        return NOW + timedelta(milliseconds=self.passed_ms - self.set_back_ms)


TestTaking = Taking.TestCase
