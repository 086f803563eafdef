"""Counting: what changes add, taken together, is what the rows are, in whatever order they are told."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.counters import (
    ALL_MERCHANTS,
    TOTALS_FROM,
    TOTALS_TO,
    CounterKey,
    Counts,
    count_order,
    count_payment,
    count_refund,
    count_webhook_log,
    day_prefix,
)
from chalicelib.domain.money import Money
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookStatus
from tests.domain.examples import CARD, NOW, order, payment, refund, webhook_log

MERCHANT = payment().merchant_id
DAY = "day#2026-03-14#INR#upi#"
PENDING, SUCCESS, FAILED = (partial(payment, status=status) for status in PaymentStatus)

Count = Callable[[Any, Any], Counts]
states: dict[str, tuple[Count, Sequence[Any]]] = {
    "orders": (count_order, [order()]),
    "payments": (
        count_payment,
        [PENDING(), SUCCESS(), FAILED(), SUCCESS(instrument=CARD), SUCCESS(sequence=9)],
    ),
    "refunds": (count_refund, [refund(status=status) for status in RefundStatus]),
    "webhook logs": (count_webhook_log, [webhook_log(status=status) for status in WebhookStatus]),
}
histories = st.sampled_from(list(states)).flatmap(
    lambda name: st.tuples(
        st.just(states[name][0]),
        st.lists(st.none() | st.sampled_from(states[name][1]), min_size=1, max_size=8),
    )
)


def mine(counts: Counts) -> dict[str, int]:
    """What is counted for the merchant alone."""
    return {key.name: value for key, value in counts.items() if key.owner == MERCHANT}


def told(counts: Mapping[CounterKey, int]) -> dict[CounterKey, int]:
    return {key: value for key, value in counts.items() if value}


@given(history=histories, seed=st.integers(0, 100))
def test_changes_add_up_to_the_last_state_in_any_order(history: tuple[Count, list[Any]], seed: int):
    count, rows = history
    changes = [count(before, after) for before, after in zip([None, *rows], rows, strict=False)]
    Random(seed).shuffle(changes)
    added: Counter[CounterKey] = Counter()
    for change in changes:
        added.update(change)
    assert told(added) == told(count(None, rows[-1]))


@given(history=histories)
def test_a_change_and_its_undoing_add_nothing(history: tuple[Count, list[Any]]):
    count, (first, *_, last) = history[0], (None, *history[1])
    undone = Counter(count(first, last))
    undone.update(count(last, first))
    assert told(undone) == {}


@pytest.mark.parametrize("name", states)
def test_a_change_that_changes_no_figure_adds_nothing(name: str):
    count, rows = states[name]
    for row in (None, *rows):
        assert count(row, row) == {}


def test_an_order_is_one():
    assert mine(count_order(None, order())) == {"total#orders": 1}


def test_a_new_payment_is_one_of_its_day_and_brings_nothing_yet():
    assert mine(count_payment(None, PENDING())) == {f"{DAY}pending": 1, "total#payments#upi#pending": 1}


def test_a_payment_that_succeeds_moves_and_brings_its_amount():
    assert mine(count_payment(PENDING(), SUCCESS())) == {
        f"{DAY}pending": -1,
        f"{DAY}success": 1,
        f"{DAY}volume": 50_000,
        "total#payments#upi#pending": -1,
        "total#payments#upi#success": 1,
        "total#volume#INR#upi": 50_000,
    }


def test_a_payment_that_fails_moves_and_brings_nothing():
    assert mine(count_payment(PENDING(), FAILED())) == {
        f"{DAY}pending": -1,
        f"{DAY}failed": 1,
        "total#payments#upi#pending": -1,
        "total#payments#upi#failed": 1,
    }


def test_captures_and_refunds_leave_the_figures_of_a_payment_as_they_are():
    captured = SUCCESS(captured_at=NOW, amount_refundable=0, latest_refund=refund(), sequence=5)
    assert count_payment(SUCCESS(), captured) == {}


def test_a_refund_and_a_webhook_log_move_from_one_status_to_the_next():
    moved = count_refund(refund(), refund(status=RefundStatus.PROCESSED))
    assert mine(moved) == {"total#refunds#pending": -1, "total#refunds#processed": 1}
    moved = count_webhook_log(webhook_log(), webhook_log(status=WebhookStatus.SUCCESS))
    assert mine(moved) == {
        "total#webhooks#payment.success#pending": -1,
        "total#webhooks#payment.success#success": 1,
    }


def test_a_log_that_is_gone_is_counted_no_more():
    assert mine(count_webhook_log(webhook_log(), None)) == {"total#webhooks#payment.success#pending": -1}


def test_currencies_methods_and_merchants_are_counted_apart():
    counts = [
        count_payment(None, SUCCESS(money=Money(1_000, "USD"))),
        count_payment(None, SUCCESS(instrument=CARD)),
        count_payment(None, SUCCESS(merchant_id="another")),
    ]
    own = [{key for key in one if key.owner != ALL_MERCHANTS} for one in counts]
    assert own[0] & own[1] == own[0] & own[2] == own[1] & own[2] == set()


def test_everybodys_counters_are_totals_alone():
    """Their days would be one hot row for all payments of a day, and nobody asks for them."""
    counts = count_payment(None, SUCCESS())
    assert {key.name: value for key, value in counts.items() if key.owner == ALL_MERCHANTS} == {
        name: value for name, value in mine(counts).items() if name.startswith(TOTALS_FROM)
    }


@given(name=st.from_regex(r"[a-z.#]+", fullmatch=True))
def test_totals_are_one_range_of_names_and_days_another(name: str):
    assert TOTALS_FROM <= f"total#{name}" < TOTALS_TO
    assert day_prefix(date.max) + name < TOTALS_FROM


@pytest.mark.parametrize(
    ("created_at", "day"),
    [
        (datetime(2026, 3, 14, 23, 59, 59, 999_000, tzinfo=UTC), "2026-03-14"),
        (datetime(2026, 3, 15, tzinfo=UTC), "2026-03-15"),
    ],
)
def test_a_payment_counts_for_the_day_it_was_created_on_whenever_it_ends(created_at: datetime, day: str):
    after = SUCCESS(created_at=created_at, updated_at=created_at + timedelta(days=2))
    names = mine(count_payment(PENDING(created_at=created_at), after))
    assert {name.split("#")[1] for name in names if name.startswith("day#")} == {day}
