"""Counters in the tables: each change counts once, in any batch."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.counters import TOTALS_FROM, TOTALS_TO, CounterKey, day_prefix
from chalicelib.domain.money import MAX_AMOUNT
from chalicelib.store import write
from chalicelib.store.counters import MARK_LIFE, Counted
from tests.store.stores import NOW, Stores, fresh

LATER = NOW + timedelta(seconds=5)
MANY = 60


def change(owner: str, counts: dict[str, int], change_id: str | None = None) -> Counted:
    keyed = {CounterKey(owner, name): value for name, value in counts.items()}
    return Counted(change_id=change_id or fresh(), counts=keyed)


def test_a_redelivered_change_is_not_counted_again(stores: Stores):
    owner = fresh()
    first, second, third = (change(owner, {"total#a": 1, f"total#{n}": n}) for n in (2, 3, 4))
    stores.counters.count([first, second], now=NOW)
    stores.counters.count([first, second], now=NOW)
    stores.counters.count([second], now=LATER)
    stores.counters.count([third, first, third], now=LATER)
    assert stores.counters.read(owner) == {"total#2": 2, "total#3": 3, "total#4": 4, "total#a": 3}


def test_counted_changes_of_a_batch_are_skipped_and_the_others_counted(stores: Stores):
    owner = fresh()
    changes = [change(owner, {"total#a": 10**n}) for n in range(6)]
    stores.counters.count(changes[1:5:2], now=NOW)
    assert stores.counters.read(owner) == {"total#a": 1_010}
    stores.counters.count(changes, now=NOW)
    assert stores.counters.read(owner) == {"total#a": 111_111}


def test_a_batch_larger_than_a_transaction_is_counted(stores: Stores):
    owner = fresh()
    assert 2 * MANY > write.MAX_ITEMS  # one mark and one sum each
    changes = [change(owner, {f"total#{n}": 1}) for n in range(MANY)]
    stores.counters.count(changes, now=NOW)
    stores.counters.count(changes[::-1], now=LATER)
    assert stores.counters.read(owner) == {f"total#{n}": 1 for n in range(MANY)}


def test_counters_can_decrease_and_changes_that_add_up_to_zero_are_skipped(stores: Stores):
    owner = fresh()
    stores.counters.count([change(owner, {"total#a": 3, "total#b": 1})], now=NOW)
    up_and_down = [change(owner, {"total#a": -2, "total#b": 5}), change(owner, {"total#b": -5})]
    stores.counters.count(up_and_down, now=NOW)
    assert stores.counters.read(owner) == {"total#a": 1, "total#b": 1}


def test_large_sums_are_exact(stores: Stores):
    owner = fresh()
    for _ in range(3):
        stores.counters.count([change(owner, {"total#a": MAX_AMOUNT * 10**9})], now=NOW)
    assert stores.counters.read(owner) == {"total#a": 3 * MAX_AMOUNT * 10**9}


def test_days_and_totals_are_ranges_of_one_owner(stores: Stores):
    owner, days = fresh(), [date(2026, 3, 14), date(2026, 3, 15), date(2026, 10, 2)]
    names = [f"{day_prefix(day)}INR#upi#success" for day in days] + ["total#payments#upi#success"]
    stores.counters.count([change(owner, dict.fromkeys(names, 1)), change(fresh(), {names[1]: 7})], now=NOW)
    assert list(stores.counters.read(owner)) == [names[3]]
    assert list(stores.counters.read(owner, first=day_prefix(days[1]), last=TOTALS_TO)) == names[1:]
    assert stores.counters.read(owner, first=TOTALS_FROM, last=TOTALS_TO) == {names[3]: 1}


def test_a_mark_outlives_the_retention_of_the_stream(stores: Stores):
    made = change(fresh(), {"total#a": 1})
    stores.counters.count([made], now=NOW)
    (mark,) = stores.counters._table.query(f"counted#{made.change_id}")
    assert mark.expires_at == (NOW + MARK_LIFE).replace(microsecond=0)


@pytest.mark.parametrize("changes", [[], [Counted(change_id="none", counts={})]])
def test_changes_without_counts_write_nothing(stores: Stores, changes: list[Counted]):
    stores.counters.count(changes, now=NOW)
    assert list(stores.counters._table.query("counted#none")) == []
