"""The simulated acquirer in test mode: the VPA names and the cards that force a result."""

from datetime import UTC, datetime

import pytest

from chalicelib.acquirers.base import Approved, AuthorizeRequest, Declined, Pending, RefundRequest, Unknown
from chalicelib.acquirers.simulated import PENDING_FOR, SimulatedAcquirer
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import parse_card
from chalicelib.domain.money import Money
from chalicelib.settings import AcquirerSettings

MONEY = Money(50_000, "INR")
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


def acquirer(*, succeeds: bool = True, at: datetime = NOW, test_mode: bool = True) -> SimulatedAcquirer:
    settings = AcquirerSettings(
        test_mode=test_mode, test_payment_success=succeeds, upi_success_rate=1.0, card_success_rate=1.0
    )
    return SimulatedAcquirer(settings, lambda: at)


def request(token: str, method: PaymentMethod = PaymentMethod.UPI) -> AuthorizeRequest:
    return AuthorizeRequest(idempotency_key="k", method=method, token=token, money=MONEY)


def refund_request(token: str) -> RefundRequest:
    return RefundRequest(idempotency_key="r", payment_reference="sim_1", token=token, money=MONEY)


def is_charged(vpa: str, *, by_default: bool) -> bool:
    return isinstance(acquirer(succeeds=by_default).authorize(request(vpa)), Approved)


@pytest.mark.parametrize("vpa", ["failure@upi", "FAILURE@upi", "Failure@UPI", "fAiLuRe@okbank"])
def test_a_failure_is_forced_case_insensitively(vpa: str):
    assert not is_charged(vpa, by_default=True)


@pytest.mark.parametrize("vpa", ["success@upi", "SUCCESS@upi", "Success@UPI", "NoRefund@upi", "NOREFUND@upi"])
def test_a_success_is_forced_case_insensitively(vpa: str):
    assert is_charged(vpa, by_default=False)


@pytest.mark.parametrize("vpa", ["norefund@upi", "NoRefund@upi", "NOREFUND@UPI"])
def test_a_refund_failure_is_forced_case_insensitively(vpa: str):
    assert isinstance(acquirer().refund(refund_request(vpa)), Declined)


@pytest.mark.parametrize("vpa", ["FAILURES@upi", "buyer@failure", "not.failure@upi"])
def test_other_names_force_no_outcome(vpa: str):
    assert is_charged(vpa, by_default=True)
    assert not is_charged(vpa, by_default=False)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000000000000002", DeclineCode.CARD_DECLINED),
        ("4000000000009995", DeclineCode.INSUFFICIENT_FUNDS),
        ("4000000000006975", DeclineCode.LIMIT_EXCEEDED),
        ("4000000000000119", DeclineCode.PROCESSING_ERROR),
        ("4000000000000127", DeclineCode.INCORRECT_CVC),
        ("4000000000000069", DeclineCode.EXPIRED_CARD),
        ("4100000000000019", DeclineCode.FRAUD_SUSPECTED),
    ],
)
def test_a_test_card_is_declined_with_its_code(number: str, code: DeclineCode):
    card = parse_card(number=number, expiry_month="12", expiry_year="2030", cvv="737", holder_name="Asha Rao")
    token = acquirer().tokenize(card)
    assert number not in token
    result = acquirer().authorize(request(token, PaymentMethod.CARD))
    assert isinstance(result, Declined)
    assert result.code is code


@pytest.mark.parametrize(
    ("vpa", "code"),
    [
        ("insufficientfunds@upi", DeclineCode.INSUFFICIENT_FUNDS),
        ("LimitExceeded@upi", DeclineCode.LIMIT_EXCEEDED),
        ("invalidaccount@upi", DeclineCode.INVALID_ACCOUNT),
        ("processingerror@upi", DeclineCode.PROCESSING_ERROR),
    ],
)
def test_a_test_vpa_is_declined_with_its_code(vpa: str, code: DeclineCode):
    result = acquirer().authorize(request(vpa))
    assert isinstance(result, Declined)
    assert result.code is code


def test_a_pending_payment_is_approved_later():
    result = acquirer().authorize(request("pending@upi"))
    assert isinstance(result, Pending)
    assert result.check_at == NOW + PENDING_FOR
    early = acquirer(at=NOW + PENDING_FOR / 2).status(request("pending@upi"), result.reference)
    assert isinstance(early, Pending)
    late = acquirer(at=NOW + PENDING_FOR).status(request("pending@upi"), result.reference)
    assert isinstance(late, Approved)


def test_a_payment_without_a_response_was_approved():
    assert acquirer().authorize(request("timeout@upi")) == Unknown()
    assert isinstance(acquirer().status(request("timeout@upi"), None), Approved)


def test_a_pending_refund_is_approved_later():
    result = acquirer().refund(refund_request("refundpending@upi"))
    assert isinstance(result, Pending)
    assert isinstance(
        acquirer().refund_status(refund_request("refundpending@upi"), result.reference), Pending
    )
    late = acquirer(at=NOW + PENDING_FOR).refund_status(refund_request("refundpending@upi"), result.reference)
    assert isinstance(late, Approved)


@pytest.mark.parametrize("vpa", ["pending@upi", "timeout@upi", "failure@upi", "insufficientfunds@upi"])
def test_no_result_is_forced_outside_test_mode(vpa: str):
    assert isinstance(acquirer(test_mode=False).authorize(request(vpa)), Approved)
