"""Stripe: cards with 3-D Secure, by PaymentIntents for tokens and Checkout Sessions for Stripe's page.

A charge has the idempotency key of this gateway, which Stripe keeps for at least 24 hours. Later, a charge
without a known reference is found by a search. Why this charges once: docs/decisions/0035.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.acquirers.base import (
    ATTENTION,
    AccountError,
    AcquirerUnavailableError,
    AuthorizeRequest,
    Capabilities,
    CardNumbersRefusedError,
    Charge,
    Declined,
    Notification,
    RefundRequest,
    Result,
    Unknown,
)
from chalicelib.acquirers.credentials import MerchantCredentials
from chalicelib.acquirers.declines import declined
from chalicelib.acquirers.exchange import unknown_without_result
from chalicelib.acquirers.stripe import CARD_NUMBERS, STRIPE, WEBHOOK_SECRET, results, values
from chalicelib.acquirers.stripe.api import OK, StripeApi, path
from chalicelib.acquirers.stripe.notifications import parse
from chalicelib.acquirers.stripe.objects import (
    Balance,
    CheckoutSession,
    Intent,
    IntentStatus,
    Page,
    RefundObject,
    SessionStatus,
    StripeObject,
)
from chalicelib.acquirers.transport import NoResultError, Response, Transport
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import PAGE_TOKEN, Card, CardEntry
from chalicelib.domain.money import Money
from chalicelib.observability import logger

ALLOWED = "allowed"
_EXPANDED = {"expand[]": "latest_charge"}


@dataclass(frozen=True, kw_only=True)
class StripeAcquirer:
    """The Stripe account of one merchant. ``transport`` is shared by all merchants."""

    transport: Transport
    credentials: MerchantCredentials
    clock: Clock
    name: str = STRIPE

    @property
    def capabilities(self) -> Capabilities:
        """Cards. The period is the default: 7 days, as Stripe reserves money of payments online."""
        return Capabilities(
            methods=frozenset({PaymentMethod.CARD}),
            flows=frozenset(),
            manual_capture=True,
            idempotent_authorize=True,
            card_entries=frozenset(CardEntry),
            lists_charges=True,
        )

    @property
    def _api(self) -> StripeApi:
        return StripeApi(transport=self.transport, credentials=self.credentials)

    def tokenize(self, card: Card) -> str:
        """A PaymentMethod. Raises also InvalidCardError and ExpiredCardError if Stripe rejects the card."""
        if self.credentials.get().get(CARD_NUMBERS) != ALLOWED:
            raise CardNumbersRefusedError
        try:
            response = self._api.post("payment_methods", values.card_fields(card))
            if response.status == OK:
                return self._api.read(response, StripeObject).id
            problem = self._api.problem(response)
        except NoResultError:
            raise AcquirerUnavailableError from None
        if card_error := results.of_refused_card(problem):
            raise card_error
        self._api.report(response, "the card is refused", problem.code)
        raise CardNumbersRefusedError

    @unknown_without_result
    def authorize(self, request: AuthorizeRequest) -> Result:
        """Charge a token, or open a page for the card. Repeated requests have the same parameters."""
        amount = self._amount(request.money)
        if amount is None:
            return declined(DeclineCode.PROCESSING_ERROR, request.method)
        if request.token == PAGE_TOKEN:
            fields = values.session_fields(request, amount)
            response = self._api.post("checkout/sessions", fields, key=request.idempotency_key)
            if response.status == OK:
                return results.of_session(self._api.read(response, CheckoutSession), self.clock())
        else:
            fields = values.intent_fields(request, amount)
            response = self._api.post("payment_intents", fields, key=request.idempotency_key)
            if response.status == OK:
                return self._of_intent(self._api.read(response, Intent))
        return self._without_charge(response)

    @unknown_without_result
    def status(self, request: AuthorizeRequest, reference: str | None) -> Result | None:
        """The result. A charge without a reference is searched; None also where Stripe has no search."""
        if reference is None:
            return self._search(request)
        if reference.startswith(values.SESSION_PREFIX):
            return results.of_session(self._session(reference), self.clock())
        return self._of_intent(self._intent(reference))

    @unknown_without_result
    def capture(self, request: AuthorizeRequest, reference: str) -> Result:  # noqa: ARG002 - the id suffices
        """Capture the PaymentIntent. Stripe captures once, so the request needs no key."""
        return self._settle("capture", reference)

    @unknown_without_result
    def void(self, request: AuthorizeRequest, reference: str) -> Result:  # noqa: ARG002 - the id suffices
        """Cancel the PaymentIntent, or expire the page; a charge that the page made meanwhile is voided."""
        if not reference.startswith(values.SESSION_PREFIX):
            return self._settle("cancel", reference)
        response = self._api.post(path("checkout/sessions", reference, "expire"))
        session = self._session(reference)
        intent = session.payment_intent
        if intent and (intent.is_approved or session.status is SessionStatus.COMPLETE):
            return self._settle("cancel", intent.id)
        if session.status is SessionStatus.EXPIRED:
            return results.of_problem(None, reference=reference)
        self._api.report(response, "the page is not expired")
        return Unknown()

    @unknown_without_result
    def refund(self, request: RefundRequest) -> Result:
        """Refund the PaymentIntent, unless it has this refund: a key that is older than a day is unknown."""
        known = self._find_refund(request)
        if known is not None:
            return results.of_refund(known, self.clock())
        amount = self._amount(request.money)
        if amount is None:
            return results.NOT_REFUNDED
        response = self._api.post(
            "refunds", values.refund_fields(request, amount), key=request.idempotency_key
        )
        if response.status == OK:
            return results.of_refund(self._api.read(response, RefundObject), self.clock())
        problem = self._api.problem(response)
        self._api.report(response, "the refund is refused", problem.code, problem.param)
        return results.of_refused_refund(problem)

    @unknown_without_result
    def refund_status(self, request: RefundRequest, reference: str | None) -> Result | None:
        """The result. A refund without a reference is found in the list of the PaymentIntent."""
        by_id = self._api.get(path("refunds", reference), RefundObject) if reference else None
        known = by_id or self._find_refund(request)
        return results.of_refund(known, self.clock()) if known else None

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """The ids in an event. Raises InvalidNotificationError and CredentialsError."""
        return parse(headers, body, self.credentials.secrets(WEBHOOK_SECRET), self.clock())

    def check_account(self) -> str:
        """Read the balance. Raises AccountError and CredentialsError."""
        is_live = self._api.confirmed("balance", Balance).livemode
        return f"Stripe accepts the secret key ({'live' if is_live else 'test'} mode)."

    def list_charges(self, since: datetime, until: datetime) -> Iterator[Charge]:
        """The PaymentIntents, also those of other software. Raises AccountError and CredentialsError."""
        window = {"created[gte]": str(values.seconds(since)), "created[lt]": str(values.seconds(until))}
        try:
            for intent in self._api.list("payment_intents", Page[Intent], window):
                yield results.of_listed(intent)
        except NoResultError:
            raise AccountError("Stripe did not list the charges; the log contains the reason.") from None

    def _amount(self, money: Money) -> int | None:
        """Stripe's amount. None, with an alarm, if there is none: the currency is not Stripe's."""
        try:
            return values.stripe_amount(money)
        except values.AmountError:
            logger.error(ATTENTION, acquirer=self.name, problem="no such amount", currency=money.currency)
            return None

    def _without_charge(self, response: Response) -> Result:
        """The result of a refused request. Unknown if an earlier request may have charged."""
        problem = self._api.problem(response)
        if not problem.is_decline:
            self._api.report(response, "the charge is refused", problem.type, problem.code, problem.param)
        return results.of_refused_charge(problem)

    def _of_intent(self, intent: Intent) -> Result:
        """The result. A PaymentIntent that failed is cancelled before it is declined.

        The buyer's browser may know its client secret, with which another card could be charged.
        """
        if intent.status is IntentStatus.REQUIRES_PAYMENT_METHOD:
            closed = self._settle("cancel", intent.id)
            if not isinstance(closed, Declined):
                return closed
        return results.of_intent(intent, self.clock())

    def _search(self, request: AuthorizeRequest) -> Result | None:
        """The result of the charge of the payment, if Stripe finds it."""
        query = f"metadata['payment_id']:'{values.payment_id(request)}'"
        response = self._api.find("payment_intents/search", {"query": query})
        if response.status != OK:
            return None
        found = self._api.read(response, Page[Intent]).data  # may be older than the PaymentIntents
        if not found:
            return None
        intent = self._intent(max(found, key=lambda one: one.is_approved).id)
        is_page = request.token == PAGE_TOKEN  # whose buyer may try other cards; its key finds it again
        return None if is_page and not intent.is_approved else self._of_intent(intent)

    def _settle(self, verb: str, reference: str) -> Result:
        """Capture or cancel a PaymentIntent. If Stripe refuses that, its status is the result."""
        response = self._api.post(path("payment_intents", reference, verb), _EXPANDED)
        if response.status == OK:
            return results.of_settled(self._api.read(response, Intent), self.clock())
        result = results.of_settled(self._intent(reference), self.clock())
        if isinstance(result, Unknown):
            self._api.report(response, f"{verb} is refused", self._api.problem(response).code)
        return result

    def _intent(self, reference: str) -> Intent:
        return self._api.get(path("payment_intents", reference), Intent, _EXPANDED)

    def _session(self, reference: str) -> CheckoutSession:
        expanded = {"expand[]": "payment_intent.latest_charge"}
        return self._api.get(path("checkout/sessions", reference), CheckoutSession, expanded)

    def _find_refund(self, request: RefundRequest) -> RefundObject | None:
        """The refund with this key, in the list of the PaymentIntent, which is always up to date."""
        id_, payment = values.refund_id(request), {"payment_intent": request.payment_reference or ""}
        refunds = self._api.list("refunds", Page[RefundObject], payment)
        return next((refund for refund in refunds if refund.metadata.get("refund_id") == id_), None)
