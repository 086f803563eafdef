"""The buyer's bank and phone of the simulated acquirer: charges that wait for the buyer, and their actions.

Not in production. The pages on which the buyer answers are routes of the API.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote, urlencode

from chalicelib.acquirers.base import AuthorizeRequest
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.simulated_charge import ChargeOutcome, SimulatedCharge

PAGE_PATH = "/api/v1/test/bank"
PAYEE = "Simulated merchant"
PAYEE_VPA = "merchant@simulated"
LASTS = {ActionType.REDIRECT: timedelta(minutes=10), ActionType.UPI: timedelta(minutes=5)}

# In test mode, links of these amounts (in minor units) need no buyer.
DECIDED_AFTER = timedelta(seconds=10)
APPROVED_AMOUNT, DECLINED_AMOUNT, EXPIRED_AMOUNT, LATE_AMOUNT = 50_001, 50_002, 50_003, 50_004
_DECIDED = {APPROVED_AMOUNT: ChargeOutcome.APPROVED, DECLINED_AMOUNT: ChargeOutcome.DECLINED}
_SHORT_AMOUNTS = frozenset({EXPIRED_AMOUNT, LATE_AMOUNT})

_CHARGE_KEY_PREFIX = "charge:"  # of the gateway's idempotency keys


class SimulatedCharges(Protocol):
    """The stored charges."""

    def open(self, charge: SimulatedCharge) -> SimulatedCharge:
        """Store a new charge. Returns the stored one if the id exists."""
        ...

    def get(self, charge_id: str) -> SimulatedCharge | None:
        """The charge."""
        ...

    def change(
        self, charge: SimulatedCharge, changed: SimulatedCharge, *, before_expiry: datetime | None = None
    ) -> SimulatedCharge:
        """Store the outcome and the wrong codes of ``changed`` if the charge still waits.

        With ``before_expiry``, only if the charge has not expired at that time. Returns the current charge.
        """
        ...


class PlannedDeclines(Protocol):
    """The declines that merchants planned for their next payments."""

    def take(self, merchant_id: str, payment: str, *, due_at: datetime) -> DeclineCode | None:
        """The decline of a payment that is due at ``due_at``. The same for the same payment."""
        ...

    def taken(self, merchant_id: str, payment: str) -> DeclineCode | None:
        """The decline that ``take`` returned for the payment."""
        ...


@dataclass(frozen=True, kw_only=True)
class SimulatedBank:
    """Opens and cancels charges. ``api_url`` is the address of the API, which serves the buyer's pages.

    Without ``declines``, merchants cannot plan any.
    """

    charges: SimulatedCharges
    api_url: str
    clock: Clock
    declines: PlannedDeclines | None = None

    def open(
        self, reference: str, request: AuthorizeRequest, type_: ActionType, *, embeddable: bool, is_test: bool
    ) -> SimulatedCharge:
        """The charge of ``request``, which is created once. In a test, special amounts expire early."""
        now = self.clock()
        is_short = is_test and type_ is ActionType.UPI and request.money.amount in _SHORT_AMOUNTS
        key = request.idempotency_key
        charge = SimulatedCharge(
            id=reference,
            payment_id=(key.removeprefix(_CHARGE_KEY_PREFIX) if key.startswith(_CHARGE_KEY_PREFIX) else None),
            type=type_,
            money=request.money,
            created_at=now,
            expires_at=now + (DECIDED_AFTER if is_short else LASTS[type_]),
            embeddable=embeddable,
            return_url=request.return_url,
        )
        return self.charges.open(charge)

    def find(self, reference: str, *, is_test: bool) -> SimulatedCharge | None:
        """The charge. In a test, a link of a special amount is decided without the buyer."""
        charge = self.charges.get(reference)
        if charge is None or not is_test or charge.type is not ActionType.UPI:
            return charge
        now, outcome = self.clock(), _DECIDED.get(charge.money.amount)
        if outcome is None or now < charge.created_at + DECIDED_AFTER or not charge.is_open(now):
            return charge
        return self.charges.change(charge, replace(charge, outcome=outcome), before_expiry=now)

    def cancel(self, charge: SimulatedCharge) -> SimulatedCharge:
        """The charge, cancelled if it still waits."""
        return self.charges.change(charge, replace(charge, outcome=ChargeOutcome.CANCELLED))

    def is_approved_late(self, charge: SimulatedCharge, *, is_test: bool) -> bool:
        """Whether the bank approves the cancelled charge: a test link of LATE_AMOUNT, later."""
        is_special = charge.type is ActionType.UPI and charge.money.amount == LATE_AMOUNT
        return is_test and is_special and self.clock() >= charge.expires_at + DECIDED_AFTER

    def action(self, charge: SimulatedCharge) -> NextAction:
        """What the buyer has to do."""
        page_url = f"{self.api_url}{PAGE_PATH}/{charge.id}"
        if charge.type is ActionType.REDIRECT:
            return NextAction(
                type=charge.type, url=page_url, expires_at=charge.expires_at, embeddable=charge.embeddable
            )
        return NextAction(
            type=charge.type,
            url=upi_link(charge.id, charge.money),
            expires_at=charge.expires_at,
            simulator_url=page_url,
        )


def upi_link(reference: str, money: Money) -> str:
    """The link that opens a UPI app, with the parameters of NPCI's specification of deep links."""
    parameters = {
        "pa": PAYEE_VPA,
        "pn": PAYEE,
        "tr": reference,
        "am": str(money).split()[0],
        "cu": money.currency,
    }
    return f"upi://pay?{urlencode(parameters, quote_via=quote, safe='@')}"  # apps read pa with its @
