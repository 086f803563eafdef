"""Counters in the tables."""

from datetime import date

import pytest

from chalicelib.domain.counters import EVENTS, TOTALS_FROM, TOTALS_TO, Total, day_prefix
from chalicelib.domain.money import MAX_AMOUNT
from chalicelib.store import write
from chalicelib.store.counters import MAX_HELD, CounterRow, Position
from tests.cost.sizes import write_units
from tests.store.stores import Stores, fresh
from tests.store.wire import Wire

LOST = Wire(repeats=True)


def add(stores: Stores, owner: str, **totals: int) -> None:
    """Add to the totals with these names."""
    stores.counters.add(owner, {Total(name).name: value for name, value in totals.items()})


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


def advance(stores: Stores, owner: str, sums: dict[str, int], *, max_moved: int = write.MAX_ITEMS) -> int:
    """Move the end of the feed by one event and add ``sums``; returns the number of items written."""
    before = stores.counters.position(owner)
    after = Position(count=before.count + 1, key=f"2126-03-14T15:09:26.000Z#{before.count + 1:015}")
    writes = stores.counters.advance(owner, before, after, sums, max_moved=max_moved)
    write.transact(writes)
    return len(writes)


def test_held_counters_are_written_with_the_end_of_the_feed(stores: Stores):
    owner = fresh()
    assert advance(stores, owner, {"total#a": 3, "day#2026-03-14#b": 1}) == 1
    assert advance(stores, owner, {"total#a": -2}) == 1
    assert stores.counters.read(owner) == {"total#a": 1, EVENTS.name: 2}
    assert stores.counters.read(owner, first="day#", last=TOTALS_TO)["day#2026-03-14#b"] == 1


def test_counters_of_rows_and_held_ones_add_up(stores: Stores):
    """The previous version incremented the rows only."""
    owner = fresh()
    add(stores, owner, a=40)
    advance(stores, owner, {"total#a": 2})
    assert stores.counters.read(owner)["total#a"] == 42


def test_counters_that_do_not_change_are_moved_to_their_rows(stores: Stores):
    owner = fresh()
    names = [f"total#{number:02}" for number in range(MAX_HELD + 5)]
    expected = dict.fromkeys(names, 7)
    advance(stores, owner, expected)
    assert advance(stores, owner, {names[0]: 1}, max_moved=4) == 1 + 4
    assert advance(stores, owner, {names[0]: 1}) == MAX_HELD + 1
    assert stores.counters.position(owner).held == {names[0]: 9}
    assert stores.counters.read(owner) == expected | {names[0]: 9, EVENTS.name: 3}


def test_the_row_of_the_held_counters_uses_the_units_of_1_kb(stores: Stores):
    owner = f"{fresh()}-{fresh()}"[:36].ljust(36, "0")  # as long as the id of a merchant
    advance(stores, owner, {f"day#2026-03-14#INR#card#{name:6}": 10**9 for name in map(str, range(MAX_HELD))})
    (item,) = stores.client.query(
        TableName=stores.row(CounterRow).Meta.table_name,
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": owner}},
    )["Items"]
    assert write_units(item) == 1


def test_one_of_two_concurrent_changes_of_held_counters_is_refused(stores: Stores):
    owner = fresh()
    before = stores.counters.position(owner)
    advance(stores, owner, {"total#a": 1})
    stale = stores.counters.advance(
        owner, before, Position(count=1, key="other"), {"total#a": 1}, max_moved=9
    )
    with pytest.raises(write.ConditionFailedError):
        write.transact(stale)
    assert stores.counters.read(owner) == {"total#a": 1, EVENTS.name: 1}


def test_changes_that_the_previous_version_counted_are_known_by_its_marks(stores: Stores):
    counted, new = fresh(), fresh()
    row = stores.counters._table(f"counted#{counted}", "counted")
    row.save()
    assert stores.counters.counted_before([counted, new]) == {counted}
    assert stores.counters.counted_before([]) == set()
