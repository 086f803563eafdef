"""Charges of the simulated acquirer that wait for a buyer, for tests."""

import secrets
from datetime import timedelta
from typing import Any

from chalicelib.bootstrap import Gateway
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.simulated_charge import SimulatedCharge

WAITS_FOR = timedelta(minutes=10)


def open_charge(gateway: Gateway, type_: ActionType = ActionType.REDIRECT, **changes: Any) -> SimulatedCharge:
    """Store a charge that waits for its buyer for WAITS_FOR."""
    now = gateway.clock()
    fields: dict[str, Any] = {
        "id": f"sim_{secrets.token_hex(8)}",
        "payment_id": None,
        "type": type_,
        "money": Money(49_900, "INR"),
        "created_at": now,
        "expires_at": now + WAITS_FOR,
        "embeddable": type_ is ActionType.REDIRECT,
    }
    return gateway.bank.charges.open(SimulatedCharge(**fields | changes))
