"""``/payments``."""

from collections.abc import Callable
from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.lists import Listing
from chalicelib.api.queries import PaymentsQuery
from chalicelib.api.requests import CaptureBody, NewPaymentBody
from chalicelib.api.responses.payments import NewPaymentView, PaymentView, PublicPaymentView
from chalicelib.api.responses.view import ListView
from chalicelib.api.routing import Router
from chalicelib.domain.card import Card
from chalicelib.domain.errors import (
    BadRequestError,
    ExpiredCardError,
    InvalidCardError,
    InvalidVpaError,
    NotFoundError,
    OrderAlreadyPaidError,
    OrderExpiredError,
    PaymentInProgressError,
    TooManyAttemptsError,
)
from chalicelib.domain.order import Order
from chalicelib.domain.payment import PaymentMethod, check_currency
from chalicelib.domain.vpa import parse_vpa
from chalicelib.services.once import Answer
from chalicelib.services.payments import Vpa

PAYMENT_REFUSALS = (
    NotFoundError,
    InvalidVpaError,
    InvalidCardError,
    ExpiredCardError,
    OrderAlreadyPaidError,
    PaymentInProgressError,
    OrderExpiredError,
    TooManyAttemptsError,
)


def add_routes(routes: Router) -> None:
    """Register the addresses of payments."""
    routes.get("/api/v1/payments", takes=PaymentsQuery, returns=ListView[PaymentView])(list_payments)
    routes.post(
        "/api/v1/payments",
        takes=NewPaymentBody,
        returns=NewPaymentView,
        once=True,
        raises=PAYMENT_REFUSALS,
    )(create_payment)
    routes.post(
        "/api/v1/payments/public",
        takes=NewPaymentBody,
        returns=NewPaymentView,
        public=True,
        once=True,
        raises=PAYMENT_REFUSALS,
    )(create_public_payment)
    routes.get("/api/v1/payments/{payment_id}", returns=PaymentView)(get_payment)
    routes.post("/api/v1/payments/{payment_id}/capture", takes=CaptureBody, returns=PaymentView)(
        capture_payment
    )
    routes.get("/api/v1/payments/{payment_id}/public", returns=PublicPaymentView, public=True)(
        get_public_payment
    )


def list_payments(call: Call, asked: PaymentsQuery) -> ListView[PaymentView]:
    """List the merchant's payments, newest first."""
    listing = Listing(read=call.gateway.payments.page, show=PaymentView.of, counted_as="payments")
    return listing.answer(call, asked)


def create_payment(call: Call, body: NewPaymentBody) -> Answer:
    """Pay an order.

    Checked in this order: required fields, the order, the method, then what the method needs. UPI pays orders
    in INR only.
    """
    order = call.gateway.orders.get
    return _pay(call, body, lambda: order(body.order_id, call.merchant.id), public=False)


def create_public_payment(call: Call, body: NewPaymentBody) -> Answer:
    """Pay an order as its buyer, who holds its id.

    As `POST /api/v1/payments`, for the merchant whose order it is. The order takes one open payment at a
    time, and none once it is paid.
    """
    order = call.gateway.orders.get_for_buyer
    return _pay(call, body, lambda: order(body.order_id).order, public=True)


def get_payment(call: Call) -> PaymentView:
    """Look at a payment."""
    return PaymentView.of(call.gateway.payments.get(call.path["payment_id"], call.merchant.id))


def capture_payment(call: Call, body: CaptureBody) -> PaymentView:
    """Take the money of a payment that succeeded.

    All of it, once; `amount`, when given, must be the payment's.
    """
    payments, payment_id = call.gateway.payments, call.path["payment_id"]
    return PaymentView.of(payments.capture(payment_id, call.merchant.id, body.amount))


def get_public_payment(call: Call) -> PublicPaymentView:
    """Look at what a buyer sees of a payment; the checkout page polls it."""
    return PublicPaymentView.of(call.gateway.payments.get(call.path["payment_id"]))


def _pay(call: Call, body: NewPaymentBody, find_order: Callable[[], Order], *, public: bool) -> Answer:
    _require_what_the_method_needs(body)
    order = find_order()
    pay_with = _instrument(body, order.money.currency)
    once = call.once(_meaning(body, pay_with), NewPaymentView.of, order_id=order.id if public else None)
    return call.gateway.payments.create(order, pay_with, once, guarded=public)


def _require_what_the_method_needs(body: NewPaymentBody) -> None:
    for method, field in ((PaymentMethod.UPI, "vpa"), (PaymentMethod.CARD, "card")):
        if body.method == method and getattr(body, field) is None:
            raise BadRequestError(f"{field} is required", field=field)


def _instrument(body: NewPaymentBody, currency: str) -> Vpa | Card:
    if body.method == PaymentMethod.UPI and body.vpa is not None:
        check_currency(PaymentMethod.UPI, currency)
        return Vpa(parse_vpa(body.vpa))
    if body.method == PaymentMethod.CARD and body.card is not None:
        return body.card.parse()
    raise BadRequestError("Invalid payment method", field="method")


def _meaning(body: NewPaymentBody, pay_with: Vpa | Card) -> dict[str, Any]:
    """What tells this request from another, without the number and the CVV: they may not be kept."""
    request: dict[str, Any] = {"order_id": body.order_id, "method": body.method}
    if isinstance(pay_with, Vpa):
        return request | {"vpa": pay_with.address}
    kept = ("network", "last4", "expiry_month", "expiry_year", "holder_name")
    return request | {name: getattr(pay_with, name) for name in kept}
