"""A token bucket: limits the rate of requests and allows bursts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The tokens that are added per second, and the capacity of the bucket."""

    per_s: int
    burst: int


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """The state of a bucket at the time ``at``."""

    tokens: float
    at: datetime

    def take(self, limit: Limit, now: datetime) -> "Bucket | None":
        """The bucket with one token less; None if it has no token.

        A clock that was set back neither adds nor removes tokens.
        """
        passed_s = max(0.0, (now - self.at).total_seconds())
        filled = min(limit.burst, self.tokens + passed_s * limit.per_s)
        return Bucket(tokens=filled - 1, at=now) if filled >= 1 else None
