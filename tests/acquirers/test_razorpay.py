"""Charges at Razorpay: the exact requests, every result, and every response without one."""

import base64
import json
import logging
from datetime import timedelta

import pytest

from chalicelib.acquirers.base import (
    ATTENTION,
    ActionRequired,
    Approved,
    CardNumbersRefusedError,
    Declined,
    Pending,
    Unknown,
)
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.razorpay.values import DECLINES, LINK_LIFE, UNDECIDED_FOR
from chalicelib.acquirers.transport import Response
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import parse_card
from chalicelib.domain.money import Money
from tests.acquirers.razorpay_account import PAYMENT_ID, START, Account, charge
from tests.acquirers.razorpay_double import CREDENTIALS, KEY_ID, KEY_SECRET, VENDOR_TEXT, Fault

LOST = [Fault.LOST, Fault.LOST_AFTER, Fault.FAILS, Fault.FAILS_AFTER, Fault.BUSY]


@pytest.fixture
def account() -> Account:
    return Account()


def response(status: int, body: bytes) -> Response:
    return Response(status=status, headers={"x-razorpay-request-id": "request9"}, body=body)


def attention(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [one for one in caplog.records if one.message == ATTENTION]


def test_it_serves_upi_links_and_needs_a_lease(account: Account):
    capabilities = account.acquirer.capabilities
    assert capabilities.methods == {PaymentMethod.UPI}
    assert capabilities.flows == {UpiFlow.INTENT, UpiFlow.QR}
    assert (capabilities.manual_capture, capabilities.idempotent_authorize) == (False, False)
    assert (capabilities.card_entries, capabilities.lists_charges) == (frozenset(), True)


def test_it_takes_no_cards(account: Account):
    details = {"expiry_month": "12", "expiry_year": "2030", "cvv": "123", "holder_name": "Asha"}
    card = parse_card(number="4111111111111111", **details)
    with pytest.raises(CardNumbersRefusedError):
        account.acquirer.tokenize(card)
    assert account.double.requests == []


def test_a_charge_is_an_order_and_one_payment_of_it(account: Account):
    result = account.acquirer.authorize(charge())
    assert account.asked() == ["POST /v1/orders", "POST /v1/payments/create/upi"]
    order, payment = account.bodies()
    assert order == {
        "amount": 50_000,
        "currency": "INR",
        "receipt": PAYMENT_ID,
        "notes": {"payment_id": PAYMENT_ID},
        "payment": {
            "capture": "automatic",
            "capture_options": {
                "automatic_expiry_period": 12,
                "manual_expiry_period": 7_200,
                "refund_speed": "normal",
            },
        },
    }
    assert payment == {
        "amount": 50_000,
        "currency": "INR",
        "order_id": "order_00000000000001",
        "method": "upi",
        "upi": {"flow": "intent"},
        "notes": {"payment_id": PAYMENT_ID},
        "email": CREDENTIALS["email"],
        "contact": CREDENTIALS["contact"],
    }
    pair = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
    for request in account.double.requests:
        assert request.url.startswith("https://api.razorpay.com/v1/")
        assert request.headers == {"authorization": f"Basic {pair}", "content-type": "application/json"}
    assert isinstance(result, ActionRequired)
    assert result.action.url == account.double.link_of(result.reference)
    assert result.action.expires_at == START + LINK_LIFE


def test_without_an_address_and_a_number_none_are_sent():
    account = Account(credentials={n: v for n, v in CREDENTIALS.items() if n not in {"email", "contact"}})
    account.double.needs_contact = False
    account.waiting()
    assert not {"email", "contact"} & account.bodies()[1].keys()


def test_a_link_that_is_not_a_upi_link_is_not_shown(account: Account, caplog):
    account.double.faults = [
        Fault.NONE,
        response(200, b'{"razorpay_payment_id": "pay_1", "link": "https://evil.example/pay"}'),
    ]
    assert account.acquirer.authorize(charge()) == Unknown()
    assert attention(caplog)[0].codes == ["link"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("before", [0, 1])
def test_without_a_response_the_result_of_a_charge_is_unknown(account: Account, fault: Fault, before: int):
    account.double.faults = [*[Fault.NONE] * before, fault]
    assert account.acquirer.authorize(charge()) == Unknown()
    assert len(account.double.requests) == before + 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_account_is_no_decline_and_needs_attention(account: Account, status: int, caplog):
    account.double.faults = [response(status, b'{"error": {"code": "BAD_REQUEST_ERROR"}}')]
    assert account.acquirer.authorize(charge()) == Unknown()
    assert len(attention(caplog)) == 1


@pytest.mark.parametrize(
    "shown",
    [
        response(200, b"<html>"),
        response(200, b'{"id": "order/../1"}'),
        response(400, b'{"message": "no Route matched with those values"}'),
        response(302, b""),
    ],
)
def test_an_undocumented_response_is_no_decline_and_needs_attention(
    account: Account, shown: Response, caplog
):
    account.double.faults = [shown]
    assert account.acquirer.authorize(charge()) == Unknown()
    assert len(attention(caplog)) == 1


def test_an_account_without_upi_links_declines_and_needs_attention(account: Account, caplog):
    account.double.s2s_enabled = False
    result = account.acquirer.authorize(charge())
    assert isinstance(result, Declined)
    assert (result.code, result.description) == (
        DeclineCode.PROCESSING_ERROR,
        "Your bank could not process the payment",
    )
    (entry,) = attention(caplog)
    assert (entry.codes, entry.request_id) == (["BAD_REQUEST_ERROR", "NA"], "request2")  # type: ignore[attr-defined]


def test_a_refusal_with_a_known_reason_needs_no_attention(account: Account, caplog):
    body = b'{"error": {"code": "BAD_REQUEST_ERROR", "reason": "payment_risk_check_failed"}}'
    account.double.faults = [Fault.NONE, response(400, body)]
    result = account.acquirer.authorize(charge())
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.FRAUD_SUSPECTED
    assert attention(caplog) == []


def test_an_order_that_is_refused_is_not_paid(account: Account):
    result = account.acquirer.authorize(charge(amount=99))
    assert isinstance(result, Declined)
    assert account.asked() == ["POST /v1/orders"]


def test_other_currencies_are_declined_without_a_request(account: Account, caplog):
    result = account.acquirer.authorize(charge(money=Money(50_000, "USD")))
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.PROCESSING_ERROR
    assert account.double.requests == []
    assert len(attention(caplog)) == 1


@pytest.mark.parametrize("name", ["key_id", "key_secret"])
def test_a_missing_credential_is_an_error_without_a_request(name: str):
    account = Account(credentials={n: v for n, v in CREDENTIALS.items() if n != name})
    with pytest.raises(CredentialsError, match=name):
        account.acquirer.authorize(charge())
    assert account.double.requests == []


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://emulator.example", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://emulator.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://user@evil.example", False),
        ("https://emulator.example/path?", False),
        ("file:///etc/passwd", False),
    ],
)
def test_keys_are_sent_to_another_address_only_if_it_is_safe(url: str, is_safe: bool):
    account = Account(credentials={**CREDENTIALS, "api_url": url})
    if is_safe:
        account.waiting()
        assert account.double.requests[0].url == f"{url}/v1/orders"
    else:
        with pytest.raises(CredentialsError):
            account.acquirer.authorize(charge())
        assert account.double.requests == []


