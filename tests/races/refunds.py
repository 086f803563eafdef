"""Concurrent refunds of one payment that exceed its amount."""

from dataclasses import replace

from tests.e2e.api import Api
from tests.races.crowd import PATIENCE_S, rush
from tests.races.race import Race

AMOUNT = 50_000


def refunds_of_one_payment(merchant: Api, count: int) -> Race:
    """``count`` refunds, about half of which the payment can cover."""
    merchant = replace(merchant, timeout_s=PATIENCE_S)
    payment = merchant.paid()
    share = AMOUNT // (count // 2) - 1
    fitting = min(count, AMOUNT // share)
    path = f"/payments/{payment['id']}/refunds"
    seen = rush([lambda: merchant.post(path, {"amount": share})] * count)
    race = Race(f"{count} refunds of one payment", count, count, seen.wall_s, seen.statuses)

    created, busy = len(seen.of(201)), len(seen.of(429))
    refunded = merchant.get(f"/payments/{payment['id']}").json()["amount_refunded"]
    rows = merchant.pages("/refunds", "limit=100")
    race.fact(f"refunded {refunded:,} of {AMOUNT:,} in {created} refunds of {share:,}; {busy} were throttled")
    race.require(refunded == created * share == sum(row["amount"] for row in rows), "each 201 is one refund")
    race.require(refunded <= AMOUNT, "the total does not exceed the payment")
    race.require(created + busy >= fitting, "no refund is rejected while the amount is available")
    race.require(set(seen.statuses) <= {201, 400, 429}, "a refund is created, rejected or throttled")
    for rejected in seen.of(400):
        description = rejected.json()["error"]["description"]
        race.require(
            description == "Refund amount exceeds available amount",
            f"the rejection has its reason, not {description!r}",
        )
    ended = [merchant.refunded(row["id"])["status"] for row in rows]
    race.require(set(ended) == {"processed"}, "every created refund is processed")
    return race
