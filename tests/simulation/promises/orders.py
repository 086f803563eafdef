"""The orders, compared with their payments."""

from collections import Counter
from typing import Any

from tests.simulation.buyers import PUBLIC
from tests.simulation.world import World


def an_order_is_paid_once_and_never_left_locked(world: World) -> None:
    """An order with pay_once, or paid only by its buyers, has at most one successful payment."""
    for order in world.rows("orders"):
        payments = [one for one in world.rows("payments") if one["order_id"] == order["id"]]
        statuses = Counter(one["status"] for one in payments)
        if _is_guarded(world, order):
            assert statuses["success"] <= 1, f"{order['id']} was paid {statuses['success']} times"
        assert not order.get("open_payment_ids"), f"{order['id']} is locked by {order['open_payment_ids']}"


def an_order_counts_its_payments(world: World) -> None:
    """The order also contains the id of the first successful payment."""
    for order in world.rows("orders"):
        payments = [one for one in world.rows("payments") if one["order_id"] == order["id"]]
        paid = {one["id"] for one in payments if one["status"] == "success"}
        assert order["attempts"] == len(payments), (
            f"{order['id']} counts {order['attempts']} of {len(payments)}"
        )
        assert order["status"] == ("paid" if paid else "created"), order["id"]
        assert order.get("paid_payment_id") in (paid or {None}), order["id"]


def _is_guarded(world: World, order: dict[str, Any]) -> bool:
    if order.get("pay_once"):
        return True
    paths = {
        request.path for request in world.merchant.requests if request.body.get("order_id") == order["id"]
    }
    return paths == {PUBLIC}
