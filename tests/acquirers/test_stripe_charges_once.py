"""Stripe charges a payment once, and refunds a refund once, for every sequence of faults and checks."""

from collections import deque
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.acquirers.base import Approved, Declined, Result, Unknown
from chalicelib.acquirers.stripe.adapter import StripeAcquirer
from chalicelib.domain.methods.card import PAGE_TOKEN
from tests.acquirers.conftest import FakeClock
from tests.acquirers.stripe_account import CHALLENGED
from tests.acquirers.stripe_double import Fault, StripeDouble
from tests.acquirers.test_stripe import CARD, CHARGE, KNOWN, acquirer_with, approved, refund_of

CHECKS = 12
faults = st.lists(st.sampled_from([None, *Fault]), max_size=24)
pauses_s = st.lists(st.sampled_from([0, 5, 90, 3_600, 90_000]), min_size=CHECKS, max_size=CHECKS)


def step(acquirer: StripeAcquirer, request, reference, *, is_first: bool) -> Result:
    """What the job of a payment does: the status, and the charge if it is not known."""
    result = None if is_first else acquirer.status(request, reference)
    return result or acquirer.authorize(request)


def run(double: StripeDouble, acquirer: StripeAcquirer, request, pauses, *, restarts=frozenset()) -> Result:
    """The job, until its outcome. In a step of ``restarts``, SQS delivers the first message again."""
    reference = None
    result: Result = Unknown()
    for number, pause_s in enumerate(pauses):
        is_first = number == 0 or number in restarts
        result = step(acquirer, request, None if is_first else reference, is_first=is_first)
        reference = getattr(result, "reference", None) or reference
        if isinstance(result, Approved | Declined):
            break
        double.clock.advance(seconds=pause_s)  # type: ignore[attr-defined]
    return result


@settings(max_examples=300)
@given(
    faults=faults,
    pauses=pauses_s,
    restarts=st.frozensets(st.integers(0, CHECKS - 1)),
    token=st.sampled_from(["new", "pm_card_chargeDeclined", "pm_card_visa"]),
    has_search=st.booleans(),
)
def test_a_token_is_charged_once(faults, pauses, restarts, token, has_search):
    clock = FakeClock()
    double = StripeDouble(clock=clock, has_search=has_search)
    acquirer = acquirer_with(KNOWN, double, clock)
    # Stripe's tokens can be used once. Its test cards cannot show that: only the search protects them.
    request = replace(CHARGE, token=acquirer.tokenize(CARD) if token == "new" else token)
    if token == "pm_card_visa":
        pauses, restarts = [min(pause_s, 3_600) for pause_s in pauses], frozenset()
    double.faults = deque(faults)
    result = run(double, acquirer, request, pauses, restarts=restarts)
    assert double.charges("pay_1") <= 1
    if isinstance(result, Approved):
        assert double.charges("pay_1") == 1
    if isinstance(result, Declined):
        assert double.charges("pay_1") == 0


@settings(max_examples=200)
@given(faults=faults, pauses=pauses_s, success=st.booleans(), answers_at=st.integers(0, CHECKS))
def test_a_challenge_is_charged_once(faults, pauses, success, answers_at):
    clock = FakeClock()
    double = StripeDouble(clock=clock, has_search=False)
    acquirer = acquirer_with(KNOWN, double, clock)
    request = replace(CHARGE, token=CHALLENGED)
    double.faults = deque(faults)
    reference, result = None, None
    for number, pause_s in enumerate(pauses):
        waiting = [id_ for id_, one in double.intents.items() if one["status"] == "requires_action"]
        if number == answers_at and waiting:
            double.authenticate(waiting[0], success=success)
        result = step(acquirer, request, reference, is_first=number == 0)
        reference = getattr(result, "reference", None) or reference
        if isinstance(result, Approved | Declined):
            break
        clock.advance(seconds=min(pause_s, 3_600))
    assert double.charges("pay_1") <= 1
    if isinstance(result, Declined):
        assert double.charges("pay_1") == 0
        assert not any(double.confirm_with_client_secret(id_, "pm_card_visa") for id_ in double.intents)


@settings(max_examples=200)
@given(faults=faults, pauses=pauses_s, pays_at=st.integers(0, CHECKS), voids_at=st.integers(1, CHECKS))
def test_a_page_is_charged_once(faults, pauses, pays_at, voids_at):
    clock = FakeClock()
    double = StripeDouble(clock=clock)
    acquirer = acquirer_with(KNOWN, double, clock)
    request = replace(CHARGE, token=PAGE_TOKEN)
    double.faults = deque(faults)
    shown: str | None = None  # the first page that the gateway stored; the buyer sees no other
    reference, result = None, None
    for number, pause_s in enumerate(pauses):
        result = step(acquirer, request, reference, is_first=number == 0)
        reference = getattr(result, "reference", None) or reference
        shown = shown or reference
        if reference and number >= voids_at and not isinstance(result, Approved | Declined):
            result = acquirer.void(request, reference)
        if isinstance(result, Approved | Declined):
            break
        if shown and number >= pays_at and double.current(shown)["status"] == "open":
            double.pay(shown, "pm_card_visa")
        clock.advance(seconds=pause_s)
    assert double.charges("pay_1") <= 1
    if isinstance(result, Approved):
        assert double.charges("pay_1") == 1
    if isinstance(result, Declined):
        assert double.charges("pay_1") == 0


@settings(max_examples=200)
@given(faults=faults, pauses=pauses_s, asks=st.lists(st.booleans(), min_size=CHECKS, max_size=CHECKS))
def test_a_refund_is_paid_once(faults, pauses, asks):
    clock = FakeClock()
    double = StripeDouble(clock=clock)
    acquirer = acquirer_with(KNOWN, double, clock)
    reference = approved(acquirer)
    double.faults = deque(faults)
    request = refund_of(reference)
    result: Result | None = None
    for asks_first, pause_s in zip(asks, pauses, strict=True):
        result = (acquirer.refund_status(request, None) if asks_first else None) or acquirer.refund(request)
        if isinstance(result, Approved | Declined):
            break
        clock.advance(seconds=pause_s)
    assert double.refunded("pay_1") in {0, 10_000}
    if isinstance(result, Approved):
        assert double.refunded("pay_1") == 10_000
