"""The event feed: events redelivered, in other batches, with crashed recorders and lost responses."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chalicelib.domain.counters import EVENTS, count_event
from chalicelib.store import counters, write
from chalicelib.store.events import NewEvent
from tests.store.machine import play
from tests.store.stores import NOW, Stores, fresh
from tests.store.test_events import feed, payments
from tests.store.wire import CutError, Wire

PAYMENTS = 4
EVENTS_OF_ALL = 3 * PAYMENTS
batches = st.lists(st.integers(0, EVENTS_OF_ALL - 1), min_size=1, max_size=EVENTS_OF_ALL)


class Feed(RuleBasedStateMachine):
    """The feed and the counters of a merchant, compared with the set of delivered events."""

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores, self.wire = stores, Wire()
        self.merchant_id = fresh()
        self.events: list[NewEvent] = []
        self.delivered: set[int] = set()
        self.seen: list[str] = []
        self.now = NOW

    @initialize()
    def create_payments(self) -> None:
        self.events = payments(self.merchant_id, PAYMENTS)

    @rule(batch=batches, repeats=st.booleans())
    def deliver(self, batch: list[int], repeats: bool) -> None:
        self.wire = Wire(repeats=repeats)
        self._record(batch)

    @rule(batch=batches, lasts=st.integers(0, 4))
    def deliver_crash_and_redeliver(self, batch: list[int], lasts: int) -> None:
        """The stream redelivers the batch in two parts."""
        self.wire = Wire(lasts=lasts)
        try:
            self._record(batch)
        except CutError:
            self.wire = Wire()
            middle = len(batch) // 2
            self._record(batch[:middle])
            self._record(batch[middle:])

    @rule(wait_s=st.sampled_from([-1, 1, 3_600]))
    def wait(self, wait_s: int) -> None:
        """The clock of another process can be behind."""
        self.now += timedelta(seconds=wait_s)

    @invariant()
    def each_delivered_event_is_recorded_and_counted_once(self) -> None:
        ids = feed(self.stores, self.merchant_id)
        assert sorted(ids) == sorted(self.events[number].event.id for number in self.delivered)
        assert ids[: len(self.seen)] == self.seen, "events were inserted before others"
        self.seen = ids
        sums: Counter[str] = Counter()
        for number in self.delivered:
            sums.update({key.name: value for key, value in count_event(self.events[number].event).items()})
            sums[EVENTS.name] += 1
        read = self.stores.counters.read(self.merchant_id)
        assert {name: value for name, value in read.items() if value} == {
            name: value for name, value in sums.items() if value and name.startswith("total#")
        }

    def _record(self, batch: Sequence[int]) -> None:
        events = [self.events[number] for number in batch]
        with self.wire.between(self.stores):
            self.stores.events.record(self.merchant_id, events, now=self.now)
        self.delivered.update(batch)


def test_redelivered_events_are_recorded_and_counted_once(on_moto: Stores, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(write, "MAX_ITEMS", 9)  # several transactions per batch
    monkeypatch.setattr(counters, "MAX_HELD", 2)  # the others are moved to their rows
    play(partial(Feed, on_moto))
