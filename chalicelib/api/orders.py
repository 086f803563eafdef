"""``/orders``."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.lists import Listing
from chalicelib.api.queries import PageQuery, PublicOrderQuery
from chalicelib.api.requests import NewOrderBody
from chalicelib.api.responses.orders import NewOrderView, OrderView, PublicOrderView
from chalicelib.api.responses.view import ListView
from chalicelib.api.routing import Router
from chalicelib.domain.errors import AmountTooSmallError, InvalidCurrencyError
from chalicelib.domain.money import DEFAULT_CURRENCY, parse_money
from chalicelib.domain.times import iso
from chalicelib.services.once import Answer
from chalicelib.services.orders import NewOrder


def add_routes(routes: Router) -> None:
    """Register the addresses of orders."""
    routes.get("/api/v1/orders", takes=PageQuery, returns=ListView[OrderView])(list_orders)
    routes.post(
        "/api/v1/orders",
        takes=NewOrderBody,
        returns=NewOrderView,
        once=True,
        raises=(InvalidCurrencyError, AmountTooSmallError),
    )(create_order)
    routes.get("/api/v1/orders/{order_id}", returns=OrderView)(get_order)
    routes.get(
        "/api/v1/orders/{order_id}/public", returns=PublicOrderView, public=True, takes=PublicOrderQuery
    )(get_public_order)


def list_orders(call: Call, asked: PageQuery) -> ListView[OrderView]:
    """List the merchant's orders, newest first."""
    listing = Listing(read=call.gateway.orders.page, show=OrderView.of, counted_as="orders")
    return listing.answer(call, asked)


def create_order(call: Call, body: NewOrderBody) -> Answer:
    """Make an order."""
    new = NewOrder(
        money=parse_money(body.amount, DEFAULT_CURRENCY if body.currency is None else body.currency),
        receipt=body.receipt,
        notes=body.notes or {},
        pay_once=body.pay_once,
        expires_at=body.expires_at,
    )
    once = call.once(_meaning(new), NewOrderView.of)
    return call.gateway.orders.create(call.merchant.id, new, once)


def get_order(call: Call) -> OrderView:
    """Look at an order."""
    return OrderView.of(call.gateway.orders.get(call.path["order_id"], call.merchant.id))


def get_public_order(call: Call, asked: PublicOrderQuery) -> PublicOrderView:
    """Get an order as its buyer sees it."""
    return PublicOrderView.of(call.gateway.orders.get_for_buyer(call.path["order_id"], api_key=asked.key))


def _meaning(new: NewOrder) -> dict[str, Any]:
    """What distinguishes this request from another. Options that are not set are left out."""
    meaning: dict[str, Any] = {**vars(new.money), "receipt": new.receipt, "notes": new.notes}
    if new.pay_once:
        meaning["pay_once"] = True
    if new.expires_at:
        meaning["expires_at"] = iso(new.expires_at)
    return meaning
