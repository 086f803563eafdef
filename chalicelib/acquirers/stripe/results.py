"""The result for this gateway of each object of Stripe, in each status."""

from datetime import datetime, timedelta

from chalicelib.acquirers.base import ActionRequired, Approved, Charge, Declined, Pending, Result, Unknown
from chalicelib.acquirers.declines import declined
from chalicelib.acquirers.stripe.objects import (
    CheckoutSession,
    Intent,
    IntentStatus,
    Problem,
    RefundObject,
    RefundStatus,
    SessionStatus,
)
from chalicelib.acquirers.stripe.values import CHARGE_REFUSALS, REFUND_REFUSALS, money_of
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.errors import BadRequestError, ExpiredCardError, InvalidCardError
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import Authentication
from chalicelib.domain.next_action import ActionType, NextAction

ACTION_LIFE = timedelta(minutes=30)  # Stripe ends a page after 24 hours, and an authentication never
MIN_PAUSE, MAX_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
NOT_REFUNDED = Declined(code=DeclineCode.PROCESSING_ERROR, description="The acquirer refused the refund")


def of_intent(intent: Intent, now: datetime) -> Result:
    """The result of a PaymentIntent. One that requires a payment method is declined when it is cancelled."""
    match intent.status:
        case IntentStatus.SUCCEEDED | IntentStatus.REQUIRES_CAPTURE:
            return Approved(reference=intent.id, authentication=intent.authentication)
        case IntentStatus.PROCESSING:
            return Pending(reference=intent.id, check_at=_check_at(intent.created, now))
        case IntentStatus.REQUIRES_ACTION:
            return _action(intent.id, intent.page, intent.created, now)
        case IntentStatus.CANCELED | IntentStatus.REQUIRES_PAYMENT_METHOD:
            return of_problem(intent.last_payment_error, reference=intent.id)


def of_settled(intent: Intent, now: datetime) -> Result:
    """The result of a capture or cancellation. Unknown if the money is neither taken nor released."""
    is_settled = intent.status in {IntentStatus.SUCCEEDED, IntentStatus.CANCELED}
    return of_intent(intent, now) if is_settled else Unknown()


def of_session(session: CheckoutSession, now: datetime) -> Result:
    """The result of a page. While it is open, the buyer may try several cards."""
    intent = session.payment_intent
    if intent and (intent.is_approved or session.status is SessionStatus.COMPLETE):
        return of_intent(intent, now)
    if session.status is SessionStatus.OPEN:
        return _action(session.id, session.url, session.created, now)
    if session.status is SessionStatus.EXPIRED:
        return of_problem(None, reference=session.id)
    return Unknown()


def of_problem(problem: Problem | None, *, reference: str | None = None) -> Declined:
    """The decline for an error of the card. Without one, the time of the buyer was over."""
    code = problem.decline if problem else DeclineCode.EXPIRED
    failed = Authentication.FAILED if code is DeclineCode.AUTHENTICATION_FAILED else None
    return declined(code, PaymentMethod.CARD, reference=reference, authentication=failed)


def of_refused_card(problem: Problem) -> BadRequestError | None:
    """The error of a card that Stripe does not accept. None if the error is not about the card."""
    match problem.decline:
        case DeclineCode.EXPIRED_CARD:
            return ExpiredCardError()
        case DeclineCode.INCORRECT_CVC:
            return InvalidCardError(field="card.cvv")
        case DeclineCode.INVALID_ACCOUNT:
            return InvalidCardError()
    return None


def of_refused_charge(problem: Problem) -> Result:
    """The result of a request that Stripe refused. Unknown if an earlier request may have charged.

    A token can be used once, so an error of the token can mean that it was used.
    """
    if problem.is_decline:
        return of_problem(problem)
    is_certain = problem.code in CHARGE_REFUSALS or problem.param not in {None, "payment_method"}
    if problem.type == "invalid_request_error" and is_certain:
        return declined(DeclineCode.PROCESSING_ERROR, PaymentMethod.CARD)
    return Unknown()


def of_refused_refund(problem: Problem) -> Result:
    """The result of a refund that Stripe refused. Unknown unless the error is about the payment or amount."""
    is_certain = problem.code in REFUND_REFUSALS or problem.param == "amount"
    return NOT_REFUNDED if is_certain else Unknown()


def of_listed(intent: Intent) -> Charge:
    """The charge in a list."""
    return Charge(
        reference=intent.id,
        payment_id=intent.metadata.get("payment_id"),
        money=money_of(intent.amount, intent.currency),
        is_approved=intent.is_approved,
        created_at=intent.created,
    )


def of_refund(refund: RefundObject, now: datetime) -> Result:
    """The result of a refund. A refund of a card can be pending for days."""
    match refund.status:
        case RefundStatus.SUCCEEDED:
            return Approved(reference=refund.id)
        case RefundStatus.PENDING | RefundStatus.REQUIRES_ACTION:
            return Pending(reference=refund.id, check_at=_check_at(refund.created, now))
        case RefundStatus.FAILED | RefundStatus.CANCELED:
            return NOT_REFUNDED


def _action(reference: str, page: str | None, created: datetime, now: datetime) -> Result:
    """The page for the buyer. Without one, the charge is pending, and is cancelled when its time is over."""
    ends = created + ACTION_LIFE
    if page is None and now < ends:
        return Pending(reference=reference, check_at=min(ends, _check_at(created, now)))
    action = NextAction(type=ActionType.REDIRECT, url=page or "", expires_at=ends)
    return ActionRequired(reference=reference, action=action)


def _check_at(created: datetime, now: datetime) -> datetime:
    """The time of the next check: after a pause as long as the object exists."""
    return now + min(max(now - created, MIN_PAUSE), MAX_PAUSE)
