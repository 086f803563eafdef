"""Counters in the tables."""

from datetime import date

from chalicelib.domain.counters import TOTALS_FROM, TOTALS_TO, Key, Total, day_prefix
from chalicelib.domain.money import MAX_AMOUNT
from chalicelib.store import write
from tests.store.stores import Stores, fresh
from tests.store.wire import Wire

LOST = Wire(repeats=True)


def add(stores: Stores, owner: str, **totals: int) -> None:
    """Add to the totals with these names."""
    sums: dict[Key, int] = {Total(name): value for name, value in totals.items()}
    write.transact(stores.counters.additions(owner, sums))


def test_additions_add_up(stores: Stores):
    owner = fresh()
    add(stores, owner, a=3, b=1)
    add(stores, owner, a=-2, b=5, c=0)
    assert stores.counters.read(owner) == {"total#a": 1, "total#b": 6}


def test_large_sums_are_exact(stores: Stores):
    owner = fresh()
    for _ in range(3):
        add(stores, owner, a=MAX_AMOUNT * 10**9)
    assert stores.counters.read(owner) == {"total#a": 3 * MAX_AMOUNT * 10**9}


def test_days_and_totals_are_ranges_of_one_owner(stores: Stores):
    owner, days = fresh(), [date(2026, 3, 14), date(2026, 3, 15), date(2026, 10, 2)]
    names = [f"{day_prefix(day)}INR#upi#success" for day in days] + ["total#payments#upi#success"]
    for name in names:
        stores.counters.add(owner, {name: 1})
    stores.counters.add(fresh(), {names[1]: 1})
    assert list(stores.counters.read(owner)) == [names[3]]
    assert list(stores.counters.read(owner, first=day_prefix(days[1]), last=TOTALS_TO)) == names[1:]
    assert stores.counters.read(owner, first=TOTALS_FROM, last=TOTALS_TO) == {names[3]: 1}


def test_an_addition_whose_response_is_lost_is_made_once(stores: Stores):
    owner = fresh()
    with LOST.between(stores):
        add(stores, owner, a=1)
    assert stores.counters.read(owner) == {"total#a": 1}


def test_changes_that_the_previous_version_counted_are_known_by_its_marks(stores: Stores):
    counted, new = fresh(), fresh()
    row = stores.counters._table(f"counted#{counted}", "counted")
    row.save()
    assert stores.counters.counted_before([counted, new]) == {counted}
    assert stores.counters.counted_before([]) == set()
