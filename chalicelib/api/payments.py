"""The routes of payments."""

from collections.abc import Callable
from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.lists import list_page
from chalicelib.api.queries import PaymentsQuery
from chalicelib.api.requests import CaptureBody, NewPaymentBody
from chalicelib.api.responses.payments import NewPaymentView, PaymentView, PublicPaymentView
from chalicelib.api.responses.view import ListView
from chalicelib.api.route import Route
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
from chalicelib.domain.methods.card import Card
from chalicelib.domain.methods.upi import parse_vpa
from chalicelib.domain.order import Order
from chalicelib.domain.payment import PaymentMethod, check_currency
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


def list_payments(call: Call, query: PaymentsQuery) -> ListView[PaymentView]:
    """List the merchant's payments, newest first."""
    return list_page(call, query, call.gateway.lists.payments, PaymentView.of, counted_as="payments")


def create_payment(call: Call, body: NewPaymentBody) -> NewPaymentView:
    """Create a payment for an order.

    Validated in this order: required fields, the order, the method, then the fields of the method. UPI pays
    orders in INR only.
    """
    order = call.gateway.orders.get
    return _pay(call, body, lambda: order(body.order_id, call.merchant.id), public=False)


def create_public_payment(call: Call, body: NewPaymentBody) -> NewPaymentView:
    """Create a payment for an order, as its buyer.

    Like `POST /api/v1/payments`, without credentials: the buyer knows the id of the order. The order accepts
    one open payment at a time, and none once it is paid.
    """
    order = call.gateway.orders.get_for_buyer
    return _pay(call, body, lambda: order(body.order_id).order, public=True)


def get_payment(call: Call) -> PaymentView:
    """Get a payment."""
    return PaymentView.of(call.gateway.payments.get(call.path["payment_id"], call.merchant.id))


def capture_payment(call: Call, body: CaptureBody) -> PaymentView:
    """Capture a payment that succeeded.

    A payment is captured once, in full: `amount`, if present, must be the amount of the payment.
    """
    payments, payment_id = call.gateway.payments, call.path["payment_id"]
    return PaymentView.of(payments.capture(payment_id, call.merchant.id, body.amount))


def get_public_payment(call: Call) -> PublicPaymentView:
    """Get the status of a payment, as its buyer. The checkout page polls this route."""
    return PublicPaymentView.of(call.gateway.payments.get(call.path["payment_id"]))


def _pay(
    call: Call, body: NewPaymentBody, find_order: Callable[[], Order], *, public: bool
) -> NewPaymentView:
    _require_what_the_method_needs(body)
    order = find_order()
    pay_with = _instrument(body, order.money.currency)
    idempotency = call.idempotency(
        _meaning(body, pay_with), NewPaymentView.of, order_id=order.id if public else None
    )
    return NewPaymentView.of(call.gateway.payments.create(order, pay_with, idempotency, guarded=public))


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
    """What distinguishes this request from another. Without card number and CVV, which are never stored."""
    request: dict[str, Any] = {"order_id": body.order_id, "method": body.method}
    if isinstance(pay_with, Vpa):
        return request | {"vpa": pay_with.address}
    kept = ("network", "last4", "expiry_month", "expiry_year", "holder_name")
    return request | {name: getattr(pay_with, name) for name in kept}


ROUTES = [
    Route("GET", "/api/v1/payments", list_payments),
    Route("POST", "/api/v1/payments", create_payment, idempotent=True, raises=PAYMENT_REFUSALS),
    Route(
        "POST",
        "/api/v1/payments/public",
        create_public_payment,
        public=True,
        idempotent=True,
        raises=PAYMENT_REFUSALS,
    ),
    Route("GET", "/api/v1/payments/{payment_id}", get_payment),
    Route("POST", "/api/v1/payments/{payment_id}/capture", capture_payment),
    Route("GET", "/api/v1/payments/{payment_id}/public", get_public_payment, public=True),
]
