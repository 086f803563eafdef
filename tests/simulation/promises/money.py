"""The acquirer's ledger, compared with the rows."""

from collections import Counter
from typing import Any

from tests.simulation.outside import Movement
from tests.simulation.world import World

_MOVES = {
    ("pending", "pending"),
    ("pending", "success"),
    ("pending", "failed"),
    ("success", "success"),
    ("failed", "failed"),
}
_SILENT = {"confirmed_at", "authorize_leased_until"}
"""The attributes whose change has no event."""


def every_payment_is_charged_once(world: World) -> None:
    payments = world.payers()
    charged = Counter(movement.payer for movement in world.ledger.charges)
    assert charged == Counter(list(payments)), f"charged {charged}, payments {sorted(payments)}"
    for movement in world.ledger.charges:
        payment = payments[movement.payer]
        assert movement.amount == payment["amount"], f"{payment['id']} was charged {movement.amount}"
        is_kept = movement.approved and not payment.get("late_authorized_at")
        assert payment["status"] == ("success" if is_kept else "failed"), payment["id"]


def the_money_of_a_failed_payment_is_returned(world: World) -> None:
    """An approval that arrived after the payment failed is refunded once, in full, and recorded."""
    payments = world.payers()
    failed = {payer for payer, row in payments.items() if row["status"] == "failed"}
    late = {one.payer for one in world.ledger.charges if one.approved} & failed
    released = [one for one in world.ledger.voids if one.payer in failed]
    returned = [*(one for one in world.ledger.refunds if _is_return(one)), *released]
    assert Counter(one.payer for one in returned) == Counter(late)
    for payer, payment in payments.items():
        assert bool(payment.get("late_authorized_at")) == (payer in late), payment["id"]
    for movement in returned:
        assert (movement.amount, movement.approved) == (payments[movement.payer]["amount"], True)


def _is_return(movement: Movement) -> bool:
    """Whether the movement returns the money of a failed payment. The merchant requests other refunds."""
    return movement.key.startswith("late:")


def refunds_are_paid_once_and_never_exceed_the_payment(world: World) -> None:
    refunds = world.rows("refunds")
    for payer, payment in world.payers().items():
        own = [refund for refund in refunds if refund["payment_id"] == payment["id"]]
        moved = [one for one in world.ledger.refunds if one.payer == payer and not _is_return(one)]
        if payment.get("voided_at"):  # refunds that waited for a refused capture
            assert not moved, f"{payment['id']}: {moved}"
            assert all(refund["status"] == "failed" for refund in own), f"{payment['id']}: {own}"
            continue
        refunded = sum(one.amount for one in moved if one.approved)
        assert refunded <= payment["amount"], f"{refunded} of {payment['amount']} were refunded"
        assert Counter((one.amount, one.approved) for one in moved) == Counter(
            (refund["amount"], refund["status"] == "processed") for refund in own
        ), f"{payment['id']}: moved {moved}, refunds {own}"
        reserved = sum(refund["amount"] for refund in own if refund["status"] != "failed")
        assert payment["amount_refundable"] == payment["amount"] - reserved, payment["id"]


def a_payment_never_returns_to_an_earlier_state(world: World) -> None:
    """Compares every write of every payment in the stream."""
    for change in world.dynamodb.changes(world.settings.tables.payments):
        before, after = change["dynamodb"].get("OldImage"), change["dynamodb"]["NewImage"]
        refundable = _number(after, "amount_refundable")
        assert 0 <= refundable <= _number(after, "amount"), f"{after['id']}: {refundable} refundable"
        if before:
            assert (before["status"]["S"], after["status"]["S"]) in _MOVES
            is_silent = _with_event(before) == _with_event(after)
            assert _number(after, "sequence") == _number(before, "sequence") + (not is_silent)
            for name in ("captured_at", "voided_at", "confirmed_at"):
                is_refused = name == "captured_at" and "confirmed_at" not in before and "voided_at" in after
                assert name not in before or before[name] == after.get(name) or is_refused


def _with_event(image: dict[str, Any]) -> dict[str, Any]:
    """The attributes whose change has an event."""
    return {
        name: value
        for name, value in image.items()
        if name not in _SILENT and not name.startswith("write_id")
    }


def _number(image: dict[str, Any], name: str) -> int:
    return int(image[name]["N"])
