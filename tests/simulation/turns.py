"""Every order in which racers can reach DynamoDB: a tree, traversed path by path.

Between two requests to DynamoDB, a racer accesses nothing that another racer can see, so the only choice is
who sends the next request. All other tasks wait until the race is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from tests.simulation.scheduler import Task


@dataclass(kw_only=True)
class Turns:
    """One path: the branch taken at each choice, and the number of branches."""

    path: Sequence[int] = ()
    _taken: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the result of ``str``."""
        return cls(path=tuple(int(number) for number in text.split("-")))

    def __str__(self) -> str:
        return "-".join(str(number) for number, _ in self._taken) or "0"

    def pick(self, ready: Sequence[Task]) -> int:
        """Select a racer between requests, or else the racer whose turn it is."""
        racers = [index for index, task in enumerate(ready) if task.racer is not None]
        between = [index for index in racers if not ready[index].is_at_a_row]
        if between or len(racers) <= 1:
            return (between or racers or [0])[0]
        return racers[self._choose(len(racers))]

    def next(self) -> "Turns | None":
        """The next path, or None after the last."""
        taken = list(self._taken)
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return None
        return Turns(path=(*(number for number, _ in taken[:-1]), taken[-1][0] + 1))

    def _choose(self, count: int) -> int:
        number = self.path[len(self._taken)] if len(self._taken) < len(self.path) else 0
        self._taken.append((number, count))
        return number
