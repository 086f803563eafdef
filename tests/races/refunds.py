"""More refunds of one payment at once than it has money for."""

from dataclasses import replace

from tests.e2e.api import Api
from tests.races.crowd import PATIENCE_S, rush
from tests.races.race import Race

AMOUNT = 50_000


def refunds_of_one_payment(merchant: Api, count: int) -> Race:
    """``count`` refunds, of which the payment holds half and a remainder."""
    merchant = replace(merchant, timeout_s=PATIENCE_S)
    payment = merchant.paid()
    share = AMOUNT // (count // 2) - 1
    fitting = min(count, AMOUNT // share)
    path = f"/payments/{payment['id']}/refunds"
    seen = rush([lambda: merchant.post(path, {"amount": share})] * count)
    race = Race(f"{count} refunds of one payment", count, count, seen.wall_s, seen.statuses)

    made, busy = len(seen.of(201)), len(seen.of(429))
    refunded = merchant.get(f"/payments/{payment['id']}").json()["amount_refunded"]
    rows = merchant.pages("/refunds", "limit=100")
    race.fact(
        f"refunded {refunded:,} of {AMOUNT:,} in {made} refunds of {share:,}; {busy} were told to come again"
    )
    race.require(refunded == made * share == sum(row["amount"] for row in rows), "each 201 is one refund")
    race.require(refunded <= AMOUNT, "never more than was paid")
    race.require(made + busy >= fitting, "no refund is refused while there is money for it")
    race.require(set(seen.statuses) <= {201, 400, 429}, "a refund is made, refused, or told to come again")
    for refused in seen.of(400):
        told = refused.json()["error"]["description"]
        race.require(
            told == "Refund amount exceeds available amount", f"refused with its reason, not {told!r}"
        )
    ended = [merchant.refunded(row["id"])["status"] for row in rows]
    race.require(set(ended) == {"processed"}, "every refund that was made is processed")
    return race
