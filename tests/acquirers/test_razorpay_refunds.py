"""Refunds at Razorpay: once for each key, and the difference between later and never."""

import logging
from datetime import timedelta

import pytest

from chalicelib.acquirers.base import ATTENTION, Approved, Declined, Pending, Unknown
from chalicelib.acquirers.razorpay.values import REFUNDABLE_FOR
from tests.acquirers.razorpay_account import PAYMENT_ID, REFUND_ID, Account, refund
from tests.acquirers.razorpay_double import Fault

RECEIPT = f"refund-{REFUND_ID}"


@pytest.fixture
def account() -> Account:
    return Account()


def attention(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [one for one in caplog.records if one.message == ATTENTION]


def test_a_refund_is_one_request_with_its_key(account: Account):
    reference = account.paid()
    assert account.acquirer.refund(refund(reference)) == Approved(reference="rfnd_00000000000001")
    request = account.double.requests[-1]
    assert request.url.endswith(f"/v1/payments/{reference}/refund")
    assert request.headers["x-refund-idempotency"] == RECEIPT
    assert account.bodies()[-1] == {"amount": 20_000, "receipt": RECEIPT, "notes": {"refund_id": REFUND_ID}}


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.LOST, Fault.LOST_AFTER, Fault.FAILS_AFTER, Fault.BUSY])
def test_a_repeated_refund_moves_the_money_once(account: Account, fault: Fault):
    reference = account.paid()
    account.double.faults = [fault]
    account.acquirer.refund(refund(reference))
    assert account.acquirer.refund(refund(reference)) == Approved(reference="rfnd_00000000000001")
    assert account.double.ledger(PAYMENT_ID).returned == 20_000


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.FAILS_AFTER])
def test_a_refund_without_a_response_is_found_by_its_receipt(account: Account, fault: Fault):
    reference = account.paid()
    account.double.faults = [fault]
    assert account.acquirer.refund(refund(reference)) == Unknown()
    found = account.acquirer.refund_status(refund(reference), None)
    assert found == Approved(reference="rfnd_00000000000001")


def test_a_refund_that_did_not_arrive_is_not_known(account: Account):
    reference = account.paid()
    account.acquirer.refund(refund(reference, key="refund:rfnd_another"))
    assert account.acquirer.refund_status(refund(reference), None) is None


def test_one_of_many_refunds_is_found(account: Account):
    reference = account.paid()
    for number in range(101):
        account.acquirer.refund(refund(reference, 100, key=f"refund:rfnd_number_{number}"))
    found = account.acquirer.refund_status(refund(reference, 100, key="refund:rfnd_number_0"), None)
    assert found == Approved(reference="rfnd_00000000000001")


def test_a_pending_refund_is_asked_about_later(account: Account):
    reference = account.paid()
    account.double.refunds_pend = True
    result = account.acquirer.refund(refund(reference))
    in_an_hour = account.clock() + timedelta(hours=1)
    assert result == Pending(reference="rfnd_00000000000001", check_at=in_an_hour)
    assert account.acquirer.refund_status(refund(reference), result.reference) == result
    account.double.finish_refund(result.reference)
    found = account.acquirer.refund_status(refund(reference), result.reference)
    assert found == Approved(reference=result.reference)


def test_the_response_to_a_repeated_refund_is_not_its_current_status(account: Account):
    reference = account.paid()
    account.double.refunds_pend = True
    account.acquirer.refund(refund(reference))
    account.double.finish_refund("rfnd_00000000000001")
    assert account.acquirer.refund(refund(reference)) == Approved(reference="rfnd_00000000000001")


def test_a_refund_that_the_bank_cannot_process_is_declined(account: Account):
    reference = account.paid()
    account.double.refunds_pend = True
    account.acquirer.refund(refund(reference))
    account.double.finish_refund("rfnd_00000000000001", "failed")
    result = account.acquirer.refund_status(refund(reference), "rfnd_00000000000001")
    assert isinstance(result, Declined)


def test_too_little_balance_is_no_decline_and_needs_attention(account: Account, caplog):
    reference = account.paid()
    account.double.balance = 0
    assert account.acquirer.refund(refund(reference)) == Unknown()
    assert account.acquirer.refund_status(refund(reference), None) is None
    assert len(attention(caplog)) == 1
    account.double.balance = None
    assert isinstance(account.acquirer.refund(refund(reference)), Approved)


def test_a_dispute_is_no_decline_and_needs_attention(account: Account, caplog):
    reference = account.paid()
    account.double.disputed = {reference}
    assert account.acquirer.refund(refund(reference)) == Unknown()
    assert len(attention(caplog)) == 1


def test_a_payment_that_was_refunded_elsewhere_cannot_be_refunded(account: Account):
    reference = account.paid()
    account.acquirer.refund(refund(reference, 40_000, key="refund:rfnd_in_the_dashboard"))
    assert isinstance(account.acquirer.refund(refund(reference)), Declined)
    assert isinstance(account.acquirer.refund(refund(reference, 10_000)), Approved)


def test_an_old_payment_cannot_be_refunded(account: Account):
    reference = account.paid()
    account.double.balance = 0
    account.clock.now += REFUNDABLE_FOR
    assert account.acquirer.refund(refund(reference)) == Unknown()
    account.clock.move(seconds=1)
    assert isinstance(account.acquirer.refund(refund(reference)), Declined)


def test_an_amount_that_razorpay_does_not_accept_is_declined(account: Account):
    reference = account.paid()
    assert isinstance(account.acquirer.refund(refund(reference, 99)), Declined)


def test_a_payment_that_was_never_captured_cannot_be_refunded(account: Account):
    reference = account.waiting()
    assert isinstance(account.acquirer.refund(refund(reference)), Declined)


@pytest.mark.parametrize("kind", ["late", "void"])
def test_money_that_the_buyer_has_already_is_returned(account: Account, kind: str):
    reference = account.paid()
    account.acquirer.refund(refund(reference, 50_000, key="refund:rfnd_in_the_dashboard"))
    returned = account.acquirer.refund(refund(reference, 50_000, key=f"{kind}:{PAYMENT_ID}"))
    assert returned == Approved(reference=reference)
    assert account.double.ledger(PAYMENT_ID).returned == 50_000


def test_the_return_of_a_late_approval_names_its_payment(account: Account):
    reference = account.paid()
    account.acquirer.refund(refund(reference, 50_000, key=f"late:{PAYMENT_ID}"))
    assert account.bodies()[-1]["notes"] == {"payment_id": PAYMENT_ID}
    assert account.double.requests[-1].headers["x-refund-idempotency"] == f"late-{PAYMENT_ID}"


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.FAILS, Fault.BUSY])
@pytest.mark.parametrize("reference", [None, "rfnd_00000000000001"])
def test_a_status_without_a_response_is_unknown(account: Account, fault: Fault, reference: str | None):
    payment = account.paid()
    account.double.faults = [fault]
    assert account.acquirer.refund_status(refund(payment), reference) == Unknown()


@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_refused_refund_without_its_reason_is_unknown(account: Account, before: int):
    """The refusal, the list of refunds and the payment are three requests."""
    payment = account.waiting()
    account.double.faults = [*[Fault.NONE] * before, Fault.FAILS]
    assert account.acquirer.refund(refund(payment)) == Unknown()
