"""The charges of the simulated acquirer, on every engine: the first outcome remains."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.simulated_charge import BuyerAnswer, ChargeOutcome, SimulatedCharge
from tests.store.stores import NOW, Stores, fresh

END = NOW + timedelta(minutes=10)
RIGHT, REFUSAL = BuyerAnswer(approves=True, code="1234"), BuyerAnswer(approves=False)


def opened(stores: Stores, **changes: object) -> SimulatedCharge:
    charge = SimulatedCharge(
        id=fresh("sim_"),
        payment_id="pay_1",
        type=ActionType.REDIRECT,
        money=Money(49_900, "INR"),
        created_at=NOW,
        expires_at=END,
        embeddable=True,
        return_url="https://shop.example/done",
    )
    return stores.charges.open(replace(charge, **changes))  # type: ignore[arg-type]


def wrong(attempt: int) -> BuyerAnswer:
    return BuyerAnswer(approves=True, code="4321", attempt=attempt)


def answer(
    stores: Stores, charge: SimulatedCharge, given: BuyerAnswer, *, late: bool = False
) -> ChargeOutcome:
    at = END if late else NOW
    return stores.charges.change(charge, charge.answered(given), before_expiry=at).outcome


def cancel(stores: Stores, charge: SimulatedCharge) -> ChargeOutcome:
    return stores.charges.change(charge, replace(charge, outcome=ChargeOutcome.CANCELLED)).outcome


def test_a_charge_is_read_as_it_was_written(stores: Stores):
    charge = opened(stores)
    assert stores.charges.get(charge.id) == charge
    assert stores.charges.get(fresh("sim_")) is None


def test_a_charge_that_exists_is_not_written_again(stores: Stores):
    charge = opened(stores)
    answer(stores, charge, RIGHT)
    again = stores.charges.open(replace(charge, created_at=END, money=Money(1, "INR")))
    assert again == replace(charge, outcome=ChargeOutcome.APPROVED)
    assert stores.charges.get(charge.id) == again


def test_a_form_that_is_sent_twice_changes_the_charge_once(stores: Stores):
    charge = opened(stores)
    assert [answer(stores, charge, RIGHT) for _ in range(2)] == [ChargeOutcome.APPROVED] * 2
    charge = opened(stores)
    for _ in range(2):
        stores.charges.change(charge, charge.answered(wrong(0)), before_expiry=NOW)
    counted = stores.charges.get(charge.id)
    assert counted
    assert (counted.wrong_codes, counted.outcome) == (1, ChargeOutcome.WAITING)


def test_the_first_outcome_remains(stores: Stores):
    charge = opened(stores)
    assert answer(stores, charge, RIGHT) is ChargeOutcome.APPROVED
    assert answer(stores, charge, REFUSAL) is ChargeOutcome.APPROVED
    assert cancel(stores, charge) is ChargeOutcome.APPROVED
    charge = opened(stores)
    assert cancel(stores, charge) is ChargeOutcome.CANCELLED
    assert answer(stores, charge, RIGHT) is ChargeOutcome.CANCELLED
    assert answer(stores, charge, wrong(0)) is ChargeOutcome.CANCELLED


def test_an_expired_charge_cannot_be_approved_but_it_can_be_cancelled(stores: Stores):
    charge = opened(stores)
    assert answer(stores, charge, RIGHT, late=True) is ChargeOutcome.WAITING
    assert answer(stores, charge, REFUSAL, late=True) is ChargeOutcome.WAITING
    assert cancel(stores, charge) is ChargeOutcome.CANCELLED


def test_a_charge_that_was_read_before_a_wrong_code_can_be_approved_and_cancelled(stores: Stores):
    charge, other = opened(stores), opened(stores)
    for one in (charge, other):
        answer(stores, one, wrong(0))
    assert answer(stores, charge, RIGHT) is ChargeOutcome.APPROVED
    assert cancel(stores, other) is ChargeOutcome.CANCELLED


def test_a_deleted_charge_is_not_created_by_an_answer(stores: Stores):
    charge = replace(opened(stores), id=fresh("sim_"))
    assert answer(stores, charge, RIGHT) is ChargeOutcome.WAITING
    assert stores.charges.get(charge.id) is None
