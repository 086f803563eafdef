"""The limit on each merchant's requests, kept in this process's memory: it costs no request to AWS."""

from dataclasses import dataclass, field

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import RateLimitError
from chalicelib.domain.token_bucket import Bucket, Limit

MAX_BUCKETS = 10_000  # about 100 bytes each; forgetting them all lets everybody burst once more
RETRY_AFTER_S = 1  # a bucket that fills by the second has something again by then


@dataclass(frozen=True, kw_only=True)
class Limiter:
    """A token bucket a merchant. What it guarantees with many Lambdas: docs/decisions/0009."""

    limit: Limit
    clock: Clock
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def take(self, merchant_id: str) -> None:
        """Let one request of the merchant pass; raises RateLimitError."""
        now = self.clock()
        full = Bucket(tokens=self.limit.burst, at=now)
        left = self._buckets.get(merchant_id, full).take(self.limit, now)
        if left is None:
            raise RateLimitError(retry_after_s=RETRY_AFTER_S)
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets.clear()
        self._buckets[merchant_id] = left
