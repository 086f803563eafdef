"""The adapter of Stripe: each operation and status, and what a buyer, a bank or an operator can do."""

import io
import json
from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import stripe
from stripe.params import (
    PaymentIntentCreateParams,
    PaymentMethodCreateParams,
    RefundCreateParams,
    RefundListParams,
)
from stripe.params.checkout import SessionCreateParams

from chalicelib.acquirers.base import (
    AccountError,
    AcquirerUnavailableError,
    ActionRequired,
    Approved,
    AuthorizeRequest,
    CardNumbersRefusedError,
    Declined,
    Pending,
    RefundRequest,
    Unknown,
)
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.stripe.adapter import StripeAcquirer
from chalicelib.acquirers.stripe.api import API_VERSION
from chalicelib.acquirers.stripe.results import ACTION_LIFE
from chalicelib.acquirers.transport import Request, Response
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.errors import ExpiredCardError, InvalidCardError
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import PAGE_TOKEN, Authentication, Card, CardEntry
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.payment import CaptureMode
from tests.acquirers.conftest import FakeClock, credentials_of
from tests.acquirers.stripe_account import CHALLENGED, FAILING_REFUND, PENDING_REFUND, PROCESSING
from tests.acquirers.stripe_double import SECRET_KEY, Fault, StripeDouble

RETURN_URL = "https://api.example/api/v1/payments/pay_1/return"
KNOWN = {"secret_key": SECRET_KEY, "webhook_secret": "whsec_1", "card_numbers": "allowed"}
CHARGE = AuthorizeRequest(
    idempotency_key="charge:pay_1",
    method=PaymentMethod.CARD,
    token="pm_card_visa",
    money=Money(50_000, "INR"),
    return_url=RETURN_URL,
)
MANUAL = replace(CHARGE, capture_mode=CaptureMode.MANUAL)
PAGE = replace(CHARGE, token=PAGE_TOKEN)
CARD = Card("4242424242424242", "123", 12, 2030, "Asha Rao")


@pytest.fixture
def double(clock: FakeClock) -> StripeDouble:
    return StripeDouble(clock=clock)


@pytest.fixture
def acquirer(double: StripeDouble, clock: FakeClock) -> StripeAcquirer:
    return acquirer_with(KNOWN, double, clock)


def acquirer_with(known: dict[str, str] | None, transport: Any, clock: FakeClock) -> StripeAcquirer:
    return StripeAcquirer(transport=transport, credentials=credentials_of(known, clock), clock=clock)


def refund_of(reference: str, amount: int = 10_000, key: str = "refund:rfnd_1") -> RefundRequest:
    return RefundRequest(
        idempotency_key=key, payment_reference=reference, token="pm_card_visa", money=Money(amount, "INR")
    )


def approved(acquirer: StripeAcquirer, request: AuthorizeRequest = CHARGE) -> str:
    result = acquirer.authorize(request)
    assert isinstance(result, Approved)
    return result.reference


class Canned:
    """A transport with one response for every request."""

    def __init__(self, status: int, body: bytes) -> None:
        self.response = Response(status=status, headers={"request-id": "req_canned"}, body=body)

    def send(self, request: Request) -> Response:
        return self.response


# Charges by token


def test_a_token_is_charged_in_one_request(acquirer, double):
    assert acquirer.authorize(CHARGE) == Approved(
        reference="pi_1", authentication=Authentication.NOT_REQUIRED
    )
    assert [one.kind for one in double.ledger] == ["charge"]
    (request,) = double.requests
    assert (request.method, request.url) == ("POST", "https://api.stripe.com/v1/payment_intents")
    assert request.headers == {
        "Authorization": f"Bearer {SECRET_KEY}",
        "Stripe-Version": "2026-10-28.endive",
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": "charge:pay_1",
    }
    assert request.body == (
        b"amount=50000&currency=inr&confirm=true&payment_method=pm_card_visa"
        b"&allowed_payment_method_types%5B%5D=card&capture_method=automatic&metadata%5Bpayment_id%5D=pay_1"
        b"&expand%5B%5D=latest_charge"
        b"&return_url=https%3A%2F%2Fapi.example%2Fapi%2Fv1%2Fpayments%2Fpay_1%2Freturn"
    )


