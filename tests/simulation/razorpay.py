"""Stories with the adapter of Razorpay and its double."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

from chalicelib.acquirers.razorpay import RAZORPAY
from chalicelib.acquirers.razorpay.adapter import RazorpayAcquirer
from tests.acquirers.razorpay_double import CREDENTIALS, RazorpayDouble, noted
from tests.simulation.outside import Message, Movement
from tests.simulation.scripts import (
    ACCEPTED,
    AMOUNT,
    HOUR_S,
    LONG_ENOUGH_S,
    REJECTED,
    Json,
    Script,
    notify,
    order,
    pay,
    refund,
    settled,
)
from tests.simulation.vendors import connect
from tests.simulation.world import World

LINK = {"method": "upi", "flow": "qr"}
PENDING_REFUND_S = 2 * HOUR_S


@dataclass(frozen=True)
class RazorpayLedger:
    """What the double did. Razorpay reserves no money."""

    double: RazorpayDouble

    @property
    def charges(self) -> list[Movement]:
        """Every approved payment. Without one, one that is not approved: the others have no known link."""
        found: dict[str, list[Movement]] = {}
        for one in self.double.payments.values():
            payment_id = str(noted(one))
            status = True if one["captured"] else None if one["status"] == "created" else False
            movement = _movement(one, f"charge:{payment_id}", payment_id, approved=status)
            found.setdefault(payment_id, []).append(movement)
        return [
            one for mine in found.values() for one in [each for each in mine if each.approved] or mine[:1]
        ]

    @property
    def captures(self) -> list[Movement]:
        return []

    @property
    def voids(self) -> list[Movement]:
        return []

    @property
    def refunds(self) -> list[Movement]:
        """The refunds that the gateway requested. Those of uncaptured money have no receipt."""
        return [
            _movement(
                one,
                one["receipt"].replace("-", ":", 1),
                str(noted(self.double.payments[one["payment_id"]])),
                approved=one["status"] == "processed",
            )
            for one in self.double.refunds.values()
            if one["receipt"]
        ]


def _movement(entity: Json, key: str, payer: str, *, approved: bool | None) -> Movement:
    at = datetime.fromtimestamp(entity["created_at"], UTC)
    return Movement(at=at, key=key, payer=payer, amount=entity["amount"], approved=approved)


def razorpay(world: World) -> RazorpayDouble:
    """Razorpay, which the merchant uses for UPI."""
    double = RazorpayDouble(clock=world.scheduler.clock)
    connect(world, "upi", RazorpayAcquirer, double=double, ledger=RazorpayLedger(double), **CREDENTIALS)
    return double


def opened(world: World, double: RazorpayDouble, payment_id: str) -> str | None:
    """The payment at Razorpay whose link the buyer opens. None if the link was lost on its way."""
    while (payment := world.merchant.get(f"/payments/{payment_id}"))["status"] == "pending":
        if action := payment.get("next_action"):
            return double.payment_of(action["link"])
        world.scheduler.pause(LONG_ENOUGH_S)
    return None


def link_is_approved(world: World) -> None:
    """The merchant refunds a part twice."""
    double = razorpay(world)
    payment_id = pay(world, LINK)
    if reference := opened(world, double, payment_id):
        world.scheduler.pause(60)
        double.approve(reference)
    if settled(world, payment_id)["status"] == "success":
        world.concurrently(*[partial(refund, world, payment_id, 20_000)] * 2)


def link_is_declined(world: World) -> None:
    double = razorpay(world)
    if reference := opened(world, double, pay(world, LINK)):
        double.decline(reference)


def link_is_ignored(world: World) -> None:
    """Razorpay never reports an outcome."""
    razorpay(world).times_out = False
    pay(world, LINK)


def link_is_approved_at_its_end(world: World) -> None:
    """Razorpay did not capture the payment yet when the gateway asks."""
    double = razorpay(world)
    double.times_out = double.captures = False
    if reference := opened(world, double, pay(world, LINK)):
        payment = double.payments[reference]
        world.scheduler.pause(max(0.0, payment["created_at"] + 719 - world.scheduler.clock().timestamp()))
        double.approve(reference)


def link_is_approved_late(world: World) -> None:
    """The bank reports an approval two days after the payment failed. Notifications arrive twice."""
    double = razorpay(world)
    reference = opened(world, double, pay(world, LINK))
    world.scheduler.pause(48 * HOUR_S)
    if reference and double.approve_late(reference):
        world.concurrently(*[partial(send, world, message) for message in double.outbox[-1:] * 2])
        send_all(world, double)


def razorpay_notifies(world: World) -> None:
    """Before and after the outcome, repeatedly, in another order, and forged."""
    double = razorpay(world)
    payment_id = pay(world, LINK)
    if not (reference := opened(world, double, payment_id)):
        return
    double.approve(reference)
    headers, body = double.outbox[-1]
    assert send(world, (headers | {"x-razorpay-signature": "0" * 64}, body)) == REJECTED
    send_all(world, double)
    if settled(world, payment_id)["status"] == "success":
        refund(world, payment_id, 20_000)
        world.scheduler.pause(60)
        send_all(world, double)


def razorpay_refuses_a_refund(world: World) -> None:
    """The balance is too low for an hour, so the refund waits. The next one takes days."""
    double = razorpay(world)
    payment_id = pay(world, LINK)
    if reference := opened(world, double, payment_id):
        double.approve(reference)
    if settled(world, payment_id)["status"] == "failed":
        return
    double.balance = 0
    refund(world, payment_id, 20_000)
    world.scheduler.pause(HOUR_S)
    double.balance, double.refunds_pend = None, True
    refund(world, payment_id, AMOUNT - 20_000)
    world.scheduler.pause(PENDING_REFUND_S)
    finish_refunds(world, double, Random(7))


def razorpay_day(world: World) -> None:
    """Random buyers, whose banks are sometimes late, and refunds that are sometimes pending or refused."""
    random = world.weather.random("buyers") or Random(7)
    double = razorpay(world)
    double.times_out, double.captures = random.random() < 0.7, random.random() < 0.7
    double.refunds_pend = random.random() < 0.3
    buyers = [partial(buyer, world, double, Random(random.random())) for _ in range(random.randint(1, 4))]
    world.concurrently(*buyers)
    world.scheduler.pause(PENDING_REFUND_S)
    finish_refunds(world, double, random)
    if random.random() < 0.5:
        send_all(world, double)


def buyer(world: World, double: RazorpayDouble, random: Random) -> None:
    """Approves, declines or ignores the link; the merchant refunds some of the payments."""
    payment_id = pay(world, LINK, order_id=order(world))
    reference = opened(world, double, payment_id)
    world.scheduler.pause(random.choice([0, random.uniform(0, 60), random.uniform(500, 900)]))
    if reference:
        acts: list[Callable[[str], Any]] = [double.approve] * 3 + [double.decline, lambda _: None]
        random.choice(acts)(reference)
    if settled(world, payment_id)["status"] == "success":
        amounts = [random.choice([10_000, 20_000, AMOUNT]) for _ in range(random.randint(0, 3))]
        world.concurrently(*[partial(refund, world, payment_id, amount) for amount in amounts])
    elif reference and random.random() < 0.5:
        world.scheduler.pause(random.choice([60, 0.9 * HOUR_S, 2 * HOUR_S]))
        is_late = double.approve_late(reference) or double.approve(reference)
        send_all(world, double, copies=1 + is_late)


def finish_refunds(world: World, double: RazorpayDouble, random: Random) -> None:
    """The bank processes each pending refund, or cannot, and Razorpay reports it."""
    for id_, entity in list(double.refunds.items()):
        if entity["status"] == "pending":
            is_return = str(entity["receipt"]).startswith("late")
            double.finish_refund(id_, "processed" if is_return or random.random() < 0.7 else "failed")
    send_all(world, double)


def send_all(world: World, double: RazorpayDouble, *, copies: int = 1) -> None:
    """Send all notifications so far, the newest first."""
    for message in double.outbox[::-1] * copies:
        assert send(world, message) == ACCEPTED


def send(world: World, message: Message) -> int:
    """Send a notification; returns the status of the response."""
    return notify(world, message, acquirer=RAZORPAY)


SCRIPTS: Mapping[str, Script] = {
    script.__name__: script
    for script in (
        link_is_approved,
        link_is_declined,
        link_is_ignored,
        link_is_approved_at_its_end,
        link_is_approved_late,
        razorpay_notifies,
        razorpay_refuses_a_refund,
        razorpay_day,
    )
}

RANDOM = frozenset({razorpay_day.__name__})
"""Scripts that depend on the seed."""
