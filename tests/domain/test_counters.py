"""Counting: the sum of the changes equals a count of the rows, in any order of delivery."""

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
    """The counts of the merchant."""
    return {key.name: value for key, value in counts.items() if key.owner == MERCHANT}


def figures_of(counts: Mapping[CounterKey, int]) -> dict[CounterKey, int]:
    return {key: value for key, value in counts.items() if value}


@given(history=histories, seed=st.integers(0, 100))
def test_changes_add_up_to_the_last_state_in_any_order(history: tuple[Count, list[Any]], seed: int):
    count, rows = history
    changes = [count(before, after) for before, after in zip([None, *rows], rows, strict=False)]
    Random(seed).shuffle(changes)
    added: Counter[CounterKey] = Counter()
    for change in changes:
        added.update(change)
    assert figures_of(added) == figures_of(count(None, rows[-1]))


@given(history=histories)
def test_a_change_and_its_reversal_add_up_to_zero(history: tuple[Count, list[Any]]):
    count, (first, *_, last) = history[0], (None, *history[1])
    undone = Counter(count(first, last))
    undone.update(count(last, first))
    assert figures_of(undone) == {}


@pytest.mark.parametrize("name", states)
def test_a_change_without_an_effect_on_figures_adds_nothing(name: str):
    count, rows = states[name]
    for row in (None, *rows):
        assert count(row, row) == {}


def test_a_new_order_counts_as_one():
    assert mine(count_order(None, order())) == {"total#orders": 1}


def test_a_new_payment_counts_for_its_day_without_volume():
    assert mine(count_payment(None, PENDING())) == {f"{DAY}pending": 1, "total#payments#upi#pending": 1}


def test_a_successful_payment_changes_its_status_and_adds_its_amount():
    assert mine(count_payment(PENDING(), SUCCESS())) == {
        f"{DAY}pending": -1,
        f"{DAY}success": 1,
        f"{DAY}volume": 50_000,
        "total#payments#upi#pending": -1,
        "total#payments#upi#success": 1,
        "total#volume#INR#upi": 50_000,
    }


def test_a_failed_payment_changes_its_status_and_adds_no_volume():
    assert mine(count_payment(PENDING(), FAILED())) == {
        f"{DAY}pending": -1,
        f"{DAY}failed": 1,
        "total#payments#upi#pending": -1,
        "total#payments#upi#failed": 1,
    }


def test_captures_and_refunds_do_not_change_the_figures_of_a_payment():
    captured = SUCCESS(captured_at=NOW, amount_refundable=0, latest_refund=refund(), sequence=5)
    assert count_payment(SUCCESS(), captured) == {}


def test_a_refund_and_a_webhook_log_change_from_one_status_to_the_next():
    moved = count_refund(refund(), refund(status=RefundStatus.PROCESSED))
    assert mine(moved) == {"total#refunds#pending": -1, "total#refunds#processed": 1}
    moved = count_webhook_log(webhook_log(), webhook_log(status=WebhookStatus.SUCCESS))
    assert mine(moved) == {
        "total#webhooks#payment.success#pending": -1,
        "total#webhooks#payment.success#success": 1,
    }


def test_a_deleted_log_is_subtracted():
    assert mine(count_webhook_log(webhook_log(), None)) == {"total#webhooks#payment.success#pending": -1}


def test_currencies_methods_and_merchants_are_counted_separately():
    counts = [
        count_payment(None, SUCCESS(money=Money(1_000, "USD"))),
        count_payment(None, SUCCESS(instrument=CARD)),
        count_payment(None, SUCCESS(merchant_id="another")),
    ]
    own = [{key for key in one if key.owner != ALL_MERCHANTS} for one in counts]
    assert own[0] & own[1] == own[0] & own[2] == own[1] & own[2] == set()


def test_the_counters_of_all_merchants_are_totals_only():
    """Counters per day would be one hot row for all payments of a day, and are not used."""
    counts = count_payment(None, SUCCESS())
    assert {key.name: value for key, value in counts.items() if key.owner == ALL_MERCHANTS} == {
        name: value for name, value in mine(counts).items() if name.startswith(TOTALS_FROM)
    }


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
    names = mine(count_payment(PENDING(created_at=created_at), after))
    assert {name.split("#")[1] for name in names if name.startswith("day#")} == {day}