def test_the_version_is_that_of_the_official_client():
    assert stripe.api_version == API_VERSION


def test_the_official_client_has_every_parameter(acquirer, double):
    reference = approved(acquirer)
    acquirer.authorize(replace(PAGE, idempotency_key="charge:pay_2"))
    acquirer.refund(refund_of(reference))
    acquirer.tokenize(CARD)
    typed = {
        "payment_intents": PaymentIntentCreateParams,
        "sessions": SessionCreateParams,
        "refunds": RefundCreateParams,
        "payment_methods": PaymentMethodCreateParams,
    }
    posts = [request for request in double.requests if request.method == "POST"]
    for request in posts:
        known = typed[request.url.rpartition("/")[2]].__annotations__
        sent = {name.partition("[")[0] for name in parse_qs(request.body.decode())}
        assert sent <= set(known), sent - set(known)
    assert len(posts) == len(typed)
    assert {"payment_intent", "limit", "starting_after"} <= set(RefundListParams.__annotations__)


def test_a_manual_charge_reserves_the_money(acquirer, double):
    reference = approved(acquirer, MANUAL)
    assert [one.kind for one in double.ledger] == ["reserve"]
    assert isinstance(acquirer.status(MANUAL, reference), Approved)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_card_chargeDeclined", DeclineCode.CARD_DECLINED),
        ("pm_card_chargeDeclinedInsufficientFunds", DeclineCode.INSUFFICIENT_FUNDS),
        ("pm_card_chargeDeclinedLostCard", DeclineCode.FRAUD_SUSPECTED),
        ("pm_card_chargeDeclinedExpiredCard", DeclineCode.EXPIRED_CARD),
        ("pm_card_chargeDeclinedIncorrectCvc", DeclineCode.INCORRECT_CVC),
        ("pm_card_chargeDeclinedProcessingError", DeclineCode.PROCESSING_ERROR),
    ],
)
def test_a_declined_card_has_the_reason(acquirer, double, token, code):
    result = acquirer.authorize(replace(CHARGE, token=token))
    assert isinstance(result, Declined)
    assert result.code is code
    assert "vendor" not in result.description
    assert double.ledger == []


def test_a_lost_decline_is_repeated_with_the_same_key(acquirer, double):
    double.faults = deque([Fault.LOST_AFTER])
    request = replace(CHARGE, token="pm_card_chargeDeclined")
    assert acquirer.authorize(request) == Unknown()
    assert acquirer.status(request, None) is None
    assert isinstance(acquirer.authorize(request), Declined)


def test_3d_secure_sends_the_buyer_to_the_page_of_the_bank(acquirer, double, clock):
    result = acquirer.authorize(replace(CHARGE, token=CHALLENGED))
    assert isinstance(result, ActionRequired)
    assert result.action.type is ActionType.REDIRECT
    assert result.action.url == "https://hooks.stripe.com/redirect"
    assert result.action.embeddable is False
    assert result.action.expires_at == clock() + ACTION_LIFE
    assert double.intents[result.reference]["next_action"]["redirect_to_url"]["return_url"] == RETURN_URL
    double.authenticate(result.reference, success=True)
    assert acquirer.status(CHARGE, result.reference) == Approved(
        reference=result.reference, authentication=Authentication.AUTHENTICATED
    )


def test_a_failed_authentication_closes_the_charge(acquirer, double):
    reference = acquirer.authorize(replace(CHARGE, token=CHALLENGED)).reference
    double.authenticate(reference, success=False)
    result = acquirer.status(CHARGE, reference)
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.AUTHENTICATION_FAILED
    assert result.authentication is Authentication.FAILED
    assert not double.confirm_with_client_secret(reference, "pm_card_visa")
    assert isinstance(acquirer.status(CHARGE, reference), Declined)


