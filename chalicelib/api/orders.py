"""``/orders``."""

from chalicelib.api.call import Call
from chalicelib.api.lists import Listing
from chalicelib.api.requests import NewOrderBody
from chalicelib.api.responses import NewOrderView, OrderView, PublicOrderView, View
from chalicelib.api.routing import Router
from chalicelib.domain.money import DEFAULT_CURRENCY, Money
from chalicelib.services.once import Answer
from chalicelib.services.orders import NewOrder


def add_routes(routes: Router) -> None:
    """Register the addresses of orders."""
    routes.get("/api/v1/orders")(list_orders)
    routes.post("/api/v1/orders")(create_order)
    routes.get("/api/v1/orders/{order_id}")(get_order)
    routes.get("/api/v1/orders/{order_id}/public", public=True)(get_public_order)


def list_orders(call: Call) -> View:
    """The merchant's orders, newest first."""
    listing = Listing(
        read=call.gateway.orders.page,
        show=OrderView.of,
        counted_as="orders",
    )
    return listing.answer(call)


def create_order(call: Call) -> Answer:
    """Make an order."""
    body = call.body(NewOrderBody)
    new = NewOrder(
        money=Money(body.amount, body.currency or DEFAULT_CURRENCY),
        receipt=body.receipt,
        notes=body.notes or {},
    )
    once = call.once({**vars(new.money), "receipt": new.receipt, "notes": new.notes}, NewOrderView.of)
    return call.gateway.orders.create(call.merchant.id, new, once)


def get_order(call: Call) -> View:
    """Look at an order."""
    return OrderView.of(call.gateway.orders.get(call.path["order_id"], call.merchant.id))


def get_public_order(call: Call) -> View:
    """What a buyer sees of an order."""
    return PublicOrderView.of(call.gateway.orders.get(call.path["order_id"]))
