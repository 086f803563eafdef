"""Buyers: browsers that read the order, pay it and poll the payment, as the checkout page does."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from tests.simulation.merchant import Request
from tests.simulation.scripts import LONG_ENOUGH_S, Json, Script, card, order, upi
from tests.simulation.world import World

PUBLIC = "/payments/public"
REFUSALS = {"PAYMENT_IN_PROGRESS", "ORDER_ALREADY_PAID", "RATE_LIMIT_ERROR"}
MAX_STEPS = 200  # a browser that needs more is in a loop


@dataclass(frozen=True, kw_only=True)
class Browser:
    """One browser with one order. With ``forgets``, it sends no idempotency key and does not retry."""

    world: World
    order_id: str
    forgets: bool = False

    def visit(self, *ways_to_pay: Json) -> str:
        """Try ``ways_to_pay`` in turn until the order is paid; returns how the visit ended."""
        left = list(ways_to_pay)
        for _ in range(MAX_STEPS):
            seen = self.read()
            if seen["status"] == "paid":
                return "paid"
            payment_id = seen["payment_id"] or (self.submit(left.pop(0)) if left else None)
            if payment_id:
                self.follow(payment_id)
            elif not left:
                return "gave up"
        raise AssertionError("the browser is in a loop")

    def read(self) -> Json:
        """The public order."""
        return self.world.merchant.get(f"/orders/{self.order_id}/public")

    def submit(self, by: Json) -> str | None:
        """Submit the form; returns the id of the payment to poll, or None."""
        request = self._post(by)
        if not request.is_definite:
            return None
        if request.created:
            return str(request.created["id"])
        error = request.response.body["error"]
        assert error["code"] in REFUSALS, error
        payment_id: str | None = error.get("payment_id")
        return payment_id

    def follow(self, payment_id: str) -> None:
        """Poll until the payment is no longer pending."""
        while self.world.merchant.get(f"/payments/{payment_id}/public")["status"] == "pending":
            self.world.scheduler.pause(LONG_ENOUGH_S)

    def _post(self, by: Json) -> Request:
        merchant, body = self.world.merchant, {"order_id": self.order_id, **by}
        if self.forgets:
            return merchant.post(PUBLIC, body, again=False)
        return merchant.post(PUBLIC, body, key=merchant.new_key())


def two_browsers_submit_at_once(world: World) -> None:
    """Both browsers have read the order and show the form; each submits it."""
    browser = Browser(world=world, order_id=order(world))
    world.concurrently(*(partial(browser.submit, upi(world)) for _ in range(2)))
    assert browser.visit(card()) == "paid"


def two_browsers_pay_one_order(world: World) -> None:
    """Each browser opens the page, pays, and polls the payment that the response refers to."""
    order_id = order(world)
    ends = world.concurrently(
        partial(Browser(world=world, order_id=order_id).visit, upi(world), card()),
        partial(Browser(world=world, order_id=order_id, forgets=True).visit, card(), upi(world)),
    )
    assert "paid" in ends, ends


def two_browsers_and_a_declined_card(world: World) -> None:
    """The first payment of one buyer fails while the other buyer waits for it."""
    order_id = order(world)
    first = Browser(world=world, order_id=order_id)
    world.concurrently(
        partial(first.visit, upi(world, "failure"), upi(world)),
        partial(_later, world, first, 4, upi(world, "failure"), card()),
    )
    assert first.visit(upi(world)) == "paid"


def a_buyer_pays_while_the_first_payment_is_settled(world: World) -> None:
    """The second form is submitted when the first payment fails."""
    order_id = order(world)
    first, second = (Browser(world=world, order_id=order_id) for _ in range(2))
    payment_id = first.submit(upi(world, "failure"))
    assert payment_id
    world.concurrently(
        *(partial(_later, world, second, after_s, card()) for after_s in (5, 6, 7)),
        partial(first.follow, payment_id),
    )
    assert second.visit(upi(world)) == "paid"


def a_merchant_pays_once(world: World) -> None:
    """Two of the merchant's programs pay an order with pay_once."""
    merchant = world.merchant
    made = merchant.post("/orders", {"amount": 50_000, "pay_once": True}, key=merchant.new_key()).created
    assert made
    requests = world.concurrently(
        *(
            partial(merchant.post, "/payments", {"order_id": made["id"], **by}, key=merchant.new_key())
            for by in (upi(world), upi(world))
        )
    )
    assert sorted(request.response.status for request in requests) == [201, 409]


def busy_checkout(world: World) -> None:
    """Several browsers pay several orders, at random."""
    random = world.weather.random("buyers") or Random(7)
    orders = [order(world) for _ in range(random.randint(1, 2))]
    works = [
        partial(
            _later,
            world,
            Browser(world=world, order_id=random.choice(orders), forgets=random.random() < 0.5),
            random.choice([0, 0, random.uniform(0, 12)]),
            *(_any_way(world, random) for _ in range(random.randint(1, 3))),
        )
        for _ in range(random.randint(2, 4))
    ]
    world.concurrently(*works)


def _later(world: World, browser: Browser, after_s: float, *ways_to_pay: Json) -> str:
    world.scheduler.pause(after_s)
    return browser.visit(*ways_to_pay)


def _any_way(world: World, random: Random) -> dict[str, Any]:
    return random.choice([upi(world), card(), upi(world, "failure")])


SCRIPTS: Mapping[str, Script] = {
    script.__name__: script
    for script in (
        two_browsers_submit_at_once,
        two_browsers_pay_one_order,
        two_browsers_and_a_declined_card,
        a_buyer_pays_while_the_first_payment_is_settled,
        a_merchant_pays_once,
        busy_checkout,
    )
}

RACES = frozenset({two_browsers_submit_at_once.__name__, a_merchant_pays_once.__name__})
RANDOM = frozenset({busy_checkout.__name__})