def test_another_card_before_the_failed_charge_is_closed_is_an_approval(acquirer, double):
    reference = acquirer.authorize(replace(CHARGE, token=CHALLENGED)).reference
    double.authenticate(reference, success=False)
    stale = double.get_intent(reference, {})
    assert double.confirm_with_client_secret(reference, "pm_card_visa")
    send, double.send = double.send, None

    def first_stale(request: Request) -> Response:
        double.send = send
        return Response(status=200, headers={}, body=json.dumps(stale).encode())

    double.send = first_stale
    assert isinstance(acquirer.status(CHARGE, reference), Approved)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.ERROR_BEFORE, Fault.LOST_AFTER])
def test_a_failed_charge_is_not_declined_before_it_is_closed(acquirer, double, fault):
    reference = acquirer.authorize(replace(CHARGE, token=CHALLENGED)).reference
    double.authenticate(reference, success=False)
    double.faults = deque([None, fault])
    assert acquirer.status(CHARGE, reference) == Unknown()
    assert isinstance(acquirer.status(CHARGE, reference), Declined)


def test_a_challenge_without_a_page_is_pending_and_then_expires(acquirer, double, clock):
    request = replace(CHARGE, token=CHALLENGED, return_url=None)
    result = acquirer.authorize(request)
    assert result == Pending(reference="pi_1", check_at=clock() + timedelta(seconds=5))
    clock.advance(minutes=20)
    result = acquirer.status(request, "pi_1")
    assert result == Pending(reference="pi_1", check_at=clock() + timedelta(minutes=10))
    clock.advance(minutes=10)
    result = acquirer.status(request, "pi_1")
    assert isinstance(result, ActionRequired)
    assert result.action.expires_at == clock()
    assert isinstance(acquirer.void(request, "pi_1"), Declined)


@pytest.mark.parametrize(("success", "expected"), [(True, Approved), (False, Declined)])
def test_a_charge_in_process_is_checked_with_growing_pauses(acquirer, double, clock, success, expected):
    request = replace(CHARGE, token=PROCESSING)
    result = acquirer.authorize(request)
    assert result == Pending(reference="pi_1", check_at=clock() + timedelta(seconds=5))
    clock.advance(minutes=2)
    assert acquirer.status(request, "pi_1") == Pending(
        reference="pi_1", check_at=clock() + timedelta(minutes=2)
    )
    clock.advance(days=1)
    assert acquirer.status(request, "pi_1").check_at == clock() + timedelta(minutes=15)
    double.finish("pi_1", success=success)
    assert isinstance(acquirer.status(request, "pi_1"), expected)


@pytest.mark.parametrize(
    "request_",
    [
        replace(CHARGE, money=Money(50_000, "XAG")),
        replace(CHARGE, money=Money(12_345, "CLF")),
        replace(CHARGE, money=Money(1, "MGA")),
    ],
)
def test_an_amount_that_stripe_cannot_express_is_declined_without_a_request(acquirer, double, log, request_):
    result = acquirer.authorize(request_)
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.PROCESSING_ERROR
    assert double.requests == []
    assert "acquirer needs attention" in log.getvalue()


@pytest.mark.parametrize(
    "request_",
    [
        replace(CHARGE, money=Money(50_000, "ZAR")),
        replace(CHARGE, token="pm_unknown"),
        replace(CHARGE, money=Money(10**9, "INR")),
        replace(PAGE, money=Money(50_000, "ZAR")),
        replace(PAGE, return_url=None),
    ],
)
def test_a_refused_request_is_declined_with_an_alarm(acquirer, log, request_):
    result = acquirer.authorize(request_)
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.PROCESSING_ERROR
    assert "acquirer needs attention" in log.getvalue()
    assert "4242" not in log.getvalue()


