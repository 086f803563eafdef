"""The routes of orders."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.lists import list_page
from chalicelib.api.queries import OrdersQuery, PublicOrderQuery
from chalicelib.api.requests import NewOrderBody
from chalicelib.api.responses.orders import NewOrderView, OrderView, PublicOrderView
from chalicelib.api.responses.view import ListView
from chalicelib.api.route import Route
from chalicelib.domain.errors import AmountTooSmallError, InvalidCurrencyError
from chalicelib.domain.money import DEFAULT_CURRENCY, parse_money
from chalicelib.domain.times import iso
from chalicelib.services.orders import NewOrder


def list_orders(call: Call, query: OrdersQuery) -> ListView[OrderView]:
    """List the merchant's orders, newest first."""
    return list_page(call, query, call.gateway.stores.orders, OrderView.of)


def create_order(call: Call, body: NewOrderBody) -> NewOrderView:
    """Create an order."""
    new = NewOrder(
        money=parse_money(body.amount, DEFAULT_CURRENCY if body.currency is None else body.currency),
        receipt=body.receipt,
        notes=body.notes or {},
        pay_once=body.pay_once,
        expires_at=body.expires_at,
    )
    idempotency = call.idempotency(_meaning(new), NewOrderView.of)
    return NewOrderView.of(call.gateway.orders.create(call.merchant.id, new, idempotency))


def get_order(call: Call) -> OrderView:
    """Get an order."""
    return OrderView.of(call.gateway.orders.get(call.path["order_id"], call.merchant.id))


def get_public_order(call: Call, query: PublicOrderQuery) -> PublicOrderView:
    """Get an order, as its buyer."""
    buyer_order = call.gateway.orders.get_for_buyer(call.path["order_id"], api_key=query.key)
    payments, merchant = call.gateway.payments, buyer_order.merchant
    return PublicOrderView.of(buyer_order, payments.upi_flows(merchant), payments.card_entries(merchant))


def _meaning(new: NewOrder) -> dict[str, Any]:
    """The content of the request, for its fingerprint. Options that are not set are left out."""
    meaning: dict[str, Any] = {**vars(new.money), "receipt": new.receipt, "notes": new.notes}
    if new.pay_once:
        meaning["pay_once"] = True
    if new.expires_at:
        meaning["expires_at"] = iso(new.expires_at)
    return meaning


ROUTES = [
    Route("GET", "/api/v1/orders", list_orders),
    Route(
        "POST",
        "/api/v1/orders",
        create_order,
        idempotent=True,
        raises=(InvalidCurrencyError, AmountTooSmallError),
    ),
    Route("GET", "/api/v1/orders/{order_id}", get_order),
    Route("GET", "/api/v1/orders/{order_id}/public", get_public_order, public=True),
]