# The status


def test_a_payment_that_waits_is_asked_about_less_often_as_it_gets_older(account: Account):
    reference = account.waiting()
    pauses = []
    for age_s in (0, 6, 30, 300, 719):
        account.clock.now = START + timedelta(seconds=age_s)
        account.double.times_out = False
        result = account.acquirer.status(charge(), reference)
        assert isinstance(result, Pending)
        assert result.reference == reference
        pauses.append((result.check_at - account.clock()).total_seconds())
    assert pauses == [3, 3, 10, 60, 1]


def test_a_payment_that_still_waits_after_its_link_ended_is_declined(account: Account):
    reference = account.waiting()
    account.double.times_out = False
    account.clock.move(seconds=UNDECIDED_FOR.total_seconds())
    result = account.acquirer.status(charge(), reference)
    assert isinstance(result, Declined)
    assert (result.code, result.reference) == (DeclineCode.EXPIRED, reference)


def test_a_payment_that_razorpay_let_time_out_is_expired(account: Account):
    reference = account.waiting()
    account.clock.move(minutes=10)
    result = account.acquirer.status(charge(), reference)
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.EXPIRED


def test_a_captured_payment_is_approved_with_one_request(account: Account):
    reference = account.waiting()
    account.double.approve(reference)
    assert account.acquirer.status(charge(), reference) == Approved(reference=reference)
    assert account.asked()[2:] == [f"GET /v1/payments/{reference}"]


