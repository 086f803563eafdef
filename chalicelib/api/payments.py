"""The routes of payments."""

from chalicelib.api.buyer_return import shop_url
from chalicelib.api.call import Call
from chalicelib.api.lists import list_page
from chalicelib.api.queries import PaymentsQuery
from chalicelib.api.requests import CaptureBody, NewPaymentBody
from chalicelib.api.responses.payments import NewPaymentView, PaymentView, PublicPaymentView
from chalicelib.api.responses.qr_code import QrCodeView
from chalicelib.api.responses.view import ListView
from chalicelib.api.route import Route
from chalicelib.domain.clock import ahead_by
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
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.methods.card import CardEntry
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.payment import CaptureMode
from chalicelib.services.new_payment import NewPayment
from chalicelib.services.orders import BuyerOrder

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
    return list_page(call, query, call.gateway.stores.payments, PaymentView.of)


def create_payment(call: Call, body: NewPaymentBody) -> NewPaymentView:
    """Create a payment for an order.

    Validated in this order: required fields, the order, the method, then the fields of the method. UPI pays
    orders in INR only. A card is sent as `card`, as `card_token`, or entered on a page of the acquirer.
    """
    body.require_details(has_card_page=_has_card_page(call, call.merchant))
    order = call.gateway.orders.get(body.order_id, call.merchant.id)
    return _create(call, body, BuyerOrder(order=order, merchant=call.merchant), public=False)


def create_public_payment(call: Call, body: NewPaymentBody) -> NewPaymentView:
    """Create a payment for an order, as its buyer.

    Like `POST /api/v1/payments`, without credentials: the buyer knows the id of the order. The order accepts
    one open payment at a time, and none once it is paid. `capture` is ignored: the merchant chooses it.
    """
    found = _found_for_buyer(call, body)
    with ahead_by(call.gateway.offset_of(found.merchant.id)):
        return _create(call, body, found, public=True)


def get_payment(call: Call) -> PaymentView:
    """Get a payment."""
    return PaymentView.of(call.gateway.payments.get(call.path["payment_id"], call.merchant.id))


def capture_payment(call: Call, body: CaptureBody) -> PaymentView:
    """Capture a payment that succeeded.

    A payment is captured once, in full: `amount`, if present, must be the amount of the payment. With manual
    capture, only before `capture_before`.
    """
    captures, payment_id = call.gateway.captures, call.path["payment_id"]
    return PaymentView.of(captures.capture(payment_id, call.merchant.id, body.amount))


def void_payment(call: Call) -> PaymentView:
    """Void a payment with manual capture.

    Releases the money of a payment that succeeded and is not captured.
    """
    return PaymentView.of(call.gateway.captures.void(call.path["payment_id"], call.merchant.id))


def get_public_payment(call: Call) -> PublicPaymentView:
    """Get the status of a payment, as its buyer. The checkout page polls this route."""
    payment = call.gateway.payments.get(call.path["payment_id"])
    return PublicPaymentView.of(payment, return_url=shop_url(call, payment))


def get_qr_code(call: Call) -> QrCodeView:
    """Get the QR code of a UPI payment that waits for its buyer."""
    action = call.gateway.payments.get(call.path["payment_id"]).open_action
    if action is None or action.type is not ActionType.UPI:
        raise NotFoundError("QR code")
    return QrCodeView.of(action.url)


def _found_for_buyer(call: Call, body: NewPaymentBody) -> BuyerOrder:
    """The order of the request. Missing fields are reported first, also if there is no such order."""
    body.require_details(has_card_page=True)  # unknown before the order and its merchant are
    try:
        found = call.gateway.orders.get_for_buyer(body.order_id)
    except NotFoundError:
        body.require_details(has_card_page=False)
        raise
    body.require_details(has_card_page=_has_card_page(call, found.merchant))
    return found


def _has_card_page(call: Call, merchant: Merchant) -> bool:
    return CardEntry.PAGE in call.gateway.payments.card_entries(merchant)


def _create(call: Call, body: NewPaymentBody, found: BuyerOrder, *, public: bool) -> NewPaymentView:
    order, payments = found.order, call.gateway.payments
    new = NewPayment(
        details=body.details(order.money.currency),
        capture_mode=CaptureMode.AUTOMATIC if public else body.capture,
        return_url=body.return_url,
    )
    request = {"order_id": body.order_id, "method": body.method, **new.fingerprint()}
    idempotency = call.idempotency(request, NewPaymentView.of, order_id=order.id if public else None)
    merchant = found.merchant
    if body.return_url is not None and not merchant.allows_return(body.return_url):
        merchant = call.gateway.merchants.get(merchant.id)  # the cached one may not have the origin yet
    return NewPaymentView.of(payments.create(merchant, order, new, idempotency, guarded=public))


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
    Route("POST", "/api/v1/payments/{payment_id}/void", void_payment, raises=(BadRequestError,)),
    Route("GET", "/api/v1/payments/{payment_id}/public", get_public_payment, public=True),
    Route("GET", "/api/v1/payments/{payment_id}/qr.svg", get_qr_code, public=True),
]
