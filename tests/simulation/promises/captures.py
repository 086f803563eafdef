"""Reserved money, compared with the rows of the payments: it is captured or released, never both."""

from tests.simulation.outside import Movement
from tests.simulation.world import World


def reserved_money_is_captured_or_released(world: World) -> None:
    """Exactly once, as the row of the payment says, and the row records that the acquirer confirmed it."""
    for payer, payment in world.payers().items():
        captured = _of(world.ledger.captures, payer)
        released = _of(world.ledger.voids, payer)
        if payment["capture_mode"] != "manual":
            assert not captured + released, f"{payment['id']} is automatic: {captured}, {released}"
        elif payment["status"] == "success":
            outcome = (bool(payment.get("captured_at")), bool(payment.get("voided_at")))
            assert outcome in {(True, False), (False, True)}, f"{payment['id']} is neither or both: {outcome}"
            assert (len(captured), len(released)) == outcome, f"{payment['id']}: {captured}, {released}"
            assert payment.get("confirmed_at"), f"{payment['id']} is not confirmed"
            assert all(one.amount == payment["amount"] for one in captured)


def refunds_never_exceed_what_was_captured(world: World) -> None:
    """The acquirer receives no refund of reserved money before it captured it."""
    for payer, payment in world.payers().items():
        if payment["capture_mode"] != "manual":
            continue
        captured = _of(world.ledger.captures, payer)
        refunded = [one for one in world.ledger.refunds if one.payer == payer]
        assert sum(one.amount for one in refunded) <= sum(one.amount for one in captured), payment["id"]
        assert all(captured[0].at <= one.at for one in refunded), f"{payment['id']} was refunded too early"


def _of(ledger: list[Movement], payer: str) -> list[Movement]:
    return [one for one in ledger if one.payer == payer and one.approved]
