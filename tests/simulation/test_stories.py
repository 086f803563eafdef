"""Some stories of each kind; ``make sim`` tells thousands."""

from collections.abc import Iterable, Iterator

import pytest

from tests.simulation.catalogue import RACES, SCRIPTS
from tests.simulation.dynamodb import WRITES
from tests.simulation.explore import Explorer, Telling
from tests.simulation.faults import Fault
from tests.simulation.laboratory import laboratory


@pytest.fixture(scope="module", name="explorer")
def _explorer() -> Iterator[Explorer]:
    with laboratory() as opened:
        yield Explorer(laboratory=opened)


def have_good_ends(tellings: Iterable[Telling]) -> None:
    bad = [f"{one.error}\n  python -m tests.simulation {one.repeat}" for one in tellings if one.error]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("name", SCRIPTS)
def test_where_nothing_goes_wrong_every_promise_is_kept_promptly(explorer: Explorer, name: str):
    have_good_ends([explorer.calmly(name)])


@pytest.mark.timeout(600)
def test_a_fault_of_any_kind_at_any_call_of_a_payment_breaks_no_promise(explorer: Explorer):
    have_good_ends(explorer.each_fault("pays_by_upi"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "one_of"),
    [
        ("captures_at_once", 2),
        ("refund_with_the_same_key_at_once", 5),
        ("manual_retry_against_schedule", 25),
        ("pays_without_a_key", 13),
    ],
)
def test_a_fault_in_the_midst_of_a_race_breaks_no_promise(explorer: Explorer, name: str, one_of: int):
    have_good_ends(explorer.each_fault(name, from_the_race=True, one_of=one_of))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name", ["secrets_replaced_while_others_change_the_merchant", "wrong_passwords_at_once"]
)
def test_a_write_whose_answer_is_lost_is_applied_once(explorer: Explorer, name: str):
    writes = [call for call in explorer.calmly(name).calls if call.operation in WRITES]
    assert writes
    have_good_ends(explorer.one_fault(name, call.number, Fault.ANSWER_LOST) for call in writes)


@pytest.mark.parametrize("name", sorted(RACES))
def test_racers_may_come_in_any_order(explorer: Explorer, name: str):
    have_good_ends(explorer.each_order(name))


@pytest.mark.timeout(600)
def test_whatever_goes_wrong_on_a_lively_day_breaks_no_promise(explorer: Explorer):
    have_good_ends(explorer.at_random("lively_day", seed) for seed in range(1, 9))


def test_a_seed_tells_the_same_story_again(explorer: Explorer):
    first, second = (explorer.at_random("lively_day", 4) for _ in range(2))
    assert first.trace == second.trace
    assert first.struck
