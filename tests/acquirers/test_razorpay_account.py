"""Notifications of Razorpay, the check of an account, and the list of its charges."""

import json
from datetime import timedelta

import pytest
import razorpay
from razorpay.errors import SignatureVerificationError

from chalicelib.acquirers.base import AccountError, Charge, InvalidNotificationError, Notification
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.razorpay.adapter import SIGNATURE_HEADER
from chalicelib.acquirers.transport import Response
from chalicelib.domain.money import Money
from chalicelib.domain.signature import hex_signature
from tests.acquirers.razorpay_account import PAYMENT_ID, REFUND_ID, START, Account, charge, refund
from tests.acquirers.razorpay_double import CREDENTIALS, VENDOR_TEXT, WEBHOOK_SECRET, Fault, Json

BODY = b'{"event": "payment.captured", "payload": {}}'


@pytest.fixture
def account() -> Account:
    return Account()


def parsed(account: Account, payload: object, event: str = "payment.captured") -> Notification:
    """The notification with this payload and a valid signature."""
    body = json.dumps({"entity": "event", "event": event, "payload": payload}).encode()
    return received(account, body, hex_signature(WEBHOOK_SECRET, body))


def received(account: Account, body: bytes, signature: str) -> Notification:
    return account.acquirer.parse_notification({SIGNATURE_HEADER: signature}, body)


def noting(notes: object) -> Json:
    return {"entity": {"id": "x_1", "notes": notes}}


def test_each_notification_names_the_payment_or_the_refund(account: Account):
    reference = account.paid()
    account.acquirer.refund(refund(reference))
    names = {json.loads(body)["event"] for _, body in account.double.outbox}
    assert names >= {"payment.authorized", "payment.captured", "order.paid", "refund.processed"}
    for headers, body in account.double.outbox:
        found = account.acquirer.parse_notification(headers, body)
        is_refund = b'"event": "refund.' in body
        assert found == Notification(payment_ids=(PAYMENT_ID,), refund_ids=(REFUND_ID,) if is_refund else ())


def test_the_official_client_verifies_the_notifications_of_the_double(account: Account):
    account.paid()
    assert account.double.outbox
    for headers, body in account.double.outbox:
        signature = headers[SIGNATURE_HEADER]
        assert razorpay.Utility().verify_webhook_signature(body.decode(), signature, WEBHOOK_SECRET)


@pytest.mark.parametrize(
    ("signature", "is_valid"),
    [
        (hex_signature(WEBHOOK_SECRET, BODY), True),
        (hex_signature(WEBHOOK_SECRET, BODY + b" "), False),
        (hex_signature("another secret", BODY), False),
        (hex_signature(WEBHOOK_SECRET, BODY).upper(), False),
        ("", False),
    ],
)
def test_the_adapter_accepts_the_signatures_that_the_official_client_accepts(
    account: Account, signature: str, is_valid: bool
):
    verify = razorpay.Utility().verify_webhook_signature
    if is_valid:
        assert verify(BODY.decode(), signature, WEBHOOK_SECRET)
        assert received(account, BODY, signature) == Notification()
    else:
        with pytest.raises(SignatureVerificationError):
            verify(BODY.decode(), signature, WEBHOOK_SECRET)
        with pytest.raises(InvalidNotificationError):
            received(account, BODY, signature)


def test_a_signature_that_is_not_ascii_is_invalid(account: Account):
    with pytest.raises(InvalidNotificationError):
        received(account, BODY, "\N{SNOWMAN}")
    with pytest.raises(InvalidNotificationError):
        account.acquirer.parse_notification({}, BODY)


def test_a_replaced_secret_is_valid_until_its_end():
    until = START + timedelta(hours=1)
    replaced = {"previous_webhook_secret": "old secret", "previous_webhook_secret_until": until.isoformat()}
    account = Account(credentials={**CREDENTIALS, **replaced})
    for secret in ("old secret", WEBHOOK_SECRET):
        assert received(account, BODY, hex_signature(secret, BODY)) == Notification()
    account.clock.move(hours=1)
    assert received(account, BODY, hex_signature(WEBHOOK_SECRET, BODY)) == Notification()
    with pytest.raises(InvalidNotificationError):
        received(account, BODY, hex_signature("old secret", BODY))


