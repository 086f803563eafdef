"""The results of a race: its figures, and the guarantees that did not hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Race:
    """One race. It succeeds if ``wrong`` is empty."""

    name: str
    requests: int
    connections: int
    wall_s: float
    statuses: Mapping[int, int]
    facts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def fact(self, text: str) -> None:
        """Add a figure to the report."""
        self.facts.append(text)

    def require(self, holds: bool, guarantee: str) -> None:
        """Add a guarantee to the report if it did not hold."""
        if not holds:
            self.wrong.append(guarantee)

    def __str__(self) -> str:
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        sent = f"{self.requests:,} requests on {self.connections:,} connections in {self.wall_s:.1f} s"
        lines = [
            self.name,
            f"  {sent}; {statuses}",
            *(f"  {fact}" for fact in self.facts),
            *(f"  FAILED: {guarantee}" for guarantee in self.wrong),
        ]
        return "\n".join(lines)
