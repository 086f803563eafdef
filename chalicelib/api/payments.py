"""``/payments``."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.lists import Listing
from chalicelib.api.requests import CaptureBody, NewPaymentBody
from chalicelib.api.responses import NewPaymentView, PaymentView, PublicPaymentView, View
from chalicelib.api.routing import Router
from chalicelib.domain.card import Card
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.payment import PaymentMethod, PaymentStatus
from chalicelib.domain.vpa import parse_vpa
from chalicelib.services.once import Answer
from chalicelib.services.payments import Vpa


def add_routes(routes: Router) -> None:
    """Register the addresses of payments."""
    routes.get("/api/v1/payments")(list_payments)
    routes.post("/api/v1/payments")(create_payment)
    routes.post("/api/v1/payments/public", public=True)(create_payment)
    routes.get("/api/v1/payments/{payment_id}")(get_payment)
    routes.post("/api/v1/payments/{payment_id}/capture")(capture_payment)
    routes.get("/api/v1/payments/{payment_id}/public", public=True)(get_public_payment)


def list_payments(call: Call) -> View:
    """The merchant's payments, newest first."""
    listing = Listing(
        read=call.gateway.payments.page,
        show=PaymentView.of,
        counted_as="payments",
        filters={"method": PaymentMethod, "status": PaymentStatus},
    )
    return listing.answer(call)


def create_payment(call: Call) -> Answer:
    """Pay an order: the caller's, or on the public address the one whose id the buyer holds.

    Checks in this order: required fields, the order, the method, then what the method needs.
    """
    body = call.body(NewPaymentBody)
    _require_what_the_method_needs(body)
    gateway = call.gateway
    order = gateway.orders.get(body.order_id, call.caller.id if call.caller else None)
    pay_with = _instrument(call, body)
    once = call.once(_meaning(body, pay_with), NewPaymentView.of)
    return gateway.payments.create(order, pay_with, once)


def get_payment(call: Call) -> View:
    """Look at a payment."""
    return PaymentView.of(call.gateway.payments.get(call.path["payment_id"], call.merchant.id))


def capture_payment(call: Call) -> View:
    """Take the money of a payment that succeeded. An empty body captures all of it."""
    amount = call.body(CaptureBody).amount if call.request.raw_body else None
    return PaymentView.of(call.gateway.payments.capture(call.path["payment_id"], call.merchant.id, amount))


def get_public_payment(call: Call) -> View:
    """What the checkout page polls."""
    return PublicPaymentView.of(call.gateway.payments.get(call.path["payment_id"]))


def _require_what_the_method_needs(body: NewPaymentBody) -> None:
    for method, field in ((PaymentMethod.UPI, "vpa"), (PaymentMethod.CARD, "card")):
        if body.method == method and getattr(body, field) is None:
            raise BadRequestError(f"{field} is required", field=field)


def _instrument(call: Call, body: NewPaymentBody) -> Vpa | Card:
    if body.method == PaymentMethod.UPI and body.vpa is not None:
        return Vpa(parse_vpa(body.vpa))
    if body.method == PaymentMethod.CARD and body.card is not None:
        return body.card.parse(call.gateway.clock())
    raise BadRequestError("Invalid payment method", field="method")


def _meaning(body: NewPaymentBody, pay_with: Vpa | Card) -> dict[str, Any]:
    """What tells this request from another, without the number and the CVV: they may not be kept."""
    request: dict[str, Any] = {"order_id": body.order_id, "method": body.method}
    if isinstance(pay_with, Vpa):
        return request | {"vpa": pay_with.address}
    kept = ("network", "last4", "expiry_month", "expiry_year", "holder_name")
    return request | {name: getattr(pay_with, name) for name in kept}
