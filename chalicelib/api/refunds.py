"""The routes of refunds."""

from chalicelib.api.call import Call
from chalicelib.api.lists import list_page
from chalicelib.api.queries import RefundsQuery
from chalicelib.api.requests import NewRefundBody
from chalicelib.api.responses.refunds import NewRefundView, RefundView
from chalicelib.api.responses.view import ListView
from chalicelib.api.route import Route
from chalicelib.services.refunds import NewRefund


def list_refunds(call: Call, query: RefundsQuery) -> ListView[RefundView]:
    """List the merchant's refunds, newest first."""
    return list_page(call, query, call.gateway.stores.refunds, RefundView.of)


def create_refund(call: Call, body: NewRefundBody) -> NewRefundView:
    """Refund some or all of a payment."""
    new = NewRefund(payment_id=call.path["payment_id"], amount=body.amount, reason=body.reason)
    idempotency = call.idempotency({"payment_id": new.payment_id, **body.model_dump()}, NewRefundView.of)
    return NewRefundView.of(call.gateway.refunds.create(call.merchant.id, new, idempotency))


def get_refund(call: Call) -> RefundView:
    """Get a refund."""
    return RefundView.of(call.gateway.refunds.get(call.path["refund_id"], call.merchant.id))


ROUTES = [
    Route("GET", "/api/v1/refunds", list_refunds),
    Route("POST", "/api/v1/payments/{payment_id}/refunds", create_refund, idempotent=True),
    Route("GET", "/api/v1/refunds/{refund_id}", get_refund),
]