def test_an_authorized_payment_is_captured(account: Account):
    reference = account.waiting()
    account.double.captures = False
    account.double.approve(reference)
    assert account.acquirer.status(charge(), reference) == Approved(reference=reference)
    assert account.asked()[3:] == [f"POST /v1/payments/{reference}/capture"]
    assert account.bodies()[-1] == {"amount": 50_000, "currency": "INR"}
    assert account.double.payments[reference]["status"] == "captured"


def test_a_payment_whose_capture_is_refused_is_asked_about_again(account: Account):
    reference = account.waiting()
    account.double.captures = False
    account.double.approve(reference)
    refused = response(400, b'{"error": {"code": "BAD_REQUEST_ERROR"}}')
    account.double.faults = [Fault.NONE, refused]
    assert isinstance(account.acquirer.status(charge(), reference), Pending)


def test_a_capture_without_a_response_is_unknown_and_then_found(account: Account):
    reference = account.waiting()
    account.double.captures = False
    account.double.approve(reference)
    account.double.faults = [Fault.NONE, Fault.LOST_AFTER]
    assert account.acquirer.status(charge(), reference) == Unknown()
    assert account.acquirer.status(charge(), reference) == Approved(reference=reference)


@pytest.mark.parametrize(("reason", "code"), DECLINES.items())
def test_each_known_reason_has_a_code(account: Account, reason: str, code: DeclineCode):
    reference = account.waiting()
    account.double.decline(reference, reason)
    result = account.acquirer.status(charge(), reference)
    assert isinstance(result, Declined)
    assert (result.code, result.reference) == (code, reference)
    assert VENDOR_TEXT not in result.description


@pytest.mark.parametrize(
    ("error_code", "code"),
    [
        ("BAD_REQUEST_ERROR", DeclineCode.CARD_DECLINED),
        ("GATEWAY_ERROR", DeclineCode.PROCESSING_ERROR),
        ("SERVER_ERROR", DeclineCode.PROCESSING_ERROR),
    ],
)
def test_an_unknown_reason_has_the_code_of_its_class(account: Account, error_code: str, code: DeclineCode):
    reference = account.waiting()
    account.double.decline(reference, "a_new_reason", error_code)
    result = account.acquirer.status(charge(), reference)
    assert isinstance(result, Declined)
    assert result.code is code


def test_a_refunded_payment_was_approved(account: Account):
    reference = account.paid()
    account.double.payments[reference]["status"] = "refunded"
    assert account.acquirer.status(charge(), reference) == Approved(reference=reference)


def test_a_payment_that_razorpay_returned_before_its_capture_is_declined(account: Account):
    reference = account.waiting()
    account.double.captures = False
    account.double.approve(reference)
    account.clock.move(days=5)
    result = account.acquirer.status(charge(), reference)
    assert isinstance(result, Declined)
    assert account.double.ledger(PAYMENT_ID).returned == 50_000


def test_a_failed_payment_can_be_approved_later(account: Account):
    reference = account.waiting()
    account.clock.move(minutes=10)
    assert isinstance(account.acquirer.status(charge(), reference), Declined)
    account.clock.move(minutes=10)
    assert account.double.approve_late(reference)
    assert account.double.payments[reference]["status"] == "authorized"
    assert account.acquirer.status(charge(), reference) == Approved(reference=reference)


