"""Stories with the adapter of Stripe and its double."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from chalicelib.acquirers.base import Capabilities
from chalicelib.acquirers.stripe.adapter import StripeAcquirer
from tests.acquirers.stripe_account import CHALLENGED, PENDING_REFUND, PROCESSING
from tests.acquirers.stripe_account import Movement as StripeMovement
from tests.acquirers.stripe_double import SECRET_KEY, StripeDouble
from tests.simulation.laboratory import START
from tests.simulation.outside import CAPTURE_PERIOD, Movement
from tests.simulation.scripts import AMOUNT, HOUR_S, LONG_ENOUGH_S, MANUAL, Json, Script, pay, refund, settled
from tests.simulation.vendors import connect
from tests.simulation.world import World

VISA, DECLINED = "pm_card_visa", "pm_card_chargeDeclinedInsufficientFunds"
PAGE = {"method": "card"}
CREDENTIALS = {"secret_key": SECRET_KEY, "webhook_secret": "whsec_of_the_double"}
_TAKEN = {"charge", "reserve"}


@dataclass(frozen=True)
class StripeLedger:
    """What the double did. The movements have the order of the double, but no time."""

    double: StripeDouble

    @property
    def charges(self) -> list[Movement]:
        """The money that was taken or reserved, and one decline for each payment without either."""
        taken = [self._movement(one.payment_id, one.amount) for one in self._of(*_TAKEN)]
        known = {one.payer for one in taken}
        others: dict[str, Movement] = {}
        for entity in (*self.double.intents.values(), *self.double.sessions.values()):
            payer = entity["metadata"]["payment_id"]
            amount = entity.get("amount") or entity["amount_total"]
            others.setdefault(payer, self._movement(payer, amount, approved=False))
        return [*taken, *(one for payer, one in others.items() if payer not in known)]

    @property
    def captures(self) -> list[Movement]:
        return [self._movement(one.payment_id, one.amount) for one in self._of("capture")]

    @property
    def voids(self) -> list[Movement]:
        return [self._movement(one.payment_id, one.amount) for one in self._of("release")]

    @property
    def refunds(self) -> list[Movement]:
        """The refunds that Stripe accepted."""
        return [
            self._movement(
                self.double.intents[one["payment_intent"]]["metadata"]["payment_id"],
                one["amount"],
                key=one["metadata"]["refund_id"],
                approved=one["status"] == "succeeded",
            )
            for one in self.double.refunds.values()
        ]

    def _of(self, *kinds: str) -> list[StripeMovement]:
        return [one for one in self.double.ledger if one.kind in kinds]

    def _movement(self, payer: str, amount: int, *, key: str = "", approved: bool = True) -> Movement:
        return Movement(at=START, key=key or f"charge:{payer}", payer=payer, amount=amount, approved=approved)


class ShortReservations(StripeAcquirer):
    """The adapter with a time for captures that is a few hops of the job that ends it."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, capture_period=CAPTURE_PERIOD)


def stripe(world: World) -> StripeDouble:
    """Stripe, which the merchant uses for cards."""
    double = StripeDouble(clock=world.scheduler.clock)
    connect(world, "card", ShortReservations, double=double, ledger=StripeLedger(double), **CREDENTIALS)
    return double


def token(name: str) -> Json:
    """Pay with a PaymentMethod of Stripe."""
    return {"method": "card", "card_token": name}


def opened(world: World, payment_id: str) -> str | None:
    """The page that the buyer opens. None if the payment has an outcome without one."""
    while (payment := world.merchant.get(f"/payments/{payment_id}"))["status"] == "pending":
        if action := payment.get("next_action"):
            return str(action["url"])
        world.scheduler.pause(LONG_ENOUGH_S)
    return None


def intent_of(double: StripeDouble, payment_id: str) -> str:
    """The PaymentIntent of the payment."""
    return next(id_ for id_, one in double.intents.items() if one["metadata"]["payment_id"] == payment_id)


def token_is_charged(world: World) -> None:
    """The merchant refunds a part twice."""
    stripe(world)
    payment_id = pay(world, token(VISA))
    if settled(world, payment_id)["status"] == "success":
        world.concurrently(*[partial(refund, world, payment_id, 20_000)] * 2)


def token_is_declined(world: World) -> None:
    stripe(world)
    pay(world, token(DECLINED))


def token_is_processed_slowly(world: World) -> None:
    """The bank decides after two minutes; its refund takes an hour."""
    double = stripe(world)
    payment_id = pay(world, token(PROCESSING))
    while not double.intents:
        world.scheduler.pause(LONG_ENOUGH_S)
    world.scheduler.pause(120)
    double.finish(intent_of(double, payment_id), success=True)
    settled(world, payment_id)
    other = pay(world, token(PENDING_REFUND))
    if settled(world, other)["status"] == "success":
        refund(world, other, 20_000)
        world.scheduler.pause(HOUR_S)
        finish_refunds(double, Random(7))


