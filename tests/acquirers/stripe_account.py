"""A Stripe account in memory: its objects, what the buyer and the bank do, and a ledger of all movements.

Unknown parameters and impossible changes are refused, as Stripe documents.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

SEARCH_LAG, SESSION_LIFE = timedelta(minutes=1), timedelta(hours=24)
THREE_DECIMAL, WHOLE = {"bhd", "kwd"}, {"isk", "ugx"}
CURRENCIES = {"eur", "inr", "jpy", "mga", "usd"} | THREE_DECIMAL | WHOLE
DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
CHALLENGED = "pm_card_threeDSecure2Required"
PROCESSING = "pm_card_processing"  # not a test card of Stripe; the status exists
PENDING_REFUND, FAILING_REFUND = "pm_card_pendingRefund", "pm_card_refundFail"
REUSABLE = {"pm_card_visa", CHALLENGED, PROCESSING, PENDING_REFUND, FAILING_REFUND, *DECLINES}
CARDS = {
    "4242424242424242": "pm_card_visa",
    "4000000000000002": "pm_card_chargeDeclined",
    "4000002760003184": CHALLENGED,
}
BAD_CARDS = {"4000000000000069": "expired_card", "4000000000000127": "incorrect_cvc"}

Values = dict[str, str]
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One movement of money: ``charge``, ``reserve``, ``capture``, ``release`` or ``refund``."""

    kind: str
    payment_id: str
    amount: int


class RefusedError(Exception):
    """An error response. ``executed``: whether it is saved for the idempotency key."""

    def __init__(self, status: int, error: Json, *, executed: bool = False) -> None:
        super().__init__(status)
        self.executed, self.status = executed, status
        self.body = {"error": {"message": "text of the vendor 4242424242424242", **error}}


def invalid(param: str | None = None, code: str | None = None, *, status: int = 400) -> RefusedError:
    named = {name: value for name, value in {"param": param, "code": code}.items() if value}
    return RefusedError(status, {"type": "invalid_request_error", **named})


