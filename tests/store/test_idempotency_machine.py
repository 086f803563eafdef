"""Idempotency keys over days: first uses, replays, other requests, lost responses and expired keys."""

from datetime import datetime, timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chalicelib.domain.idempotency import IDEMPOTENCY_LIFE, IdempotencyRecord
from chalicelib.domain.order import Order
from tests.store import records
from tests.store.machine import play
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import Wire

MOMENT = timedelta(milliseconds=1)
ROUNDED = timedelta(seconds=1)  # TTL is in whole seconds
waits = st.sampled_from([MOMENT, 999 * MOMENT, timedelta(hours=7)])
ends = st.sampled_from([-MOMENT, timedelta(), ROUNDED])


class Keys(RuleBasedStateMachine):
    """The table, compared with the first use of each key."""

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores, self.wire = stores, Wire()
        self.keys = [fresh(), fresh()]
        self.now = NOW
        self.used: dict[str, tuple[datetime, IdempotencyRecord]] = {}
        self.made: list[Order] = []
        self.not_made: list[Order] = []

    @rule(wait=waits)
    def wait(self, wait: timedelta) -> None:
        self.now += wait

    @rule(number=st.integers(0, 1), off=ends)
    def wait_until_a_key_expires(self, number: int, off: timedelta) -> None:
        """Just before the expiry, exactly then, or a second later."""
        first_at, _ = self.used.get(self.keys[number], (self.now, None))
        self.now = max(self.now, first_at + IDEMPOTENCY_LIFE + off)

    @rule(number=st.integers(0, 1), fingerprint=st.sampled_from("fg"), repeats=st.booleans())
    def use(self, number: int, fingerprint: str, repeats: bool) -> None:
        key, order = self.keys[number], records.order()
        record = records.record(key, fingerprint=fingerprint, at=self.now)
        self.wire.repeats = repeats
        with self.wire.between(self.stores):
            earlier = self.stores.orders.create(order, record, now=self.now)
        first_at, first = self.used.get(key, (None, None))
        if earlier is None:
            assert first_at is None or self.now - first_at >= IDEMPOTENCY_LIFE
            self.used[key] = (self.now, record)
            self.made.append(order)
            return
        assert first_at is not None
        assert first is not None
        assert self.now - first_at < IDEMPOTENCY_LIFE + ROUNDED
        assert (earlier.fingerprint, earlier.response) == (first.fingerprint, first.response)
        self.not_made.append(order)

    @invariant()
    def the_table_contains_exactly_the_created_objects(self) -> None:
        assert [self.stores.orders.get(order.id) for order in self.made[-3:]] == self.made[-3:]
        assert not any(self.stores.orders.get(order.id) for order in self.not_made[-3:])


def test_idempotency_keys_over_days(on_moto: Stores):
    play(partial(Keys, on_moto))