def buyer_authenticates(world: World) -> None:
    answer_challenge(world, success=True)


def buyer_fails_to_authenticate(world: World) -> None:
    answer_challenge(world, success=False)


def answer_challenge(world: World, *, success: bool) -> None:
    double = stripe(world)
    payment_id = pay(world, token(CHALLENGED))
    if opened(world, payment_id):
        world.scheduler.pause(60)
        double.authenticate(intent_of(double, payment_id), success=success)


def buyer_leaves_the_challenge(world: World) -> None:
    """A card in the browser of the buyer is tried after the charge was cancelled."""
    double = stripe(world)
    payment_id = pay(world, token(CHALLENGED))
    world.scheduler.pause(HOUR_S)
    settled(world, payment_id)
    assert not double.confirm_with_client_secret(intent_of(double, payment_id), VISA)


def page_is_paid(world: World) -> None:
    """With the second card."""
    double = stripe(world)
    payment_id = pay(world, PAGE)
    if url := opened(world, payment_id):
        session = url.rpartition("/")[2]
        double.pay(session, DECLINED)
        world.scheduler.pause(60)
        double.pay(session, VISA)
    if settled(world, payment_id)["status"] == "success":
        refund(world, payment_id, AMOUNT)


def page_is_ignored(world: World) -> None:
    stripe(world)
    pay(world, PAGE)


def stripe_reserves_money(world: World) -> None:
    """A capture and a void at the same time, and a refund that waits for the capture."""
    double = stripe(world)
    payment_id = pay(world, PAGE, capture=MANUAL)
    if url := opened(world, payment_id):
        double.pay(url.rpartition("/")[2], VISA)
    if settled(world, payment_id)["status"] == "success":
        world.concurrently(
            partial(world.merchant.post, f"/payments/{payment_id}/capture"),
            partial(world.merchant.post, f"/payments/{payment_id}/void"),
            partial(refund, world, payment_id, 20_000),
        )


def stripe_day(world: World) -> None:
    """Random buyers, cards and decisions."""
    random = world.weather.random("buyers") or Random(7)
    double = stripe(world)
    double.has_search = random.random() < 0.7
    buyers = [partial(buyer, world, double, Random(random.random())) for _ in range(random.randint(1, 4))]
    world.concurrently(*buyers)
    world.scheduler.pause(2 * HOUR_S)
    finish_refunds(double, random)


def buyer(world: World, double: StripeDouble, random: Random) -> None:
    """Pays by token or on the page; the merchant captures, voids and refunds."""
    by = random.choice([PAGE, *map(token, (VISA, DECLINED, CHALLENGED, PENDING_REFUND))])
    is_manual = random.random() < 0.3
    payment_id = pay(world, by, capture=MANUAL if is_manual else None)
    if (by == PAGE or by == token(CHALLENGED)) and (url := opened(world, payment_id)):
        world.scheduler.pause(random.choice([0, random.uniform(0, 60), random.uniform(1_700, 1_900)]))
        act(double, payment_id, url, random)
    if settled(world, payment_id)["status"] == "failed":
        return
    amounts = [random.choice([10_000, 20_000, AMOUNT]) for _ in range(random.randint(0, 3))]
    steps = [partial(refund, world, payment_id, amount) for amount in amounts]
    verbs = random.sample(["capture", "void"], random.randint(0, 2)) if is_manual else []
    changes = [partial(world.merchant.post, f"/payments/{payment_id}/{verb}") for verb in verbs]
    world.concurrently(*steps, *changes)


def act(double: StripeDouble, payment_id: str, url: str, random: Random) -> None:
    """The buyer answers, if the page is still open."""
    session = url.rpartition("/")[2]
    if session in double.sessions:
        for card in random.sample([VISA, DECLINED], random.randint(0, 2)):
            if double.current(session)["status"] == "open":
                double.pay(session, card)
        return
    intent = intent_of(double, payment_id)
    if random.random() < 0.8 and double.intents[intent]["status"] == "requires_action":
        double.authenticate(intent, success=random.random() < 0.7)


def finish_refunds(double: StripeDouble, random: Random) -> None:
    """The bank processes each pending refund, or cannot."""
    for id_, entity in double.refunds.items():
        if entity["status"] == "pending":
            double.settle_refund(id_, success=random.random() < 0.7)


SCRIPTS: Mapping[str, Script] = {
    script.__name__: script
    for script in (
        token_is_charged,
        token_is_declined,
        token_is_processed_slowly,
        buyer_authenticates,
        buyer_fails_to_authenticate,
        buyer_leaves_the_challenge,
        page_is_paid,
        page_is_ignored,
        stripe_reserves_money,
        stripe_day,
    )
}

RANDOM = frozenset({stripe_day.__name__})
"""Scripts that depend on the seed."""
