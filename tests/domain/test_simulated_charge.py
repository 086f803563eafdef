"""What the answer of a buyer changes."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.simulated_charge import BuyerAnswer, ChargeOutcome, SimulatedCharge

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def charge(type_: ActionType = ActionType.REDIRECT) -> SimulatedCharge:
    return SimulatedCharge(
        id="sim_1",
        payment_id=None,
        type=type_,
        money=Money(100, "INR"),
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=1),
    )


def test_the_page_of_the_issuer_needs_the_code_and_the_phone_does_not():
    assert charge().answered(BuyerAnswer(approves=True, code="1234")).outcome is ChargeOutcome.APPROVED
    assert charge().answered(BuyerAnswer(approves=True)).outcome is ChargeOutcome.WAITING
    assert charge(ActionType.UPI).answered(BuyerAnswer(approves=True)).outcome is ChargeOutcome.APPROVED


@pytest.mark.parametrize("type_", ActionType)
def test_a_refusal_declines_the_charge(type_: ActionType):
    declined = charge(type_).answered(BuyerAnswer(approves=False, code="1234"))
    assert declined.outcome is ChargeOutcome.DECLINED
    assert declined.is_decided


@pytest.mark.parametrize("code", ["", "123", "12345", "4321", " 1234", "\u0661\u0662\u0663\u0664"])
def test_three_wrong_codes_decline_the_charge(code: str):
    now = charge()
    for attempt in range(3):
        assert now.outcome is ChargeOutcome.WAITING
        now = now.answered(BuyerAnswer(approves=True, code=code, attempt=attempt))
    assert (now.wrong_codes, now.outcome) == (3, ChargeOutcome.DECLINED)


def test_a_form_of_an_earlier_attempt_does_not_count():
    first = BuyerAnswer(approves=True, code="4321", attempt=0)
    assert charge().answered(first).answered(first).wrong_codes == 1


def test_a_charge_is_open_until_it_expires_or_has_an_outcome():
    assert charge().is_open(NOW)
    assert not charge().is_open(NOW + timedelta(minutes=1))
    assert not charge().answered(BuyerAnswer(approves=False)).is_open(NOW)


def test_the_code_is_not_in_the_representation_of_an_answer():
    assert "4321" not in repr(BuyerAnswer(approves=True, code="4321"))