def test_without_a_secret_no_notification_is_valid():
    account = Account(credentials={"key_id": "k", "key_secret": "s"})
    with pytest.raises(InvalidNotificationError):
        received(account, BODY, hex_signature("", BODY))


@pytest.mark.parametrize(
    "payload",
    [
        {"payment": noting([])},
        {"payment": noting(None)},
        {"payment": noting({})},
        {"payment": noting({"payment_id": ["pay_1"]})},
        {"payment": {"entity": {}}},
        {"payment.downtime": {"entity": {"id": "down_1", "status": "started"}}},
        {},
    ],
)
def test_an_object_without_an_id_of_the_gateway_names_nothing(account: Account, payload: object):
    assert parsed(account, payload) == Notification()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"payload": {"payment": 1}}', b'{"payload": []}'])
def test_a_signed_body_of_an_unknown_form_is_accepted(account: Account, body: bytes, caplog):
    """Razorpay would disable the URL after a day of errors."""
    assert received(account, body, hex_signature(WEBHOOK_SECRET, body)) == Notification()
    assert [one.message for one in caplog.records] == ["acquirer notification has an unknown form"]


def test_the_check_of_an_account_needs_one_request(account: Account):
    assert account.acquirer.check_account() == ("Razorpay accepts the API key, which is for test payments.")
    assert account.asked() == ["GET /v1/payments?count=1"]


def test_the_check_of_an_account_shows_whether_payments_are_live():
    account = Account(credentials={**CREDENTIALS, "key_id": "rzp_live_1"})
    account.double.faults = [Response(status=200, headers={}, body=b'{"items": []}')]
    assert account.acquirer.check_account().endswith("for live payments.")


def test_a_wrong_key_is_an_error_for_the_operator():
    account = Account(credentials={**CREDENTIALS, "key_secret": "wrong"})
    with pytest.raises(AccountError, match="check key_id and key_secret"):
        account.acquirer.check_account()


def test_an_account_without_credentials_is_not_checked():
    account = Account(credentials={"webhook_secret": "s"})
    with pytest.raises(CredentialsError):
        account.acquirer.check_account()
    assert account.double.requests == []


def test_charges_are_listed_with_the_id_of_their_payment(account: Account):
    failed, approved, refunded = account.waiting(), account.waiting(), account.waiting()
    account.double.decline(failed)
    account.double.approve(approved)
    account.double.approve(refunded)
    account.acquirer.refund(refund(refunded, 50_000))
    account.double.payments[failed]["notes"] = []
    found = list(account.acquirer.list_charges(START, START + timedelta(seconds=1)))
    money = Money(50_000, "INR")
    assert found == [
        Charge(reference=refunded, payment_id=PAYMENT_ID, money=money, is_approved=True, created_at=START),
        Charge(reference=approved, payment_id=PAYMENT_ID, money=money, is_approved=True, created_at=START),
        Charge(reference=failed, payment_id=None, money=money, is_approved=False, created_at=START),
    ]


def test_the_list_of_charges_has_a_first_and_no_last_moment(account: Account):
    account.waiting()
    second = timedelta(seconds=1)
    assert list(account.acquirer.list_charges(START - second, START)) == []
    assert len(list(account.acquirer.list_charges(START, START + second))) == 1
    assert list(account.acquirer.list_charges(START + second, START + 2 * second)) == []


def test_the_list_of_charges_has_pages(account: Account):
    for number in range(250):
        account.acquirer.authorize(charge(idempotency_key=f"charge:pay_{number}"))
    account.double.requests.clear()
    found = account.acquirer.list_charges(START, START + timedelta(seconds=1))
    assert {one.payment_id for one in found} == {f"pay_{number}" for number in range(250)}
    assert [one.partition("skip=")[2] for one in account.asked()] == ["0", "100", "200"]


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.FAILS, Fault.BUSY])
def test_a_list_without_a_response_is_an_error(account: Account, fault: Fault):
    for number in range(150):
        account.acquirer.authorize(charge(idempotency_key=f"charge:pay_{number}"))
    account.double.faults = [Fault.NONE, fault]
    with pytest.raises(AccountError) as raised:
        list(account.acquirer.list_charges(START, START + timedelta(seconds=1)))
    assert VENDOR_TEXT not in str(raised.value)