def test_a_used_token_is_not_a_decline(acquirer, double, clock, log):
    double.has_search = False
    request = replace(CHARGE, token=acquirer.tokenize(CARD))
    double.faults = deque([Fault.LOST_AFTER])
    assert acquirer.authorize(request) == Unknown()
    clock.advance(hours=25)
    assert acquirer.status(request, None) is None
    assert acquirer.authorize(request) == Unknown()
    assert double.charges("pay_1") == 1
    assert "acquirer needs attention" in log.getvalue()


def test_other_parameters_for_the_same_key_are_not_a_decline(acquirer, double, log):
    approved(acquirer)
    assert acquirer.authorize(replace(CHARGE, money=Money(1_000, "INR"))) == Unknown()
    assert "idempotency_error" in log.getvalue()
    assert double.charges("pay_1") == 1


def test_a_charge_without_a_reference_is_found(acquirer, double, clock):
    double.faults = deque([Fault.LOST_AFTER])
    assert acquirer.authorize(CHARGE) == Unknown()
    assert acquirer.status(CHARGE, None) is None  # not in the index yet
    clock.advance(minutes=2)
    assert isinstance(acquirer.status(CHARGE, None), Approved)
    assert acquirer.status(replace(CHARGE, idempotency_key="charge:pay_other"), None) is None


def test_an_unknown_reference_is_never_charged_again(acquirer, log):
    assert acquirer.status(CHARGE, "pi_of_another_account") == Unknown()
    assert "resource_missing" in log.getvalue()


# Stripe's page


def test_a_page_is_opened_and_paid(acquirer, double, clock):
    result = acquirer.authorize(PAGE)
    assert isinstance(result, ActionRequired)
    assert result.reference == "cs_test_1"
    assert result.action.url == "https://checkout.stripe.com/c/pay/cs_test_1"
    assert result.action.expires_at == clock() + ACTION_LIFE
    sent = parse_qs(double.requests[0].body.decode())
    assert sent["success_url"] == sent["cancel_url"] == [RETURN_URL]
    assert sent["client_reference_id"] == ["pay_1"]
    intent = double.pay("cs_test_1", "pm_card_visa")
    assert acquirer.status(PAGE, "cs_test_1") == Approved(
        reference=intent, authentication=Authentication.NOT_REQUIRED
    )
    assert [one.payment_id for one in double.ledger] == ["pay_1"]


def test_the_page_accepts_another_card_after_a_decline(acquirer, double, clock):
    acquirer.authorize(PAGE)
    double.pay("cs_test_1", "pm_card_chargeDeclined")
    clock.advance(minutes=2)
    assert isinstance(acquirer.status(PAGE, "cs_test_1"), ActionRequired)
    assert acquirer.status(PAGE, None) is None  # the declined card is not the result of the page
    double.pay("cs_test_1", "pm_card_visa")
    assert isinstance(acquirer.status(PAGE, "cs_test_1"), Approved)
    assert isinstance(acquirer.status(PAGE, None), Approved)


def test_a_reserved_payment_of_a_page_is_approved_and_captured(acquirer, double):
    request = replace(PAGE, capture_mode=CaptureMode.MANUAL)
    acquirer.authorize(request)
    intent = double.pay("cs_test_1", "pm_card_visa")
    result = acquirer.status(request, "cs_test_1")
    assert isinstance(result, Approved)
    assert acquirer.capture(request, result.reference) == result
    assert [one.kind for one in double.ledger] == ["reserve", "capture"]
    assert intent == result.reference


def test_a_page_is_pending_while_the_bank_decides(acquirer, double):
    acquirer.authorize(PAGE)
    intent = double.pay("cs_test_1", PROCESSING)
    assert isinstance(acquirer.status(PAGE, "cs_test_1"), Pending)
    assert acquirer.void(PAGE, "cs_test_1") == Unknown()
    double.finish(intent, success=True)
    assert isinstance(acquirer.status(PAGE, "cs_test_1"), Approved)


