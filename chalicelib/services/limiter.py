"""The rate limit of each merchant, in the memory of the process. It needs no request to AWS."""

from dataclasses import dataclass, field

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import RateLimitError
from chalicelib.domain.token_bucket import Bucket, Limit

MAX_BUCKETS = 10_000  # about 100 bytes each; when the limit is reached, all buckets are reset to full
RETRY_AFTER_S = 1  # a bucket gets at least one token per second


@dataclass(frozen=True, kw_only=True)
class Limiter:
    """One token bucket per merchant. Guarantees with many Lambda functions: docs/decisions/0009."""

    limit: Limit
    clock: Clock
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def take(self, merchant_id: str) -> None:
        """Count one request of the merchant. Raises RateLimitError if the bucket is empty."""
        now = self.clock()
        full = Bucket(tokens=self.limit.burst, at=now)
        left = self._buckets.get(merchant_id, full).take(self.limit, now)
        if left is None:
            raise RateLimitError(retry_after_s=RETRY_AFTER_S)
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets.clear()
        self._buckets[merchant_id] = left
