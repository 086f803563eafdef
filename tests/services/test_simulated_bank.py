"""The simulated acquirer with a bank: challenges of cards and UPI links, from the payment to its outcome."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.acquirers.base import ActionRequired, Approved, AuthorizeRequest, Declined
from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.acquirers.simulated.bank import SimulatedBank
from chalicelib.domain.clock import utc_now
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentDetails, PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import Authentication, parse_card
from chalicelib.domain.methods.upi import UpiLink
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.simulated_charge import BuyerAnswer, ChargeOutcome
from chalicelib.jobs.messages import ProcessPayment, decode
from chalicelib.services.payments import LATE_CHECK
from chalicelib.settings import AcquirerSettings
from tests.cloud import Cloud
from tests.services.shop import feed, order, pay

API_URL = "https://api.example/gateway"
RIGHT, WRONG = BuyerAnswer(approves=True, code="1234"), BuyerAnswer(approves=True, code="4321")
APPROVE, DECLINE = BuyerAnswer(approves=True), BuyerAnswer(approves=False)
CHALLENGE, CHALLENGE_DECLINED = "4000002760003184", "4000008400001629"
CHALLENGE_WITHOUT_MONEY, CHALLENGE_PAGE = "4000008260003178", "4000000000003220"
FRICTIONLESS, ATTEMPTED = "4000000000003055", "4000000000003097"


def acquirer_of(cloud: Cloud, *, test_mode: bool = True, challenges: float = 0.0) -> SimulatedAcquirer:
    settings = AcquirerSettings(
        test_mode=test_mode,
        test_payment_success=False,  # a test value overrides it
        upi_success_rate=0.0,
        card_success_rate=1.0,
        card_challenge_rate=challenges,
    )
    bank = SimulatedBank(charges=cloud.gateway.bank.charges, api_url=API_URL, clock=utc_now)
    return SimulatedAcquirer(settings, utc_now, bank)


@pytest.fixture
def acquirer(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> SimulatedAcquirer:
    """The acquirer of the gateway in ``cloud``."""
    simulated = acquirer_of(cloud)
    for name in ("tokenize", "authorize", "status", "void", "refund"):
        monkeypatch.setattr(cloud.acquirer, name, getattr(simulated, name))
    return simulated


def card_request(acquirer: SimulatedAcquirer, number: str, *, key: str = "charge:pay_1") -> AuthorizeRequest:
    card = parse_card(number=number, expiry_month="12", expiry_year="2030", cvv="737", holder_name="Asha Rao")
    token = acquirer.tokenize(card)
    assert number not in token
    return AuthorizeRequest(
        idempotency_key=key, method=PaymentMethod.CARD, token=token, money=Money(49_900, "INR")
    )


def link_request(amount: int = 49_900, *, key: str = "charge:pay_1") -> AuthorizeRequest:
    return AuthorizeRequest(
        idempotency_key=key,
        method=PaymentMethod.UPI,
        token="",
        money=Money(amount, "INR"),
        flow=UpiFlow.QR,
    )


def required(acquirer: SimulatedAcquirer, request: AuthorizeRequest) -> ActionRequired:
    result = acquirer.authorize(request)
    assert isinstance(result, ActionRequired)
    return result


def pay_by(cloud: Cloud, details: PaymentDetails, *, amount: int = 49_900) -> Payment:
    """A payment that the acquirer has received."""
    payment = pay(cloud, of=order(cloud, amount=amount), details=details)
    cloud.run(for_s=11)
    return cloud.gateway.payments.get(payment.id)


def pay_by_link(cloud: Cloud, *, amount: int = 49_900) -> Payment:
    return pay_by(cloud, UpiLink(UpiFlow.QR), amount=amount)


def pay_by_card(cloud: Cloud, number: str) -> Payment:
    details = parse_card(
        number=number, expiry_month="12", expiry_year="2030", cvv="737", holder_name="Asha Rao"
    )
    return pay_by(cloud, details)


def shown(cloud: Cloud, payment: Payment) -> Payment:
    return cloud.gateway.payments.get(payment.id)


def answer(cloud: Cloud, payment: Payment, *answers: BuyerAnswer) -> None:
    """The buyer answers the action of the payment, and what is due now is done."""
    assert payment.acquirer_reference
    for attempt, given in enumerate(answers):
        numbered = BuyerAnswer(approves=given.approves, code=given.code, attempt=attempt)
        assert cloud.gateway.bank.answer(payment.acquirer_reference, numbered)
    cloud.run()


def test_there_are_links_only_with_a_bank(cloud: Cloud):
    with_bank = acquirer_of(cloud)
    assert with_bank.capabilities.flows == frozenset(UpiFlow)
    without = SimulatedAcquirer(with_bank.settings, utc_now)
    assert without.capabilities.flows == {UpiFlow.COLLECT}
    assert isinstance(without.authorize(card_request(without, CHALLENGE)), Approved)


def test_a_challenge_is_a_page_of_the_bank(cloud: Cloud):
    acquirer = acquirer_of(cloud)
    challenge = required(acquirer, card_request(acquirer, CHALLENGE))
    assert challenge.action.type is ActionType.REDIRECT
    assert challenge.action.url == f"{API_URL}/api/v1/test/bank/{challenge.reference}"
    assert challenge.action.expires_at == utc_now() + timedelta(minutes=10)
    assert challenge.action.embeddable
    page = required(acquirer, card_request(acquirer, CHALLENGE_PAGE, key="charge:pay_2"))
    assert not page.action.embeddable


def test_a_link_has_the_parameters_of_upi_apps_and_a_page_that_acts_as_the_phone(cloud: Cloud):
    waiting = required(acquirer_of(cloud), link_request())
    link = urlsplit(waiting.action.url)
    assert (link.scheme, link.netloc) == ("upi", "pay")
    assert "+" not in link.query, "apps decode only %20"
    assert parse_qs(link.query) == {
        "pa": ["merchant@simulated"],
        "pn": ["Simulated merchant"],
        "tr": [waiting.reference],
        "am": ["499.00"],
        "cu": ["INR"],
    }
    assert waiting.action.simulator_url == f"{API_URL}/api/v1/test/bank/{waiting.reference}"
    assert waiting.action.expires_at == utc_now() + timedelta(minutes=5)


def test_a_repeated_request_creates_one_charge(cloud: Cloud):
    acquirer, request = acquirer_of(cloud), link_request()
    first = required(acquirer, request)
    cloud.time.shift(60)
    assert acquirer.authorize(request) == acquirer.status(request, None) == first
    cloud.gateway.bank.answer(first.reference, APPROVE)
    assert acquirer.authorize(request) == Approved(reference=first.reference)
    assert acquirer.status(link_request(key="charge:pay_2"), None) is None


def test_a_cancelled_charge_stays_cancelled_and_an_approved_one_approved(cloud: Cloud):
    acquirer, request = acquirer_of(cloud), link_request()
    reference = required(acquirer, request).reference
    assert isinstance(acquirer.void(request, reference), Declined)
    charge = cloud.gateway.bank.answer(reference, APPROVE)
    assert charge
    assert charge.outcome is ChargeOutcome.CANCELLED
    assert isinstance(acquirer.status(request, reference), Declined)
    request = link_request(key="charge:pay_2")
    reference = required(acquirer, request).reference
    cloud.gateway.bank.answer(reference, APPROVE)
    assert acquirer.void(request, reference) == Approved(reference=reference)


@pytest.mark.parametrize(
    ("number", "authentication"),
    [
        (FRICTIONLESS, Authentication.AUTHENTICATED),
        (ATTEMPTED, Authentication.ATTEMPTED),
        ("4111111111111111", Authentication.NOT_REQUIRED),
    ],
)
def test_a_card_without_a_challenge_is_approved_with_its_authentication(
    cloud: Cloud, number: str, authentication: Authentication
):
    acquirer = acquirer_of(cloud)
    result = acquirer.authorize(card_request(acquirer, number))
    assert isinstance(result, Approved)
    assert result.authentication is authentication


def test_a_share_of_cards_is_challenged_outside_test_mode(cloud: Cloud):
    all_, none = (acquirer_of(cloud, test_mode=False, challenges=rate) for rate in (1.0, 0.0))
    request = card_request(none, "4111111111111111")
    result = none.authorize(request)
    assert isinstance(result, Approved)
    assert result.authentication is Authentication.NOT_REQUIRED
    cloud.gateway.bank.answer(required(all_, request).reference, RIGHT)
    authenticated = all_.status(request, None)
    assert isinstance(authenticated, Approved)
    assert authenticated.authentication is Authentication.AUTHENTICATED


def test_outside_test_mode_a_link_is_decided_by_the_buyer_and_not_by_its_amount(cloud: Cloud):
    acquirer, request = acquirer_of(cloud, test_mode=False), link_request(50_002)
    reference = required(acquirer, request).reference
    cloud.time.shift(60)
    assert isinstance(acquirer.status(request, reference), ActionRequired)
    cloud.gateway.bank.answer(reference, APPROVE)
    assert isinstance(acquirer.status(request, reference), Approved)


@pytest.mark.usefixtures("acquirer")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (CHALLENGE, None),
        (CHALLENGE_DECLINED, DeclineCode.CARD_DECLINED),
        (CHALLENGE_WITHOUT_MONEY, DeclineCode.INSUFFICIENT_FUNDS),
    ],
)
def test_the_issuer_decides_after_the_authentication_and_the_payment_is_settled_immediately(
    cloud: Cloud, number: str, code: DeclineCode | None
):
    payment = pay_by_card(cloud, number)
    assert payment.next_action
    answer(cloud, payment, WRONG, RIGHT)
    settled = shown(cloud, payment)
    assert settled.status is (PaymentStatus.FAILED if code else PaymentStatus.SUCCESS)
    assert (settled.decline.code if settled.decline else None) is code
    assert settled.authentication is Authentication.AUTHENTICATED


@pytest.mark.usefixtures("acquirer")
@pytest.mark.parametrize("answers", [(DECLINE,), (WRONG, WRONG, WRONG)])
def test_a_failed_challenge_fails_the_payment(cloud: Cloud, answers: tuple[BuyerAnswer, ...]):
    payment = pay_by_card(cloud, CHALLENGE)
    answer(cloud, payment, *answers)
    failed = shown(cloud, payment)
    assert failed.status is PaymentStatus.FAILED
    assert failed.decline
    assert failed.decline.code is DeclineCode.AUTHENTICATION_FAILED
    assert failed.authentication is Authentication.FAILED


@pytest.mark.usefixtures("acquirer")
def test_a_payment_by_link_is_settled_immediately_after_the_answer(cloud: Cloud):
    approved, declined = pay_by_link(cloud), pay_by_link(cloud)
    answer(cloud, approved, APPROVE)
    answer(cloud, declined, DECLINE)
    assert shown(cloud, approved).status is PaymentStatus.SUCCESS
    failed = shown(cloud, declined)
    assert failed.status is PaymentStatus.FAILED
    assert failed.decline
    assert failed.decline.description == "The payment was declined in the UPI app"


@pytest.mark.usefixtures("acquirer")
def test_a_payment_fails_if_the_buyer_does_not_answer(cloud: Cloud):
    payment = pay_by_link(cloud)
    cloud.run(for_s=320)
    failed = shown(cloud, payment)
    assert failed.decline
    assert failed.decline.code is DeclineCode.EXPIRED
    answer(cloud, payment, APPROVE)
    cloud.run(for_s=2 * LATE_CHECK.total_seconds())
    assert shown(cloud, payment).status is PaymentStatus.FAILED
    assert not shown(cloud, payment).late_authorized_at


@pytest.mark.usefixtures("acquirer")
@pytest.mark.parametrize(
    ("amount", "status"),
    [
        (50_001, PaymentStatus.SUCCESS),
        (50_002, PaymentStatus.FAILED),
        (50_003, PaymentStatus.FAILED),
        (50_004, PaymentStatus.FAILED),
    ],
)
def test_special_amounts_need_no_buyer(cloud: Cloud, amount: int, status: PaymentStatus):
    payment = pay_by_link(cloud, amount=amount)
    assert payment.status is PaymentStatus.PENDING
    cloud.run(for_s=20)
    assert shown(cloud, payment).status is status
    cloud.run(for_s=2 * LATE_CHECK.total_seconds())
    assert bool(shown(cloud, payment).late_authorized_at) is (amount == 50_004)
    assert shown(cloud, payment).status is status
    events = [event.name for event in feed(cloud)]
    assert ("payment.late_authorized" in events) is (amount == 50_004)


@pytest.mark.usefixtures("acquirer")
def test_a_single_check_causes_no_other_check(cloud: Cloud):
    payment = pay_by_link(cloud)
    job = cloud.gateway.payments.status_job(payment.id)
    assert job
    assert (job.once, job.checks, job.reference) == (True, 1, payment.acquirer_reference)
    assert payment.next_action
    assert (job.action_expires_at, job.due_at) == (payment.next_action.expires_at, utc_now())
    assert cloud.gateway.payments.process(job).next_job is None
    assert shown(cloud, payment).status is PaymentStatus.PENDING


def test_there_is_no_check_of_a_settled_or_unknown_payment(cloud: Cloud):
    payment = pay_by_link(cloud)
    assert payment.status is PaymentStatus.SUCCESS
    assert cloud.gateway.payments.status_job(payment.id) is None
    assert cloud.gateway.payments.status_job("pay_0000000000000000") is None


@pytest.mark.usefixtures("acquirer")
def test_a_single_check_returns_a_late_approval_until_it_is_confirmed(cloud: Cloud):
    payment = pay_by_link(cloud)
    job = cloud.gateway.payments.status_job(payment.id)
    assert job
    cloud.run(for_s=320)
    cloud.acquirer.script = []
    late = Approved(reference="ref_1")
    cloud.acquirer.status = lambda request, reference: late  # type: ignore[method-assign]
    cloud.acquirer.refund = lambda request: Declined(  # type: ignore[method-assign]
        code=DeclineCode.PROCESSING_ERROR, description="Later"
    )
    following = cloud.gateway.payments.process(job).next_job
    assert following
    assert not following.once


@pytest.mark.usefixtures("acquirer")
def test_an_answer_that_is_repeated_sends_the_check_again_while_the_payment_is_pending(cloud: Cloud):
    payment = pay_by_link(cloud)
    assert payment.acquirer_reference
    queue = cloud.gateway.settings.queues.payments.jobs

    def single_checks() -> list[ProcessPayment]:
        jobs = [decode(body, ProcessPayment) for body in cloud.messages(queue)]
        return [job for job in jobs if job.once]

    for times in (1, 2):
        cloud.gateway.bank.answer(payment.acquirer_reference, APPROVE)
        assert len(single_checks()) == times
    cloud.run()
    assert shown(cloud, payment).status is PaymentStatus.SUCCESS
    cloud.gateway.bank.answer(payment.acquirer_reference, APPROVE)
    assert single_checks() == []