def test_repeated_requests_open_one_page(acquirer, double, clock):
    first = acquirer.authorize(PAGE)
    clock.advance(hours=1)
    assert acquirer.authorize(PAGE) == first
    assert len(double.sessions) == 1


def test_an_expired_page_is_declined(acquirer, clock):
    acquirer.authorize(PAGE)
    clock.advance(hours=24)
    result = acquirer.status(PAGE, "cs_test_1")
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.EXPIRED


def test_voiding_a_page_expires_it(acquirer, double):
    acquirer.authorize(PAGE)
    double.pay("cs_test_1", "pm_card_chargeDeclined")
    assert isinstance(acquirer.void(PAGE, "cs_test_1"), Declined)
    assert double.sessions["cs_test_1"]["status"] == "expired"
    assert isinstance(acquirer.void(PAGE, "cs_test_1"), Declined)
    assert double.ledger == []


def test_voiding_a_paid_page_returns_the_approval(acquirer, double):
    acquirer.authorize(PAGE)
    intent = double.pay("cs_test_1", "pm_card_visa")
    result = acquirer.void(PAGE, "cs_test_1")
    assert isinstance(result, Approved)
    assert result.reference == intent


def test_voiding_a_page_with_reserved_money_releases_it(acquirer, double):
    request = replace(PAGE, capture_mode=CaptureMode.MANUAL)
    acquirer.authorize(request)
    double.pay("cs_test_1", "pm_card_visa")
    assert isinstance(acquirer.void(request, "cs_test_1"), Declined)
    assert [one.kind for one in double.ledger] == ["reserve", "release"]


def test_a_page_on_which_the_buyer_authenticates_is_not_expired(acquirer, double, log):
    acquirer.authorize(PAGE)
    double.pay("cs_test_1", CHALLENGED)
    assert acquirer.void(PAGE, "cs_test_1") == Unknown()
    assert "the page is not expired" in log.getvalue()


# Captures and voids


def test_a_capture_is_approved_any_number_of_times(acquirer, double):
    reference = approved(acquirer, MANUAL)
    for _ in range(2):
        assert isinstance(acquirer.capture(MANUAL, reference), Approved)
    assert [one.kind for one in double.ledger] == ["reserve", "capture"]


def test_a_void_is_confirmed_any_number_of_times_and_prevents_the_capture(acquirer, double):
    reference = approved(acquirer, MANUAL)
    for _ in range(2):
        assert isinstance(acquirer.void(MANUAL, reference), Declined)
    assert isinstance(acquirer.capture(MANUAL, reference), Declined)
    assert [one.kind for one in double.ledger] == ["reserve", "release"]


def test_a_void_of_captured_money_returns_the_approval(acquirer):
    reference = approved(acquirer, MANUAL)
    acquirer.capture(MANUAL, reference)
    assert isinstance(acquirer.void(MANUAL, reference), Approved)


def test_a_void_of_a_challenge_cancels_it(acquirer, double):
    reference = acquirer.authorize(replace(CHARGE, token=CHALLENGED)).reference
    result = acquirer.void(CHARGE, reference)
    assert isinstance(result, Declined)
    assert result.code is DeclineCode.EXPIRED
    assert double.intents[reference]["status"] == "canceled"


def test_a_void_of_a_charge_in_process_is_unknown(acquirer, log):
    reference = acquirer.authorize(replace(MANUAL, token=PROCESSING)).reference
    assert acquirer.void(MANUAL, reference) == Unknown()
    assert "payment_intent_unexpected_state" in log.getvalue()


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.ERROR_AFTER, Fault.LOST_BEFORE])
def test_a_lost_capture_is_confirmed_later(acquirer, double, fault):
    reference = approved(acquirer, MANUAL)
    double.faults = deque([fault])
    assert acquirer.capture(MANUAL, reference) == Unknown()
    assert isinstance(acquirer.capture(MANUAL, reference), Approved)
    assert [one.kind for one in double.ledger] == ["reserve", "capture"]


# Refunds


