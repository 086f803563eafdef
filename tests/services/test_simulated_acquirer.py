"""The simulated acquirer in test mode: the VPA names that force an outcome."""

import pytest

from chalicelib.acquirers.base import Charge, RefundRequest
from chalicelib.acquirers.simulated import SimulatedAcquirer
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.settings import AcquirerSettings

MONEY = Money(50_000, "INR")


def acquirer(*, succeeds: bool = True) -> SimulatedAcquirer:
    return SimulatedAcquirer(
        AcquirerSettings(
            test_mode=True, test_payment_success=succeeds, upi_success_rate=0.9, card_success_rate=0.95
        )
    )


def is_charged(vpa: str, *, by_default: bool) -> bool:
    charge = Charge(idempotency_key="k", method=PaymentMethod.UPI, token=vpa, money=MONEY)
    return acquirer(succeeds=by_default).charge(charge).approved


@pytest.mark.parametrize("vpa", ["failure@upi", "FAILURE@upi", "Failure@UPI", "fAiLuRe@okbank"])
def test_a_failure_is_forced_case_insensitively(vpa: str):
    assert not is_charged(vpa, by_default=True)


@pytest.mark.parametrize("vpa", ["success@upi", "SUCCESS@upi", "Success@UPI", "NoRefund@upi", "NOREFUND@upi"])
def test_a_success_is_forced_case_insensitively(vpa: str):
    assert is_charged(vpa, by_default=False)


@pytest.mark.parametrize("vpa", ["norefund@upi", "NoRefund@upi", "NOREFUND@UPI"])
def test_a_refund_failure_is_forced_case_insensitively(vpa: str):
    refund = RefundRequest(idempotency_key="k", token=vpa, money=MONEY)
    assert not acquirer().refund(refund).approved


@pytest.mark.parametrize("vpa", ["FAILURES@upi", "buyer@failure", "not.failure@upi"])
def test_other_names_force_no_outcome(vpa: str):
    assert is_charged(vpa, by_default=True)
    assert not is_charged(vpa, by_default=False)
