"""The event feed in the tables: each event once, with its counters, in a chain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.counters import EVENTS
from chalicelib.domain.event import FEED_PERIOD, RETENTION, EventName, PaymentEvent
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store import write
from chalicelib.store.events import MAX_EVENTS, NewEvent
from tests.store import records
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import Wire

LATER = NOW + timedelta(seconds=5)
LOST = Wire(repeats=True)


def events_of(payment: Payment) -> list[NewEvent]:
    """The first three events of a successful payment."""
    pending = replace(payment, status=PaymentStatus.PENDING)
    states = {
        EventName.PAYMENT_CREATED: pending,
        EventName.PAYMENT_PENDING: pending,
        EventName.PAYMENT_SUCCESS: replace(payment, status=PaymentStatus.SUCCESS),
    }
    return [
        NewEvent(event=PaymentEvent.of(name, state, sequence=sequence))
        for sequence, (name, state) in enumerate(states.items(), start=1)
    ]


def payments(merchant_id: str, count: int) -> list[NewEvent]:
    """The events of new payments of a merchant."""
    made = [records.payment(merchant_id=merchant_id) for _ in range(count)]
    return [event for payment in made for event in events_of(payment)]


def feed(stores: Stores, merchant_id: str) -> list[str]:
    """The ids of the events in the feed."""
    found = stores.events.page(merchant_id, after=None, name=None, limit=1_000, now=LATER)
    return [event.id for event in found.events]


def ids(events: Sequence[NewEvent]) -> list[str]:
    return [one.event.id for one in events]


def test_events_are_in_the_order_of_their_record_and_counted(stores: Stores):
    merchant_id = fresh()
    first, second = payments(merchant_id, 1), payments(merchant_id, 1)
    stores.events.record(merchant_id, first[:2], now=NOW)
    stores.events.record(merchant_id, [*second, first[2]], now=LATER)
    assert feed(stores, merchant_id) == ids([*first[:2], *second, first[2]])
    assert stores.counters.read(merchant_id) == {
        "total#events": 6,
        "total#payments#upi#pending": 0,
        "total#payments#upi#success": 2,
        "total#volume#INR#upi": 100_000,
    }


def test_events_that_are_recorded_again_change_nothing(stores: Stores):
    merchant_id = fresh()
    events = payments(merchant_id, 3)
    stores.events.record(merchant_id, events[2:5], now=NOW)
    before = stores.counters.read(merchant_id)
    stores.events.record(merchant_id, events[2:5], now=LATER)
    assert stores.counters.read(merchant_id) == before
    stores.events.record(merchant_id, [*events, *events], now=LATER)
    assert sorted(feed(stores, merchant_id)) == sorted(ids(events))
    assert feed(stores, merchant_id)[:3] == ids(events[2:5])
    assert stores.counters.read(merchant_id)["total#events"] == 9


def test_more_events_than_a_transaction_holds_are_recorded_in_order(stores: Stores):
    merchant_id = fresh()
    events = payments(merchant_id, write.MAX_ITEMS // 2)
    assert len(events) > max(write.MAX_ITEMS, MAX_EVENTS)
    stores.events.record(merchant_id, events, now=NOW)
    assert feed(stores, merchant_id) == ids(events)
    assert stores.counters.read(merchant_id)["total#events"] == len(events)


def test_a_clock_that_is_behind_does_not_move_events_before_others(stores: Stores):
    merchant_id = fresh()
    first, second = payments(merchant_id, 1), payments(merchant_id, 1)
    stores.events.record(merchant_id, first, now=LATER)
    stores.events.record(merchant_id, second, now=NOW)
    assert feed(stores, merchant_id) == ids([*first, *second])


def test_a_record_whose_response_is_lost_is_made_once(stores: Stores):
    merchant_id = fresh()
    events = payments(merchant_id, 1)
    with LOST.between(stores):
        stores.events.record(merchant_id, events, now=NOW)
    assert feed(stores, merchant_id) == ids(events)
    assert stores.counters.read(merchant_id)["total#events"] == 3


def test_events_that_the_previous_version_counted_are_recorded_without_counting(stores: Stores):
    merchant_id = fresh()
    events = [NewEvent(event=one.event, is_counted=True) for one in payments(merchant_id, 1)]
    stores.events.record(merchant_id, events, now=NOW)
    assert feed(stores, merchant_id) == ids(events)
    assert stores.counters.read(merchant_id) == {EVENTS.name: 3}


def test_an_event_is_kept_longer_than_the_feed(stores: Stores):
    merchant_id = fresh()
    events = payments(merchant_id, 1)
    stores.events.record(merchant_id, events, now=NOW)
    row = stores.events._table.get(events[0].event.id)
    assert row.expires_at == (NOW + RETENTION).replace(microsecond=0)
    assert RETENTION > FEED_PERIOD


def test_the_events_of_another_merchant_are_separate(stores: Stores):
    merchant_id, other_id = fresh(), fresh()
    stores.events.record(merchant_id, events := payments(merchant_id, 1), now=NOW)
    stores.events.record(other_id, payments(other_id, 2), now=NOW)
    assert feed(stores, merchant_id) == ids(events)
    assert stores.events.get(events[0].event.id, other_id) is None
    assert stores.events.get(events[0].event.id, merchant_id) is not None
