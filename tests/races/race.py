"""What a race is judged by: the figures it showed, and the promises it saw broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Race:
    """One race. It was won when nothing is ``wrong``."""

    name: str
    requests: int
    connections: int
    wall_s: float
    statuses: Mapping[int, int]
    facts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def fact(self, text: str) -> None:
        """Something seen that is worth telling."""
        self.facts.append(text)

    def require(self, held: bool, promise: str) -> None:
        """A promise of the contract, and whether it held."""
        if not held:
            self.wrong.append(promise)

    def __str__(self) -> str:
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        asked = f"{self.requests:,} requests on {self.connections:,} connections in {self.wall_s:.1f} s"
        lines = [
            self.name,
            f"  {asked}; {statuses}",
            *(f"  {fact}" for fact in self.facts),
            *(f"  BROKEN: {promise}" for promise in self.wrong),
        ]
        return "\n".join(lines)
