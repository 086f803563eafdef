"""A token bucket: so many requests a second, and a burst of them at once."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How fast a bucket fills, and how much it holds."""

    per_s: int
    burst: int


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bucket as it was at ``at``."""

    tokens: float
    at: datetime

    def take(self, limit: Limit, now: datetime) -> "Bucket | None":
        """The bucket with one token less, None when there is none to take.

        A clock that was set back fills nothing, and takes nothing away.
        """
        passed_s = max(0.0, (now - self.at).total_seconds())
        filled = min(limit.burst, self.tokens + passed_s * limit.per_s)
        return Bucket(tokens=filled - 1, at=now) if filled >= 1 else None
