"""Every order in which those who do something at once can reach DynamoDB: a tree, walked path by path.

Between two requests to DynamoDB a racer touches nothing that another can see, so only who makes the next
request is a choice. Everybody else waits until the race is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from tests.simulation.scheduler import Task


@dataclass(kw_only=True)
class Turns:
    """One path: at each choice the number taken, and how many there were."""

    path: Sequence[int] = ()
    _taken: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The path that ``str`` wrote."""
        return cls(path=tuple(int(number) for number in text.split("-")))

    def __str__(self) -> str:
        return "-".join(str(number) for number, _ in self._taken) or "0"

    def pick(self, ready: Sequence[Task]) -> int:
        """Who goes on: a racer between requests, else the one of those at a request whose turn it is."""
        racers = [index for index, task in enumerate(ready) if task.racer is not None]
        between = [index for index in racers if not ready[index].is_at_a_row]
        if between or len(racers) <= 1:
            return (between or racers or [0])[0]
        return racers[self._choose(len(racers))]

    def next(self) -> "Turns | None":
        """The path after this one, None after the last."""
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
