"""The simulated acquirer in test mode: the VPA names and the cards that force a result."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.acquirers.base import (
    Approved,
    AuthorizeRequest,
    Declined,
    InvalidNotificationError,
    Notification,
    Pending,
    RefundRequest,
    Unknown,
)
from chalicelib.acquirers.credentials import (
    Credentials,
    CredentialsError,
    CredentialStore,
    MerchantCredentials,
)
from chalicelib.acquirers.simulated.adapter import PENDING_FOR, SIGNATURE_HEADER, SimulatedAcquirer
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import parse_card
from chalicelib.domain.money import Money
from chalicelib.domain.signature import hex_signature
from chalicelib.domain.times import iso
from chalicelib.settings import AcquirerSettings

MONEY = Money(50_000, "INR")
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


def acquirer(
    *,
    succeeds: bool = True,
    at: datetime = NOW,
    test_mode: bool = True,
    credentials: MerchantCredentials | None = None,
) -> SimulatedAcquirer:
    settings = AcquirerSettings(
        test_mode=test_mode, test_payment_success=succeeds, upi_success_rate=1.0, card_success_rate=1.0
    )
    return SimulatedAcquirer(settings, lambda: at, credentials=credentials)


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


BODY = b'{"payment_ids": ["pay_1", "pay_2"], "refund_ids": ["rfnd_1"], "status": "success"}'
SIGNED = {SIGNATURE_HEADER: hex_signature("s", BODY)}


@dataclass(frozen=True, kw_only=True)
class Known(CredentialStore):
    """A store with these credentials."""

    credentials: Credentials | None

    def get(self, merchant_id: str, acquirer: str) -> Credentials:
        if self.credentials is None:
            raise CredentialsError
        return self.credentials


def having(credentials: Credentials | None, *, test_mode: bool = True) -> SimulatedAcquirer:
    store = Known(path="", client=lambda service: None, clock=lambda: NOW, credentials=credentials)
    own = MerchantCredentials(store=store, merchant_id="m", acquirer="simulated")
    return acquirer(test_mode=test_mode, credentials=own)


def test_a_notification_with_the_signature_of_the_secret_is_read():
    notification = having({"notification_secret": "s"}).parse_notification(SIGNED, BODY)
    assert notification == Notification(payment_ids=("pay_1", "pay_2"), refund_ids=("rfnd_1",))


@pytest.mark.parametrize(("until", "is_valid"), [(NOW + timedelta(seconds=1), True), (NOW, False)])
def test_the_signature_of_a_replaced_secret_is_valid_until_its_end(until: datetime, is_valid: bool):
    replaced = {"previous_notification_secret": "s", "previous_notification_secret_until": iso(until)}
    having_both = having({"notification_secret": "new", **replaced})
    if is_valid:
        assert having_both.parse_notification(SIGNED, BODY).refund_ids == ("rfnd_1",)
    else:
        with pytest.raises(InvalidNotificationError):
            having_both.parse_notification(SIGNED, BODY)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNATURE_HEADER: ""},
        {SIGNATURE_HEADER: hex_signature("other", BODY)},
        {SIGNATURE_HEADER: "\ud800"},
    ],
)
def test_a_notification_without_the_correct_signature_is_invalid(headers: dict[str, str]):
    with pytest.raises(InvalidNotificationError):
        having({"notification_secret": "s"}).parse_notification(headers, BODY)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"payment_ids": "pay_1"}', b"\xff"])
def test_a_signed_notification_that_cannot_be_read_is_invalid_without_its_text(body: bytes):
    headers = {SIGNATURE_HEADER: hex_signature("s", body)}
    with pytest.raises(InvalidNotificationError) as error:
        having({"notification_secret": "s"}).parse_notification(headers, body)
    assert str(error.value) == ""
    assert error.value.__cause__ is None


def test_outside_test_mode_every_notification_is_invalid():
    with pytest.raises(InvalidNotificationError):
        having({"notification_secret": "s"}, test_mode=False).parse_notification(SIGNED, BODY)


def test_without_a_secret_every_notification_is_invalid():
    unsigned = {SIGNATURE_HEADER: hex_signature("", BODY)}
    for refusing in (having({}), having({"other": "s"}), acquirer()):
        with pytest.raises(InvalidNotificationError):
            refusing.parse_notification(unsigned, BODY)
    with pytest.raises(CredentialsError):
        having(None).parse_notification(unsigned, BODY)