def test_partial_refunds_are_approved(acquirer, double):
    reference = approved(acquirer)
    first = acquirer.refund(refund_of(reference))
    second = acquirer.refund(refund_of(reference, key="refund:rfnd_2"))
    assert isinstance(first, Approved)
    assert isinstance(second, Approved)
    assert first.reference != second.reference
    assert double.refunded("pay_1") == 20_000


def test_a_lost_refund_is_not_repeated_after_the_key_is_forgotten(acquirer, double, clock):
    reference = approved(acquirer)
    double.faults = deque([None, Fault.LOST_AFTER])
    assert acquirer.refund(refund_of(reference)) == Unknown()
    clock.advance(hours=25)
    assert isinstance(acquirer.refund(refund_of(reference)), Approved)
    assert double.refunded("pay_1") == 10_000


def test_a_refund_is_found_in_a_long_list(acquirer, double):
    reference = approved(acquirer)
    for number in range(150):
        acquirer.refund(refund_of(reference, amount=100, key=f"refund:rfnd_{number}"))
    assert isinstance(acquirer.refund_status(refund_of(reference, key="refund:rfnd_0"), None), Approved)
    assert acquirer.refund_status(refund_of(reference, key="refund:rfnd_150"), None) is None


@pytest.mark.parametrize(("success", "expected"), [(True, Approved), (False, Declined)])
def test_a_pending_refund_is_settled_later(acquirer, double, success, expected):
    reference = approved(acquirer, replace(CHARGE, token=PENDING_REFUND))
    request = refund_of(reference)
    result = acquirer.refund(request)
    assert isinstance(result, Pending)
    assert isinstance(acquirer.refund_status(request, None), Pending)
    double.settle_refund(result.reference, success=success)
    assert isinstance(acquirer.refund_status(request, result.reference), expected)


def test_a_failed_refund_is_declined(acquirer):
    reference = approved(acquirer, replace(CHARGE, token=FAILING_REFUND))
    assert isinstance(acquirer.refund(refund_of(reference)), Declined)


@pytest.mark.parametrize("case", ["too much", "again", "disputed", "no such amount"])
def test_a_refund_that_stripe_refuses_is_declined_with_an_alarm(acquirer, double, log, case):
    reference = approved(acquirer)
    request = refund_of(reference, key="refund:rfnd_2")
    match case:
        case "too much":
            request = refund_of(reference, amount=50_001)
        case "again":
            acquirer.refund(refund_of(reference, amount=50_000))
        case "disputed":
            double.disputed.add(reference)
        case "no such amount":
            request = replace(request, money=Money(100, "XAG"))
    result = acquirer.refund(request)
    assert isinstance(result, Declined)
    assert "acquirer needs attention" in log.getvalue()


def test_a_refund_of_an_unknown_payment_is_unknown(acquirer):
    assert acquirer.refund(refund_of("pi_other")) == Unknown()
    assert acquirer.refund(replace(refund_of(""), payment_reference=None)) == Unknown()


# Cards


def test_capabilities_are_those_of_cards(acquirer):
    supported = acquirer.capabilities
    assert supported.methods == {PaymentMethod.CARD}
    assert supported.card_entries == set(CardEntry)
    assert supported.idempotent_authorize
    assert supported.lists_charges
    assert supported.capture_period == timedelta(days=7)


def test_a_card_number_becomes_a_token_that_can_be_charged(acquirer, double):
    token = acquirer.tokenize(CARD)
    assert isinstance(acquirer.authorize(replace(CHARGE, token=token)), Approved)
    assert b"card%5Bnumber%5D=4242424242424242&card%5Bexp_month%5D=12" in double.requests[0].body


@pytest.mark.parametrize("value", [None, "refused"])
def test_card_numbers_are_refused_before_any_request(double, clock, value):
    known = {**KNOWN, "card_numbers": value} if value else {"secret_key": SECRET_KEY}
    with pytest.raises(CardNumbersRefusedError):
        acquirer_with(known, double, clock).tokenize(CARD)
    assert double.requests == []


