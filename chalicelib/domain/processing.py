"""The delay between the creation of a payment or refund and the request to the acquirer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True, kw_only=True)
class ProcessingDelay:
    """A random delay, uniformly distributed from ``min_ms`` to ``max_ms``."""

    min_ms: int
    max_ms: int

    def due(self, now: datetime, random: Random) -> datetime:
        """The time at which an object created at ``now`` is processed."""
        return now + timedelta(milliseconds=random.randint(self.min_ms, self.max_ms))
