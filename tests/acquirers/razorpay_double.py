"""A strict double of Razorpay's API, in memory: what it documents, and faults of the network.

It accepts only documented parameters. The buyer approves or declines with the methods of the double. Each
change appends a signed notification to ``outbox``.
"""

import base64
import json
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import RLock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.acquirers.transport import NoResponseError, Request, Response
from chalicelib.domain.clock import Clock
from chalicelib.domain.signature import hex_signature

KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_double", "key secret of the double", "webhook secret"
CREDENTIALS = {
    "key_id": KEY_ID,
    "key_secret": KEY_SECRET,
    "webhook_secret": WEBHOOK_SECRET,
    "email": "shop@merchant.example",
    "contact": "+919999999999",
}
VENDOR_TEXT = "A text of Razorpay that must not be shown"
TIMEOUT = timedelta(minutes=10)  # of a payment without a response of the bank
MIN_AMOUNT = 100
MAX_PAGE = 100
NOT_FOUND = "The requested URL was not found on the server."

Json = dict[str, Any]


class Fault(StrEnum):
    """What happens to one request."""

    NONE = "none"
    BUSY = "busy"  # 429
    FAILS = "fails"  # 500 before the effect
    FAILS_AFTER = "fails_after"  # 502 after the effect
    LOST = "lost"  # no response, and no effect
    LOST_AFTER = "lost_after"  # no response, after the effect


class RefusedError(Exception):
    """The request is refused with the documented error."""

    def __init__(self, text: str, *, reason: str | None = None, status: int = 400) -> None:
        super().__init__(text)
        self.reason, self.status = reason, status


@dataclass(frozen=True)
class Ledger:
    """What a payment of the gateway moved, in paise. ``charges``: how many payments took money."""

    charges: int
    taken: int
    returned: int


