"""How long the acquirer is given before it is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True, kw_only=True)
class ProcessingDelay:
    """A wait drawn evenly from ``min_ms`` to ``max_ms``."""

    min_ms: int
    max_ms: int

    def due(self, now: datetime, random: Random) -> datetime:
        """When something created at ``now`` is to be processed."""
        return now + timedelta(milliseconds=random.randint(self.min_ms, self.max_ms))