@pytest.mark.parametrize(
    ("number", "error", "field"),
    [
        ("4000000000000069", ExpiredCardError, "card.expiry_year"),
        ("4000000000000127", InvalidCardError, "card.cvv"),
        ("4000000000000010", InvalidCardError, "card.number"),
    ],
)
def test_a_card_that_stripe_does_not_accept_is_invalid(acquirer, number, error, field):
    with pytest.raises(error) as caught:
        acquirer.tokenize(replace(CARD, number=number))
    assert caught.value.field == field


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.BUSY, Fault.ERROR_AFTER])
def test_without_a_response_there_is_no_token(acquirer, double, fault):
    double.faults = deque([fault])
    with pytest.raises(AcquirerUnavailableError):
        acquirer.tokenize(CARD)


def test_an_account_that_may_not_send_card_numbers_is_reported(clock, log):
    body = b'{"error": {"type": "invalid_request_error", "message": "4242424242424242 is unsafe"}}'
    with pytest.raises(CardNumbersRefusedError):
        acquirer_with(KNOWN, Canned(402, body), clock).tokenize(CARD)
    assert "req_canned" in log.getvalue()
    assert "4242" not in log.getvalue()


# The account


def test_the_account_is_checked(acquirer):
    assert acquirer.check_account() == "Stripe accepts the secret key (test mode)."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"key": "sk_other"}, "does not accept the secret key"),
        ({"is_suspended": True}, "does not permit"),
        ({"faults": deque([Fault.LOST_BEFORE])}, "did not respond"),
        ({"faults": deque([Fault.BUSY])}, "status 429"),
    ],
)
def test_an_account_that_stripe_does_not_serve_is_an_error(acquirer, double, change, sentence):
    for name, value in change.items():
        setattr(double, name, value)
    with pytest.raises(AccountError, match=sentence):
        acquirer.check_account()


def test_an_undocumented_balance_is_an_error(clock):
    with pytest.raises(AccountError, match="not as Stripe documents"):
        acquirer_with(KNOWN, Canned(200, b'{"livemode": 7}'), clock).check_account()


def test_charges_are_listed_in_their_time(acquirer, double, clock):
    for number in range(120):
        acquirer.authorize(replace(CHARGE, idempotency_key=f"charge:pay_{number}"))
    since = clock.now
    clock.advance(hours=1)
    acquirer.authorize(
        replace(CHARGE, idempotency_key="charge:pay_late", token=CHALLENGED, money=Money(7, "JPY"))
    )
    before = list(acquirer.list_charges(since, since + timedelta(hours=1)))
    assert [one.payment_id for one in before] == [f"pay_{number}" for number in reversed(range(120))]
    assert all(one.is_approved and one.money == Money(50_000, "INR") for one in before)
    (late,) = acquirer.list_charges(clock.now, clock.now + timedelta(seconds=1))
    assert (late.payment_id, late.is_approved, late.money) == ("pay_late", False, Money(7, "JPY"))
    assert late.created_at == clock.now


def test_a_list_without_a_response_is_an_error(acquirer, double, clock):
    double.faults = deque([Fault.LOST_BEFORE])
    with pytest.raises(AccountError):
        list(acquirer.list_charges(clock.now, clock.now))


@pytest.mark.parametrize(
    "known",
    [
        None,
        {"webhook_secret": "whsec_1"},
        {**KNOWN, "secret_key": "sk_1\r\nX-Header: 1"},
        {**KNOWN, "api_url": "http://stripe.example"},
        {**KNOWN, "api_url": "ftp://127.0.0.1"},
    ],
)
def test_missing_or_unsafe_credentials_send_nothing(double, clock, known):
    acquirer = acquirer_with(known, double, clock)
    with pytest.raises(CredentialsError) as caught:
        acquirer.authorize(CHARGE)
    assert "sk_" not in str(caught.value)
    assert double.requests == []


