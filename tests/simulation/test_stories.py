"""Some stories of each kind; ``make sim`` runs thousands."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.simulation.catalogue import RACES, SCRIPTS
from tests.simulation.dynamodb import WRITES
from tests.simulation.explore import Explorer, Run
from tests.simulation.faults import Call, Edge, Fault
from tests.simulation.laboratory import laboratory

VENDOR_FAULTS = Call(number=0, edge=Edge.VENDOR, operation="").faults


@pytest.fixture(scope="module", name="explorer")
def _explorer() -> Iterator[Explorer]:
    with laboratory() as opened:
        yield Explorer(laboratory=opened)


def assert_all_succeed(runs: Iterable[Run]) -> None:
    bad = [f"{one.error}\n  python -m tests.simulation {one.repeat}" for one in runs if one.error]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("name", SCRIPTS)
def test_without_faults_every_guarantee_holds_without_delay(explorer: Explorer, name: str):
    assert_all_succeed([explorer.without_faults(name)])


@pytest.mark.timeout(600)
def test_every_guarantee_holds_with_any_fault_of_any_operation_of_a_payment(explorer: Explorer):
    """``make sim`` also tests every later call of the same operation."""
    first: dict[tuple[str, Fault], int] = {}

    def is_first(call: Call, fault: Fault) -> bool:
        return first.setdefault((call.operation, fault), call.number) == call.number

    assert_all_succeed(explorer.each_fault("pays_by_upi", where=is_first))
    assert len(first) > 60


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["link_is_approved", "page_is_paid"])
def test_no_fault_of_a_request_to_a_real_acquirer_charges_twice(explorer: Explorer, name: str):
    """The first call of each operation; ``make sim`` also tests the others, and series of faults."""
    first: dict[tuple[str, Fault], int] = {}

    def is_first(call: Call, fault: Fault) -> bool:
        return (
            call.edge is Edge.VENDOR and first.setdefault((call.operation, fault), call.number) == call.number
        )

    assert_all_succeed(explorer.each_fault(name, where=is_first))
    assert len(first) >= 3 * len(VENDOR_FAULTS)


# Prime numbers, so that the selected faults are of different kinds: most calls have five faults.
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "one_of"),
    [
        ("captures_at_once", 11),
        ("refund_with_the_same_key_at_once", 23),
        ("manual_retry_against_schedule", 83),
        ("pays_without_a_key", 47),
    ],
)
def test_every_guarantee_holds_with_a_fault_during_a_race(explorer: Explorer, name: str, one_of: int):
    assert_all_succeed(explorer.each_fault(name, from_the_race=True, one_of=one_of))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "one_of"),
    [("secrets_replaced_while_others_change_the_merchant", 13), ("wrong_passwords_at_once", 1)],
)
def test_a_write_whose_response_is_lost_is_applied_once(explorer: Explorer, name: str, one_of: int):
    writes = [call for call in explorer.without_faults(name).calls if call.operation in WRITES]
    assert len(writes) > one_of
    assert_all_succeed(explorer.one_fault(name, call.number, Fault.ANSWER_LOST) for call in writes[::one_of])


@pytest.mark.parametrize("name", sorted(RACES))
def test_every_guarantee_holds_for_every_order_of_racers(explorer: Explorer, name: str):
    assert_all_succeed(explorer.each_order(name))


@pytest.mark.parametrize("name", ["pays_by_upi", "failed_refund_gives_its_amount_back", "receiver_is_down"])
def test_a_recorder_that_is_down_for_an_hour_delays_no_payment_and_no_webhook(explorer: Explorer, name: str):
    def times_of(run: Run) -> list[Any]:
        assert_all_succeed([run])
        rows, tables = explorer.laboratory.dynamodb.rows, explorer.laboratory.settings.tables
        updates = [row["updated_at"] for row in rows(tables.payments)]
        updates += [row["processed_at"] for row in rows(tables.refunds)]
        return sorted(updates) + sorted(row["attempt"]["at"] for row in rows(tables.webhook_attempts))

    times = times_of(explorer.without_faults(name))
    assert times == times_of(explorer.without_the_recorder(name, timedelta(hours=1)))


def test_the_test_clock_makes_the_same_attempts_in_the_same_order_as_real_time(explorer: Explorer):
    def attempts_of(name: str) -> list[tuple[str, int, datetime]]:
        assert_all_succeed([explorer.without_faults(name)])
        rows, tables = explorer.laboratory.dynamodb.rows, explorer.laboratory.settings.tables
        events = {row["id"]: row["event"] for row in rows(tables.webhook_logs)}
        attempts = [
            (events[row["log_id"]], int(row["number"]), datetime.fromisoformat(row["attempt"]["at"]))
            for row in rows(tables.webhook_attempts)
        ]
        return sorted(attempts, key=lambda attempt: (attempt[2], attempt[0]))

    real, moved = attempts_of("retries_in_real_time"), attempts_of("retries_with_the_test_clock")
    assert len(real) == 2 + 5
    assert [attempt[:2] for attempt in moved] == [attempt[:2] for attempt in real]
    for (*_, at), (*_, expected) in zip(moved, real, strict=True):
        assert abs(at - expected) < timedelta(seconds=3)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["lively_day", "razorpay_day", "stripe_day"])
def test_every_guarantee_holds_with_random_faults(explorer: Explorer, name: str):
    assert_all_succeed(explorer.at_random(name, seed) for seed in (1, 2))


def test_a_seed_reproduces_its_story(explorer: Explorer):
    first, second = (explorer.at_random("lively_day", 4) for _ in range(2))
    assert first.trace == second.trace
    assert first.struck
