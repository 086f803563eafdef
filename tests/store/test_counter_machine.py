"""Counters: changes redelivered, in other batches and any order, with crashed relays and lost responses."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chalicelib.domain.counters import CounterKey
from chalicelib.store import write
from chalicelib.store.counters import Counted
from tests.store.machine import play
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import CutError, Wire

CHANGES = 12
NAMES = ["total#a", "total#b", "total#c", "total#d"]
figures = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 3), max_size=3),
    min_size=CHANGES,
    max_size=CHANGES,
)
batches = st.lists(st.integers(0, CHANGES - 1), min_size=1, max_size=CHANGES)


class Counters(RuleBasedStateMachine):
    """The table, compared with the set of delivered changes."""

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores, self.wire = stores, Wire()
        self.owner = fresh()
        self.changes: list[Counted] = []
        self.delivered: set[int] = set()
        self.now = NOW

    @initialize(figures=figures)
    def create_changes(self, figures: list[dict[str, int]]) -> None:
        for figure in figures:
            counts = {CounterKey(self.owner, name): value for name, value in figure.items()}
            self.changes.append(Counted(change_id=fresh(), counts=counts))

    @rule(batch=batches, repeats=st.booleans())
    def deliver(self, batch: list[int], repeats: bool) -> None:
        self.wire = Wire(repeats=repeats)
        self._count(batch)

    @rule(batch=batches, lasts=st.integers(0, 3), again=st.randoms(use_true_random=False))
    def deliver_crash_and_redeliver(self, batch: list[int], lasts: int, again: Random) -> None:
        """The stream redelivers the batch in another order and in two parts."""
        self.wire = Wire(lasts=lasts)
        try:
            self._count(batch)
        except CutError:
            self.wire = Wire()
            again.shuffle(batch)
            middle = len(batch) // 2
            self._count(batch[:middle])
            self._count(batch[middle:])

    @rule(wait_s=st.sampled_from([1, 3_600]))
    def wait(self, wait_s: int) -> None:
        self.now += timedelta(seconds=wait_s)

    @invariant()
    def each_delivered_change_is_counted_once(self) -> None:
        sums: Counter[str] = Counter()
        for number in self.delivered:
            sums.update({key.name: value for key, value in self.changes[number].counts.items()})
        read = self.stores.counters.read(self.owner)
        assert {name: value for name, value in read.items() if value} == {
            name: value for name, value in sums.items() if value
        }

    def _count(self, batch: Sequence[int]) -> None:
        with self.wire.between(self.stores):
            self.stores.counters.count([self.changes[number] for number in batch], now=self.now)
        self.delivered.update(batch)


def test_redelivered_changes_are_counted_once(on_moto: Stores, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(write, "MAX_ITEMS", 7)  # several transactions per batch
    play(partial(Counters, on_moto))