def test_the_address_of_an_emulator_is_used(clock):
    sent: list[Request] = []

    class Emulator(Canned):
        def send(self, request: Request) -> Response:
            sent.append(request)
            return super().send(request)

    known = {**KNOWN, "api_url": "http://127.0.0.1:8420/"}
    assert acquirer_with(known, Emulator(503, b""), clock).authorize(CHARGE) == Unknown()
    assert [request.url for request in sent] == ["http://127.0.0.1:8420/v1/payment_intents"]


# Responses without a result


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"{}"),
        (200, b'{"id": "pi_1", "status": "unheard_of", "amount": 1, "currency": "inr", "created": 1}'),
        (
            200,
            b'{"id": "pi_1", "status": "requires_confirmation", "amount": 1, "currency": "x", "created": 1}',
        ),
        (200, b"\xff" * 100),
        (200, b"[" * 10_000),
        (302, b""),
        (400, b"<html>"),
        (401, b'{"error": {"type": "invalid_request_error", "message": "Invalid API Key sk_test_of"}}'),
        (402, b'{"error": {"type": "api_error"}}'),
        (403, b"{}"),
        (404, b'{"error": {"type": "invalid_request_error", "message": "Unrecognized request URL"}}'),
        (409, b"{}"),
        (429, b"{}"),
        (500, b"{}"),
        (502, b"<html>Bad gateway</html>"),
    ],
)
def test_a_response_without_a_result_is_unknown(clock, log, status, body):
    acquirer = acquirer_with(KNOWN, Canned(status, body), clock)
    refund = refund_of("pi_1")
    assert acquirer.authorize(CHARGE) == Unknown()
    assert acquirer.authorize(PAGE) == Unknown()
    assert acquirer.status(CHARGE, "pi_1") == Unknown()
    assert acquirer.status(PAGE, "cs_1") == Unknown()
    assert acquirer.capture(CHARGE, "pi_1") == Unknown()
    assert acquirer.void(CHARGE, "pi_1") == Unknown()
    assert acquirer.void(PAGE, "cs_1") == Unknown()
    assert acquirer.refund(refund) == Unknown()
    assert acquirer.refund_status(refund, "re_1") == Unknown()
    assert log.getvalue().count("req_canned") >= 9


def test_wrong_keys_are_unknown_with_an_alarm(acquirer, double, log):
    double.key = "sk_other"
    assert acquirer.authorize(CHARGE) == Unknown()
    assert acquirer.status(CHARGE, None) == Unknown()
    assert "the account is refused" in log.getvalue()


def test_the_log_contains_no_secrets_and_no_text_of_stripe(
    acquirer, double, log, capsys: pytest.CaptureFixture[str]
):
    double.faults = deque([None, None, Fault.GARBLED_AFTER])
    acquirer.authorize(replace(CHARGE, token=acquirer.tokenize(CARD)))
    acquirer.status(CHARGE, None)
    acquirer.authorize(replace(CHARGE, token="pm_4242424242424242", idempotency_key="charge:pay_9"))
    acquirer.status(CHARGE, "pi_4242424242424242")
    written = log.getvalue() + "".join(capsys.readouterr())
    assert "req_" in written
    for secret in (SECRET_KEY, "4242424242424242", "text of the vendor", "Bad gateway", "whsec_1"):
        assert secret not in written


def test_errors_and_requests_do_not_show_the_credentials(acquirer, double):
    acquirer.tokenize(CARD)
    shown = repr(double.requests[0]) + repr(acquirer.credentials)
    assert SECRET_KEY not in shown
    assert CARD.number not in shown


def test_the_log_is_an_event(acquirer, log: io.StringIO):
    acquirer.authorize(replace(CHARGE, token="pm_unknown"))
    (entry,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert entry["message"] == "acquirer needs attention"
    assert entry["codes"] == ["invalid_request_error", "resource_missing", "payment_method"]
    assert entry["request_id"].startswith("req_")