@dataclass
class RazorpayDouble:
    """The accounts of one merchant. The fields say how it behaves; tests change them."""

    clock: Clock
    faults: list[Fault | Response] = field(default_factory=list)  # of the next requests
    s2s_enabled: bool = True
    needs_contact: bool = True
    times_out: bool = True  # whether a payment without an outcome fails after TIMEOUT
    captures: bool = True  # whether authorized payments are captured automatically
    refunds_pend: bool = False
    balance: int | None = None  # None: enough for every refund
    disputed: set[str] = field(default_factory=set)  # ids of payments
    requests: list[Request] = field(default_factory=list)
    outbox: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    orders: dict[str, Json] = field(default_factory=dict)
    payments: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    _captures: dict[str, Json] = field(default_factory=dict)  # the capture options of each order
    _replies: dict[str, tuple[Json, Json]] = field(default_factory=dict)  # body and response by refund key
    _lock: RLock = field(default_factory=RLock)

    def send(self, request: Request) -> Response:
        """The response. Raises NoResponseError."""
        with self._lock:
            self.requests.append(request)
            fault = self.faults.pop(0) if self.faults else Fault.NONE
            if isinstance(fault, Response):
                return fault
            if fault is Fault.LOST:
                raise NoResponseError
            if fault in {Fault.BUSY, Fault.FAILS}:
                return self._response(429 if fault is Fault.BUSY else 500, _error("SERVER_ERROR"))
            response = self._respond(request)
            if fault is Fault.LOST_AFTER:
                raise NoResponseError
            return self._response(502, {}) if fault is Fault.FAILS_AFTER else response

    # What the buyer and the bank do

    def link_of(self, payment: str) -> str:
        """The link of a payment, which the API shows only once."""
        amount = self.payments[payment]["amount"]
        return f"upi://pay?pa=shop@double&pn=Shop&tr={payment}&am={amount / 100:.2f}&cu=INR"

    def payment_of(self, link: str) -> str:
        """The id of the payment that a UPI app opens for ``link``."""
        return parse_qs(urlsplit(link).query)["tr"][0]

    def approve(self, payment: str) -> bool:
        """The buyer approves. False if the payment does not wait any more."""
        return self._authorize(payment, "created")

    def approve_late(self, payment: str) -> bool:
        """The bank reports an approval of a payment that failed."""
        return self._authorize(payment, "failed")

    def decline(
        self, payment: str, reason: str = "payment_cancelled", code: str = "BAD_REQUEST_ERROR"
    ) -> bool:
        """The buyer or the bank declines. False if the payment does not wait any more."""
        with self._lock:
            self._pass_time()
            if self.payments[payment]["status"] != "created":
                return False
            self._fail(self.payments[payment], reason, code)
            return True

    def finish_refund(self, refund: str, status: str = "processed") -> None:
        """The bank processes a pending refund, or cannot."""
        with self._lock:
            self.refunds[refund]["status"] = status
            self._notify(f"refund.{status}", refund=self.refunds[refund])

    def ledger(self, payment_id: str) -> Ledger:
        """What a payment of the gateway moved."""
        with self._lock:
            self._pass_time()
            mine = [one for one in self.payments.values() if noted(one) == payment_id]
            charged = [one for one in mine if one["status"] in {"authorized", "captured", "refunded"}]
            taken = sum(one["amount"] for one in charged)
            return Ledger(len(charged), taken, sum(one["amount_refunded"] for one in charged))

    def notification(self, event: str, **entities: Json) -> tuple[dict[str, str], bytes]:
        """A signed notification about ``entities``: the headers and the body."""
        payload = {name: {"entity": entity} for name, entity in entities.items()}
        body = json.dumps({"entity": "event", "event": event, "payload": payload}).encode()
        signature = hex_signature(WEBHOOK_SECRET, body)
        return {"x-razorpay-signature": signature, "x-razorpay-event-id": event}, body

    # The API

    def _respond(self, request: Request) -> Response:
        try:
            return self._response(200, self._route(request))
        except RefusedError as error:
            return self._response(error.status, _error("BAD_REQUEST_ERROR", str(error), error.reason))

    def _route(self, request: Request) -> Json:
        self._pass_time()
        pair = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            raise RefusedError("Authentication failed", status=401)
        url = urlsplit(request.url)
        query = {
            name: values[0] for name, values in parse_qs(url.query, strict_parsing=bool(url.query)).items()
        }
        for method, pattern, name in _ROUTES:
            found = re.fullmatch(pattern, url.path)
            if found and method == request.method:
                if method == "GET":
                    result: Json = getattr(self, name)(query, *found.groups())
                    return result
                if request.headers.get("content-type") != "application/json" or query:
                    raise RefusedError("The request is not JSON")
                body = json.loads(request.body)
                keys = (request.headers.get("x-refund-idempotency"),) if name == "_create_refund" else ()
                created: Json = getattr(self, name)(body, *found.groups(), *keys)
                return created
        raise RefusedError(NOT_FOUND, status=404)

    def _create_order(self, body: Json) -> Json:
        _check(body, required={"amount", "currency"}, known={"receipt", "notes", "payment"})
        _check_amount(body)
        _check_notes(body)
        if len(body.get("receipt", "")) > 40:
            raise RefusedError(
                "The receipt may not be greater than 40 characters", reason="input_validation_failed"
            )
        options = body.get("payment", {"capture": "automatic", "capture_options": {}})
        _check(options, required={"capture", "capture_options"})
        automatic = options["capture_options"].get("automatic_expiry_period")
        manual = options["capture_options"].get("manual_expiry_period", 7_200)
        if options["capture"] != "automatic" or automatic < 12 or not automatic <= manual <= 7_200:
            raise RefusedError("The capture options are invalid", reason="input_validation_failed")
        _check(
            options["capture_options"],
            required={"automatic_expiry_period", "refund_speed"},
            known={"manual_expiry_period"},
        )
        order = {
            "id": f"order_{len(self.orders) + 1:014}",
            "entity": "order",
            "amount": body["amount"],
            "amount_paid": 0,
            "amount_due": body["amount"],
            "currency": body["currency"],
            "receipt": body.get("receipt"),
            "status": "created",
            "attempts": 0,
            "notes": body.get("notes", []),
            "created_at": self._now(),
        }
        self._captures[order["id"]] = options["capture_options"]
        self.orders[order["id"]] = order
        return order

    def _create_payment(self, body: Json) -> Json:
        if not self.s2s_enabled:
            raise RefusedError(NOT_FOUND)
        buyer = {"email", "contact"}
        required = {"amount", "currency", "order_id", "method", "upi"}
        optional = {"notes", "description", "ip", "referer", "user_agent"}
        _check(body, required=required | buyer if self.needs_contact else required, known=optional | buyer)
        _check_amount(body)
        _check_notes(body)
        order = self.orders.get(body["order_id"])
        if order is None or (body["method"], body["upi"]) != ("upi", {"flow": "intent"}):
            raise RefusedError("The id provided does not exist", reason="input_validation_failed")
        if (order["amount"], order["currency"]) != (body["amount"], body["currency"]):
            raise RefusedError("Your payment amount is different from your order amount")
        if order["status"] == "paid":
            raise RefusedError("The order is already paid", reason="order_already_paid")
        payment = {
            "id": f"pay_{len(self.payments) + 1:014}",
            "entity": "payment",
            "amount": body["amount"],
            "currency": body["currency"],
            "status": "created",
            "order_id": order["id"],
            "method": "upi",
            "amount_refunded": 0,
            "refund_status": None,
            "captured": False,
            "notes": body.get("notes", []),
            "error_code": None,
            "error_description": None,
            "error_reason": None,
            "created_at": self._now(),
        }
        self.payments[payment["id"]] = payment
        order |= {"status": "attempted", "attempts": order["attempts"] + 1}
        return {"razorpay_payment_id": payment["id"], "link": self.link_of(payment["id"])}

    def _capture(self, body: Json, id_: str) -> Json:
        _check(body, required={"amount", "currency"})
        payment = self._found(self.payments, id_)
        if payment["status"] == "captured":
            raise RefusedError("This payment has already been captured")
        if payment["status"] != "authorized" or body["amount"] != payment["amount"]:
            raise RefusedError("Only payments which have been authorized can be captured")
        self._mark_captured(payment)
        return payment

    def _create_refund(self, body: Json, id_: str, key: str | None) -> Json:
        _check(body, required=set(), known={"amount", "speed", "notes", "receipt"})
        if key is not None and not re.fullmatch("[A-Za-z0-9_-]{10,}", key):
            raise RefusedError("The idempotency key is invalid")
        if key in self._replies:
            sent, reply = self._replies[key]
            if sent != body:
                raise RefusedError("Different request body sent for the same idempotency key")
            return reply
        payment = self._found(self.payments, id_)
        amount: int = body["amount"] if "amount" in body else payment["amount"]
        if refusal := self._refusal(payment, amount):
            reason = "input_validation_failed" if amount < MIN_AMOUNT else None
            raise RefusedError(refusal, reason=reason)
        refund = self._refund(payment, amount, body)
        self._replies[key or refund["id"]] = (body, dict(refund))
        return refund

    def _refusal(self, payment: Json, amount: int) -> str | None:
        """Why the payment cannot be refunded now. Only one of the reasons has a separate code."""
        refusals = {
            "The amount must be at least INR 1.00": amount < MIN_AMOUNT,
            "The payment has been fully refunded already": payment["status"] == "refunded",
            "The refund amount provided is greater than amount captured": payment["status"] != "captured"
            or amount > payment["amount"] - payment["amount_refunded"],
            "Refund is not allowed on a disputed payment": payment["id"] in self.disputed,
            "Your account does not have enough balance to carry out the refund operation": self.balance
            is not None
            and self.balance < amount,
        }
        return next((text for text, applies in refusals.items() if applies), None)

    def _refund(self, payment: Json, amount: int, body: Json) -> Json:
        refund = {
            "id": f"rfnd_{len(self.refunds) + 1:014}",
            "entity": "refund",
            "amount": amount,
            "currency": payment["currency"],
            "payment_id": payment["id"],
            "notes": body.get("notes", []),
            "receipt": body.get("receipt"),
            "status": "pending" if self.refunds_pend else "processed",
            "created_at": self._now(),
        }
        self.refunds[refund["id"]] = refund
        payment["amount_refunded"] += amount
        is_full = payment["amount_refunded"] == payment["amount"]
        payment |= {"refund_status": "full" if is_full else "partial"}
        if is_full:
            payment["status"] = "refunded"
        self._notify("refund.created", refund=refund, payment=payment)
        if refund["status"] == "processed":
            self._notify("refund.processed", refund=refund, payment=payment)
        return refund

    def _get_payment(self, query: Json, id_: str) -> Json:
        _check(query)
        return self._found(self.payments, id_)

    def _get_refund(self, query: Json, id_: str) -> Json:
        _check(query)
        return self._found(self.refunds, id_)

    def _list_orders(self, query: Json) -> Json:
        receipt = query.pop("receipt", None)
        return _page([one for one in self.orders.values() if receipt in {None, one["receipt"]}], query)

    def _list_payments(self, query: Json) -> Json:
        first, last = int(query.pop("from", 0)), int(query.pop("to", 2**40))
        return _page([one for one in self.payments.values() if first <= one["created_at"] <= last], query)

    def _list_of_order(self, query: Json, id_: str) -> Json:
        _check(query)
        self._found(self.orders, id_)
        return _list([one for one in self.payments.values() if one["order_id"] == id_])

    def _list_refunds(self, query: Json, id_: str) -> Json:
        self._found(self.payments, id_)
        return _page([one for one in self.refunds.values() if one["payment_id"] == id_], query)

    # The state

    def _now(self) -> int:
        return int(self.clock().timestamp())

    def _age(self, one: Json) -> timedelta:
        return self.clock() - datetime.fromtimestamp(one["created_at"], UTC)

    def _found(self, table: dict[str, Json], id_: str) -> Json:
        if id_ not in table:
            raise RefusedError("The id provided does not exist")
        return table[id_]

    def _pass_time(self) -> None:
        for payment in self.payments.values():
            options = self._captures[payment["order_id"]]
            if payment["status"] == "created" and self.times_out and self._age(payment) >= TIMEOUT:
                self._fail(payment, "payment_timed_out", "BAD_REQUEST_ERROR")
            manual_expiry = timedelta(minutes=options.get("manual_expiry_period", 7_200))
            if payment["status"] == "authorized" and self._age(payment) >= manual_expiry:
                self._refund(payment, payment["amount"], {})

    def _fail(self, payment: Json, reason: str, code: str) -> None:
        payment |= {"status": "failed", "error_code": code, "error_reason": reason}
        payment |= {"error_description": VENDOR_TEXT}
        self._notify("payment.failed", payment=payment)

    def _authorize(self, id_: str, source: str) -> bool:
        with self._lock:
            self._pass_time()
            payment = self.payments[id_]
            if payment["status"] != source:
                return False
            payment |= {"status": "authorized", "error_code": None, "error_reason": None}
            self._notify("payment.authorized", payment=payment)
            automatic = self._captures[payment["order_id"]]["automatic_expiry_period"]
            if self.captures and self._age(payment) < timedelta(minutes=automatic):
                self._mark_captured(payment)
            return True

    def _mark_captured(self, payment: Json) -> None:
        payment |= {"status": "captured", "captured": True}
        order = self.orders[payment["order_id"]]
        order |= {"status": "paid", "amount_paid": order["amount"], "amount_due": 0}
        self._notify("payment.captured", payment=payment)
        self._notify("order.paid", payment=payment, order=order)

    def _notify(self, event: str, **entities: Json) -> None:
        self.outbox.append(self.notification(event, **entities))

    def _response(self, status: int, body: Json) -> Response:
        headers = {
            "x-razorpay-request-id": f"request{len(self.requests)}",
            "content-type": "application/json",
        }
        return Response(status=status, headers=headers, body=json.dumps(body).encode())


