"""Counting: the increments of the events of a payment add up to the figures of its row, in any order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.counters import (
    TOTALS_FROM,
    TOTALS_TO,
    Key,
    count_event,
    count_payment,
    day_prefix,
    parse_name,
)
from chalicelib.domain.event import Event, events_between
from chalicelib.domain.money import Money
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from tests.domain.examples import CARD, NOW, payment, refund

DAY = "day#2026-03-14#INR#upi#"
PENDING, SUCCESS, FAILED = (partial(payment, status=status) for status in PaymentStatus)
CAPTURED = partial(SUCCESS, captured_at=NOW, sequence=4)
REFUNDED = [
    partial(CAPTURED, latest_refund=refund(status=status), sequence=5 + number)
    for number, status in enumerate(RefundStatus)
]
VOIDED = partial(SUCCESS, voided_at=NOW, sequence=4)
LIVES = [
    [PENDING],
    [PENDING, FAILED],
    [PENDING, SUCCESS],
    [PENDING, SUCCESS, CAPTURED, *REFUNDED],
    [PENDING, SUCCESS, VOIDED],
    [PENDING, SUCCESS, CAPTURED, VOIDED],
]


def events_of(rows: Iterable[Payment]) -> list[Event]:
    events: list[Event] = []
    before = None
    for row in rows:
        events += events_between(before, row)
        before = row
    return events


def named(counts: Mapping[Key, int]) -> dict[str, int]:
    return {key.name: value for key, value in counts.items() if value}


def event_to(after: Payment, before: Payment | None = None) -> Event:
    return events_between(before, after)[-1]


@given(life=st.sampled_from(LIVES), instrument=st.sampled_from([None, CARD]), seed=st.integers(0, 100))
def test_the_events_of_a_payment_add_up_to_its_figures_in_any_order(life: Any, instrument: Any, seed: int):
    changes = {"instrument": instrument} if instrument else {}
    rows = [make(**changes) for make in life]
    events = events_of(rows)
    Random(seed).shuffle(events)
    sums: Counter[Key] = Counter()
    for event in events:
        sums.update(count_event(event))
    assert named(sums) == named(count_payment(rows[-1]))


def test_a_new_payment_counts_for_its_day_without_volume():
    assert named(count_event(event_to(PENDING()))) == {f"{DAY}pending": 1, "total#payments#upi#pending": 1}


def test_the_first_of_the_two_events_of_a_new_payment_counts_nothing():
    assert count_event(events_between(None, PENDING())[0]) == {}


def test_a_successful_payment_changes_its_status_and_adds_its_amount():
    assert named(count_event(event_to(SUCCESS(), PENDING()))) == {
        f"{DAY}pending": -1,
        f"{DAY}success": 1,
        f"{DAY}volume": 50_000,
        "total#payments#upi#pending": -1,
        "total#payments#upi#success": 1,
        "total#volume#INR#upi": 50_000,
    }


def test_a_failed_payment_changes_its_status_and_adds_no_volume():
    assert named(count_event(event_to(FAILED(), PENDING()))) == {
        f"{DAY}pending": -1,
        f"{DAY}failed": 1,
        "total#payments#upi#pending": -1,
        "total#payments#upi#failed": 1,
    }


def test_captures_and_refunds_do_not_change_the_figures_of_a_payment():
    events = events_of([SUCCESS(), CAPTURED(), *(make() for make in REFUNDED)])[2:]
    assert len(events) == 4
    assert [count_event(event) for event in events] == [{}] * 4


def test_currencies_and_methods_are_counted_separately():
    counts = [
        count_payment(SUCCESS()),
        count_payment(SUCCESS(money=Money(1_000, "USD"))),
        count_payment(SUCCESS(instrument=CARD)),
    ]
    assert counts[0].keys() & counts[2].keys() == set()
    assert {key.name for key in counts[0].keys() & counts[1].keys()} == {"total#payments#upi#success"}


def test_a_name_has_one_key():
    for key in count_payment(SUCCESS()):
        assert parse_name(key.name) == key


@given(name=st.from_regex(r"[a-z.#]+", fullmatch=True))
def test_totals_and_days_are_separate_ranges_of_names(name: str):
    assert TOTALS_FROM <= f"total#{name}" < TOTALS_TO
    assert day_prefix(date.max) + name < TOTALS_FROM


@pytest.mark.parametrize(
    ("created_at", "day"),
    [
        (datetime(2026, 3, 14, 23, 59, 59, 999_000, tzinfo=UTC), "2026-03-14"),
        (datetime(2026, 3, 15, tzinfo=UTC), "2026-03-15"),
    ],
)
def test_a_payment_counts_for_the_day_of_its_creation(created_at: datetime, day: str):
    after = SUCCESS(created_at=created_at, updated_at=created_at + timedelta(days=2))
    names = named(count_event(event_to(after, PENDING(created_at=created_at))))
    assert {name.split("#")[1] for name in names if name.startswith("day#")} == {day}