def test_without_a_payment_the_charge_is_not_known(account: Account):
    assert account.acquirer.status(charge(), None) is None
    account.double.faults = [Fault.NONE, Fault.LOST]
    account.acquirer.authorize(charge())
    assert account.acquirer.status(charge(), None) is None
    assert account.asked() == [
        f"GET /v1/orders?receipt={PAYMENT_ID}&count=100&skip=0",
        "POST /v1/orders",
        "POST /v1/payments/create/upi",
        f"GET /v1/orders?receipt={PAYMENT_ID}&count=100&skip=0",
        "GET /v1/orders/order_00000000000001/payments",
    ]


def test_a_payment_without_a_known_reference_is_found_by_the_receipt(account: Account):
    account.double.faults = [Fault.NONE, Fault.LOST_AFTER]
    assert account.acquirer.authorize(charge()) == Unknown()
    result = account.acquirer.status(charge(), None)
    assert isinstance(result, Pending)
    assert result.reference == "pay_00000000000001"


def test_the_receipt_of_another_payment_does_not_count(account: Account):
    account.acquirer.authorize(charge(idempotency_key=f"charge:{PAYMENT_ID}2"))
    order = account.double.orders["order_00000000000001"]
    account.double.faults = [response(200, f'{{"items": [{json.dumps(order)}]}}'.encode())]
    assert account.acquirer.status(charge(), None) is None


@pytest.mark.parametrize(
    "statuses", [["failed", "captured"], ["captured", "failed"], ["created", "captured"]]
)
def test_the_payment_with_the_most_progress_decides(account: Account, statuses: list[str]):
    for _ in statuses:
        account.waiting()
    for payment, status in zip(account.double.payments.values(), statuses, strict=True):
        payment["status"] = status
    best = f"pay_{statuses.index('captured') + 1:014}"
    assert account.acquirer.status(charge(), None) == Approved(reference=best)


def test_a_charge_with_many_orders_is_found(account: Account):
    account.waiting()
    for _ in range(100):
        account.double.faults = [Fault.NONE, Fault.FAILS]
        account.acquirer.authorize(charge())
    result = account.acquirer.status(charge(), None)
    assert isinstance(result, Pending)


@pytest.mark.parametrize("fault", [*LOST, response(404, b'{"error": {"code": "BAD_REQUEST_ERROR"}}')])
@pytest.mark.parametrize("reference", [None, "pay_00000000000001"])
def test_a_status_without_a_response_is_unknown(
    account: Account, fault: Fault | Response, reference: str | None
):
    account.waiting()
    account.double.faults = [fault]
    assert account.acquirer.status(charge(), reference) == Unknown()


def test_an_unknown_status_is_no_decline_and_needs_attention(account: Account, caplog):
    reference = account.waiting()
    account.double.payments[reference]["status"] = "a_new_status"
    assert account.acquirer.status(charge(), reference) == Unknown()
    assert attention(caplog)[0].codes == ["status"]  # type: ignore[attr-defined]


def test_a_void_returns_the_result_of_the_charge_and_cancels_nothing(account: Account):
    reference = account.waiting()
    assert isinstance(account.acquirer.void(charge(), reference), Pending)
    account.double.approve(reference)
    assert account.acquirer.void(charge(), reference) == Approved(reference=reference)
    assert account.acquirer.capture(charge(), reference) == Approved(reference=reference)


def test_logs_contain_codes_and_the_id_of_the_request_and_no_secret_or_text(account: Account, caplog):
    caplog.set_level(logging.DEBUG)
    reference = account.waiting()
    account.double.s2s_enabled = False
    account.acquirer.authorize(charge())
    account.double.decline(reference)
    account.acquirer.status(charge(), reference)
    account.double.payments[reference]["status"] = VENDOR_TEXT
    account.acquirer.status(charge(), reference)
    logged = repr([vars(one) for one in caplog.records])
    assert "request" in logged
    assert not [one for one in (VENDOR_TEXT, KEY_ID, *CREDENTIALS.values()) if one in logged]
