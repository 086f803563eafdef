"""``/payments/{id}/refunds`` and ``/refunds``."""

from chalicelib.api.call import Call
from chalicelib.api.lists import Listing
from chalicelib.api.queries import RefundsQuery
from chalicelib.api.requests import NewRefundBody
from chalicelib.api.responses.refunds import NewRefundView, RefundView
from chalicelib.api.responses.view import ListView
from chalicelib.api.routing import Router
from chalicelib.services.once import Answer
from chalicelib.services.refunds import NewRefund


def add_routes(routes: Router) -> None:
    """Register the addresses of refunds."""
    routes.get("/api/v1/refunds", takes=RefundsQuery, returns=ListView[RefundView])(list_refunds)
    routes.post(
        "/api/v1/payments/{payment_id}/refunds", takes=NewRefundBody, returns=NewRefundView, once=True
    )(create_refund)
    routes.get("/api/v1/refunds/{refund_id}", returns=RefundView)(get_refund)


def list_refunds(call: Call, asked: RefundsQuery) -> ListView[RefundView]:
    """List the merchant's refunds, newest first."""
    listing = Listing(read=call.gateway.refunds.page, show=RefundView.of, counted_as="refunds")
    return listing.answer(call, asked)


def create_refund(call: Call, body: NewRefundBody) -> Answer:
    """Give back some or all of a payment."""
    new = NewRefund(payment_id=call.path["payment_id"], amount=body.amount, reason=body.reason)
    once = call.once({"payment_id": new.payment_id, **body.model_dump()}, NewRefundView.of)
    return call.gateway.refunds.create(call.merchant.id, new, once)


def get_refund(call: Call) -> RefundView:
    """Look at a refund."""
    return RefundView.of(call.gateway.refunds.get(call.path["refund_id"], call.merchant.id))