@dataclass
class StripeAccount:
    """The objects of one account. ``used`` are the tokens that cannot be used again."""

    clock: Callable[[], datetime]
    has_search: bool = True
    ledger: list[Movement] = field(default_factory=list)
    intents: dict[str, Json] = field(default_factory=dict)
    sessions: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    disputed: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # The account's ledger

    def charges(self, payment_id: str) -> int:
        """How often the buyer was charged."""
        return sum(one.payment_id == payment_id and one.kind in {"charge", "reserve"} for one in self.ledger)

    def refunded(self, payment_id: str) -> int:
        return sum(one.amount for one in self.ledger if (one.kind, one.payment_id) == ("refund", payment_id))

    # The buyer and the bank

    def authenticate(self, intent_id: str, *, success: bool) -> None:
        """The buyer answers the challenge."""
        intent = self.intents[intent_id]
        assert intent["status"] == "requires_action"
        intent["next_action"] = None
        if success:
            self._take(intent, "authenticated")
        else:
            self._fail(intent, "payment_intent_authentication_failure", None)

    def finish(self, intent_id: str, *, success: bool) -> None:
        """The bank decides about a charge that is processing."""
        intent = self.intents[intent_id]
        assert intent["status"] == "processing"
        self._take(intent) if success else self._fail(intent, "card_declined", "generic_decline")

    def confirm_with_client_secret(self, intent_id: str, token: str) -> bool:
        """The buyer's browser tries another card. Returns whether Stripe permits it."""
        intent = self.intents[intent_id]
        if intent["status"] != "requires_payment_method":
            return False
        self._attempt(intent, token)
        return True

    def pay(self, session_id: str, token: str) -> str:
        """The buyer enters a card on the page. Returns the id of the PaymentIntent."""
        session = self.current(session_id)
        assert session["status"] == "open"
        if session["payment_intent"] is None:
            intent = self._new_intent(session["data"], session["amount_total"], session["currency"])
            session["payment_intent"] = intent["id"]
        intent = self.intents[session["payment_intent"]]
        self._attempt(intent, token)
        if intent["status"] in {"succeeded", "requires_capture", "processing"}:
            is_paid = intent["status"] == "succeeded"
            session |= {"status": "complete", "url": None, "payment_status": "paid" if is_paid else "unpaid"}
        return str(intent["id"])

    def settle_refund(self, refund_id: str, *, success: bool) -> None:
        """The bank decides about a pending refund."""
        refund = self.refunds[refund_id]
        assert refund["status"] == "pending"
        refund["status"] = "succeeded" if success else "failed"
        if success:
            self._record("refund", self.intents[refund["payment_intent"]], refund["amount"])

    # PaymentMethods and PaymentIntents

    def create_method(self, values: Values) -> Json:
        card = ("number", "exp_month", "exp_year", "cvc")
        _known(
            values,
            required=("type", *(f"card[{name}]" for name in card)),
            optional=("billing_details[name]",),
        )
        number = values["card[number]"]
        if number in BAD_CARDS:
            raise RefusedError(402, {"type": "card_error", "code": BAD_CARDS[number]}, executed=True)
        if number not in CARDS:
            raise RefusedError(402, {"type": "card_error", "code": "incorrect_number"}, executed=True)
        id_ = self._id("pm")
        self.methods[id_] = CARDS[number]
        return {"id": id_, "object": "payment_method", "type": "card", "card": {"last4": number[-4:]}}

    def create_intent(self, values: Values) -> Json:
        required = ("amount", "currency", "confirm", "payment_method", "allowed_payment_method_types[]")
        optional = ("capture_method", "return_url", "metadata[payment_id]", "expand[]")
        _known(values, required=required, optional=optional)
        amount, token = self._checked_amount(values["amount"], values["currency"]), values["payment_method"]
        assert (values["confirm"], values["allowed_payment_method_types[]"]) == ("true", "card")
        if token not in REUSABLE and token not in self.methods:
            raise invalid("payment_method", "resource_missing")
        if token in self.used:
            raise invalid("payment_method")
        self.used |= {token} - REUSABLE
        data = {"metadata": {"payment_id": values["metadata[payment_id]"]}}
        intent = self._new_intent(
            data | {"capture_method": values.get("capture_method", "automatic")}, amount, values["currency"]
        )
        self._attempt(intent, token, return_url=values.get("return_url"))
        if error := intent["last_payment_error"]:
            raise RefusedError(402, {**error, "payment_intent": self.shown(intent, {})}, executed=True)
        return self.shown(intent, values)

    def _new_intent(self, data: Json, amount: int, currency: str) -> Json:
        intent = {
            "id": self._id("pi"),
            "object": "payment_intent",
            "amount": amount,
            "currency": currency,
            "created": int(self.clock().timestamp()),
            "client_secret": "pi_secret_never_shown",
            "status": "requires_payment_method",
            "next_action": None,
            "last_payment_error": None,
            "latest_charge": None,
            **data,
        }
        self.intents[str(intent["id"])] = intent
        return intent

    def _attempt(self, intent: Json, token: str, *, return_url: str | None = "https://page") -> None:
        behaviour = self.methods.get(token, token)
        intent |= {"payment_method": token, "last_payment_error": None}
        if behaviour in DECLINES:
            self._fail(intent, *DECLINES[behaviour])
        elif behaviour == CHALLENGED:
            url = {"url": "https://hooks.stripe.com/redirect", "return_url": return_url}
            redirect = {"type": "redirect_to_url", "redirect_to_url": url}
            by_script = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
            intent |= {"status": "requires_action", "next_action": redirect if return_url else by_script}
        elif behaviour == PROCESSING:
            intent["status"] = "processing"
        else:
            self._take(intent)

    def _take(self, intent: Json, authentication: str | None = None) -> None:
        secure = {"result": authentication} if authentication else None
        details = {"type": "card", "card": {"three_d_secure": secure}}
        charge = {"id": self._id("ch"), "object": "charge", "payment_method_details": details}
        is_manual = intent["capture_method"] == "manual"
        intent |= {"latest_charge": charge, "status": "requires_capture" if is_manual else "succeeded"}
        self._record("reserve" if is_manual else "charge", intent, intent["amount"])

    def _fail(self, intent: Json, code: str, decline_code: str | None) -> None:
        error = {"type": "card_error", "code": code, "message": "text of the vendor"}
        intent["last_payment_error"] = error | ({"decline_code": decline_code} if decline_code else {})
        intent["status"] = "requires_payment_method"

    def get_intent(self, id_: str, values: Values) -> Json:
        _known(values, optional=("expand[]",))
        return self.shown(self.found(self.intents, id_), values)

    def capture(self, id_: str, values: Values) -> Json:
        intent = self.found(self.intents, id_)
        _known(values, optional=("expand[]",))
        if intent["status"] != "requires_capture":
            raise invalid(code="payment_intent_unexpected_state")
        intent["status"] = "succeeded"
        self._record("capture", intent, intent["amount"])
        return self.shown(intent, values)

    def cancel(self, id_: str, values: Values) -> Json:
        intent = self.found(self.intents, id_)
        _known(values, optional=("expand[]",))
        if intent["status"] not in {"requires_payment_method", "requires_action", "requires_capture"}:
            raise invalid(code="payment_intent_unexpected_state")
        if intent["status"] != "requires_capture" and intent["id"] in self._intents_of_sessions():
            raise invalid(code="payment_intent_unexpected_state")
        if intent["status"] == "requires_capture":
            self._record("release", intent, intent["amount"])
        intent |= {"status": "canceled", "next_action": None}
        return self.shown(intent, values)

    def search(self, values: Values) -> Json:
        _known(values, required=("query",))
        if not self.has_search:
            raise invalid()
        found = re.fullmatch(r"metadata\['payment_id'\]:'([^']+)'", values["query"])
        assert found, "the query is not documented"
        until = int((self.clock() - SEARCH_LAG).timestamp())
        matches = [
            self.shown(intent, {})
            for intent in self.intents.values()
            if intent["metadata"].get("payment_id") == found[1] and intent["created"] <= until
        ]
        return {"object": "search_result", "data": matches[::-1], "has_more": False}

    def list_intents(self, values: Values) -> Json:
        _known(values, optional=("created[gte]", "created[lt]", "limit", "starting_after"))
        since, until = int(values.get("created[gte]", 0)), int(values.get("created[lt]", 2**40))
        return _page([i for i in self.intents.values() if since <= i["created"] < until], values)

    # Checkout Sessions

    def create_session(self, values: Values) -> Json:
        item = "line_items[0]"
        price = (f"{item}[price_data][currency]", f"{item}[price_data][unit_amount]")
        name = f"{item}[price_data][product_data][name]"
        required = ("mode", f"{item}[quantity]", *price, name, "success_url")
        data = ("payment_intent_data[metadata][payment_id]", "payment_intent_data[capture_method]")
        optional = (
            "cancel_url",
            "client_reference_id",
            "metadata[payment_id]",
            "allowed_payment_method_types[]",
            *data,
        )
        _known(values, required=required, optional=optional)
        assert (values["mode"], values[f"{item}[quantity]"]) == ("payment", "1")
        amount = self._checked_amount(values[price[1]], values[price[0]], f"{item}[price_data][unit_amount]")
        id_, now = self._id("cs_test"), self.clock()
        self.sessions[id_] = {
            "id": id_,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": amount,
            "currency": values[price[0]],
            "created": int(now.timestamp()),
            "expires_at": int((now + SESSION_LIFE).timestamp()),
            "url": f"https://checkout.stripe.com/c/pay/{id_}",
            "metadata": {"payment_id": values["metadata[payment_id]"]},
            "data": {
                "metadata": {"payment_id": values[data[0]]},
                "capture_method": values.get(data[1], "automatic_async"),
            },
        }
        return self.shown_session(self.sessions[id_], {})

    def get_session(self, id_: str, values: Values) -> Json:
        return self.shown_session(self.current(id_), values)

    def expire(self, id_: str, values: Values) -> Json:
        session = self.current(id_)
        _known(values)
        intent = self.intents.get(session["payment_intent"] or "")
        if session["status"] != "open" or (intent and intent["status"] == "requires_action"):
            raise invalid()
        self._end(session)
        return self.shown_session(session, {})

    def _end(self, session: Json) -> None:
        session |= {"status": "expired", "url": None}
        if intent := self.intents.get(session["payment_intent"] or ""):
            intent |= {"status": "canceled", "next_action": None}

    def current(self, id_: str) -> Json:
        session = self.found(self.sessions, id_)
        if session["status"] == "open" and self.clock().timestamp() >= session["expires_at"]:
            self._end(session)
        return session

    def _intents_of_sessions(self) -> set[str]:
        return {session["payment_intent"] for session in self.sessions.values()}

    # Refunds

    def create_refund(self, values: Values) -> Json:
        _known(values, required=("payment_intent", "amount"), optional=("metadata[refund_id]",))
        intent = self.found(self.intents, values["payment_intent"], "payment_intent")
        amount = int(values["amount"])
        if intent["status"] != "succeeded":
            raise invalid("payment_intent")
        if intent["id"] in self.disputed:
            raise invalid(code="charge_disputed")
        left = intent["amount"] - sum(
            r["amount"] for r in self._refunds_of(intent) if r["status"] != "failed"
        )
        if left == 0:
            raise invalid(code="charge_already_refunded")
        if not 0 < amount <= left:
            raise invalid("amount")
        behaviour = self.methods.get(intent["payment_method"], intent["payment_method"])
        status = {PENDING_REFUND: "pending", FAILING_REFUND: "failed"}.get(str(behaviour), "succeeded")
        refund = {
            "id": self._id("re"),
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "created": int(self.clock().timestamp()),
            "metadata": {"refund_id": values["metadata[refund_id]"]},
            "status": status,
        }
        self.refunds[str(refund["id"])] = refund
        if status == "succeeded":
            self._record("refund", intent, amount)
        return refund

    def get_refund(self, id_: str, values: Values) -> Json:
        _known(values)
        return self.found(self.refunds, id_)

    def list_refunds(self, values: Values) -> Json:
        _known(values, required=("payment_intent",), optional=("limit", "starting_after"))
        return _page(self._refunds_of(self.found(self.intents, values["payment_intent"])), values)

    def _refunds_of(self, intent: Json) -> list[Json]:
        return [refund for refund in self.refunds.values() if refund["payment_intent"] == intent["id"]]

    def balance(self, values: Values) -> Json:
        _known(values)
        return {"object": "balance", "livemode": False, "available": []}

    # Shared

    def _checked_amount(self, text: str, currency: str, param: str = "amount") -> int:
        if currency not in CURRENCIES:
            raise invalid("currency")
        amount = int(text)
        step = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE else 1
        if amount <= 0 or amount % step:
            raise invalid(param, "parameter_invalid_integer")
        if amount > 99_999_999:
            raise invalid(param, "amount_too_large")
        return amount

    def found(self, objects: Mapping[str, Json], id_: str, param: str = "id") -> Json:
        if id_ not in objects:
            raise invalid(param, "resource_missing", status=404)
        return objects[id_]

    def shown(self, intent: Json, values: Values) -> Json:
        charge = intent["latest_charge"]
        is_expanded = values.get("expand[]") == "latest_charge"
        return {**intent, "latest_charge": charge if is_expanded or charge is None else charge["id"]}

    def shown_session(self, session: Json, values: Values) -> Json:
        _known(values, optional=("expand[]",))
        shown = {name: value for name, value in session.items() if name != "data"}
        intent = self.intents.get(session["payment_intent"] or "")
        if intent and values.get("expand[]") == "payment_intent.latest_charge":
            shown["payment_intent"] = self.shown(intent, {"expand[]": "latest_charge"})
        return shown

    def _record(self, kind: str, intent: Json, amount: int) -> None:
        payment_id = intent["metadata"].get("payment_id", "")
        self.ledger.append(Movement(kind=kind, payment_id=payment_id, amount=amount))

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{next(self.numbers)}"


def _known(
    values: Mapping[str, str], *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> None:
    for name in values:
        if name not in {*required, *optional}:
            raise invalid(name, "parameter_unknown")
    for name in required:
        if not values.get(name):
            raise invalid(name, "parameter_missing")


def _page(objects: list[Json], values: Values) -> Json:
    newest, limit = objects[::-1], int(values.get("limit", 10))
    assert 1 <= limit <= 100
    ids = [one["id"] for one in newest]
    start = ids.index(values["starting_after"]) + 1 if "starting_after" in values else 0
    return {"object": "list", "data": newest[start : start + limit], "has_more": start + limit < len(newest)}