_ID = "([a-z]+_[A-Za-z0-9]+)"
_ROUTES = (
    ("POST", "/v1/orders", "_create_order"),
    ("GET", "/v1/orders", "_list_orders"),
    ("GET", f"/v1/orders/{_ID}/payments", "_list_of_order"),
    ("POST", "/v1/payments/create/upi", "_create_payment"),
    ("GET", "/v1/payments", "_list_payments"),
    ("GET", f"/v1/payments/{_ID}", "_get_payment"),
    ("POST", f"/v1/payments/{_ID}/capture", "_capture"),
    ("POST", f"/v1/payments/{_ID}/refund", "_create_refund"),
    ("GET", f"/v1/payments/{_ID}/refunds", "_list_refunds"),
    ("GET", f"/v1/refunds/{_ID}", "_get_refund"),
)


def noted(entity: Json) -> str | None:
    """The id of the gateway's payment in the notes of an object."""
    notes = entity["notes"]
    return notes.get("payment_id") if isinstance(notes, dict) else None


def _check(
    given: Json, *, required: AbstractSet[str] = frozenset(), known: AbstractSet[str] = frozenset()
) -> None:
    """Raise RefusedError for missing and unknown parameters."""
    if missing := required - given.keys():
        text = f"The {min(missing)} field is required"
        raise RefusedError(text, reason="input_validation_failed")
    if extra := given.keys() - required - known:
        raise RefusedError(f"{min(extra)} is/are not required and should not be sent")


