"""``/payments/{id}/refunds`` and ``/refunds``."""

from chalicelib.api.call import Call
from chalicelib.api.lists import Listing
from chalicelib.api.requests import NewRefundBody
from chalicelib.api.responses import NewRefundView, RefundView, View
from chalicelib.api.routing import Router
from chalicelib.domain.refund import RefundStatus
from chalicelib.services.once import Answer
from chalicelib.services.refunds import NewRefund


def add_routes(routes: Router) -> None:
    """Register the addresses of refunds."""
    routes.get("/api/v1/refunds")(list_refunds)
    routes.post("/api/v1/payments/{payment_id}/refunds")(create_refund)
    routes.get("/api/v1/refunds/{refund_id}")(get_refund)


def list_refunds(call: Call) -> View:
    """The merchant's refunds, newest first."""
    listing = Listing(
        read=call.gateway.refunds.page,
        show=RefundView.of,
        counted_as="refunds",
        filters={"status": RefundStatus},
    )
    return listing.answer(call)


def create_refund(call: Call) -> Answer:
    """Give back some or all of a payment."""
    body = call.body(NewRefundBody)
    new = NewRefund(payment_id=call.path["payment_id"], amount=body.amount, reason=body.reason)
    once = call.once({"payment_id": new.payment_id, **body.model_dump()}, NewRefundView.of)
    return call.gateway.refunds.create(call.merchant.id, new, once)


def get_refund(call: Call) -> View:
    """Look at a refund."""
    return RefundView.of(call.gateway.refunds.get(call.path["refund_id"], call.merchant.id))
