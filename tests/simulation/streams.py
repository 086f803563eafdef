"""A table's stream: changes in order, in batches of any size, redelivered, and in halves after errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from zlib import crc32

from tests.filters import Pattern, matches
from tests.simulation.queues import Trigger

LANES = 2  # concurrent batches of a shard; all changes of one row are in one lane
MAX_LAG_S = 0.5
RETRY_PAUSE_S = 1.0
Json = dict[str, Any]


@dataclass(eq=False, kw_only=True)
class Lane:
    """A part of a stream, delivered in batches. ``random`` splits, delays and repeats them.

    Records that match none of ``patterns`` are not delivered.

    The reader waits for a batch for up to ``window_s`` seconds, and does nothing before ``down_until``.
    """

    table: str
    number: int
    patterns: Sequence[Pattern]
    window_s: float
    down_until: datetime
    changes: Callable[[int], list[Json]]
    trigger: Trigger
    clock: Callable[[], datetime]
    wait: Callable[[Callable[[], datetime | None]], None]
    pause: Callable[[float], None]
    random: Random | None
    batch_size: int
    _mine: list[Json] = field(default_factory=list)
    _looked_to: int = 0
    _told_to: int = 0

    def follow(self) -> None:
        """Deliver the stream's records in an endless loop."""
        while True:
            self.wait(self._next_at)
            self.pause(self.window_s)
            if self.random and self.random.random() < 0.5:
                self.pause(self.random.uniform(0, MAX_LAG_S))
            self._look()
            size = self.random.randint(1, self.batch_size) if self.random else self.batch_size
            batch = self._mine[self._told_to : self._told_to + size]
            self._hand_over(batch)
            self._told_to += len(batch)
            self._rewind()

    def is_read(self) -> bool:
        """Whether all records were delivered."""
        self._look()
        return self._told_to == len(self._mine)

    def _next_at(self) -> datetime | None:
        self._look()
        return max(self.clock(), self.down_until) if self._told_to < len(self._mine) else None

    def _look(self) -> None:
        changes = self.changes(self._looked_to)
        for change in changes:
            is_mine = crc32(repr(change["dynamodb"]["Keys"]).encode()) % LANES == self.number
            if is_mine and matches(change, self.patterns):
                arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{self.table}/stream/2026"
                self._mine.append({**change, "eventSourceARN": arn})
        self._looked_to += len(changes)

    def _hand_over(self, records: list[Json]) -> None:
        """Deliver until all records are processed; after an error in halves, or from a failed one."""
        while records:
            answer = self.trigger(records)
            if answer is not None:
                records = _from_the_failed(records, answer["batchItemFailures"])
                if not records:
                    return
            self.pause(RETRY_PAUSE_S)
            if answer is None and len(records) > 1:
                middle = len(records) // 2
                self._hand_over(records[:middle])
                records = records[middle:]

    def _rewind(self) -> None:
        """A replaced reader may start before the position of its predecessor."""
        if self.random and self.random.random() < 0.05:
            self._told_to -= self.random.randint(0, min(self._told_to, 5))


def _from_the_failed(records: list[Json], failures: list[Json]) -> list[Json]:
    numbers = {failure["itemIdentifier"] for failure in failures}
    failed = [index for index, one in enumerate(records) if one["dynamodb"]["SequenceNumber"] in numbers]
    return records[failed[0] :] if failed else []