def _check_amount(body: Json) -> None:
    if type(body["amount"]) is not int or body["amount"] < MIN_AMOUNT or body["currency"] != "INR":
        raise RefusedError("The amount must be at least INR 1.00", reason="input_validation_failed")


def _check_notes(body: Json) -> None:
    notes = body.get("notes", {})
    if len(notes) > 15 or any(not isinstance(one, str) or len(one) > 256 for one in notes.values()):
        raise RefusedError("The notes are invalid", reason="input_validation_failed")


def _page(items: list[Json], query: Json) -> Json:
    """The page of a list, newest first."""
    _check(query, known={"count", "skip"})
    count, skip = int(query.get("count", 10)), int(query.get("skip", 0))
    if not 1 <= count <= MAX_PAGE:
        raise RefusedError("The count may not be greater than 100", reason="input_validation_failed")
    return _list(items[::-1][skip : skip + count])


def _list(items: list[Json]) -> Json:
    return {"entity": "collection", "count": len(items), "items": items}


def _error(code: str, text: str = VENDOR_TEXT, reason: str | None = None) -> Json:
    details = {"source": "NA", "step": "NA", "reason": reason or "NA", "metadata": {}}
    return {"error": {"code": code, "description": f"{text}. {VENDOR_TEXT}", **details}}
