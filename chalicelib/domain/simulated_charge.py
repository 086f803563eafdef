"""A charge of the simulated acquirer that waits for its buyer, and what the answer of the buyer changes."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType

ONE_TIME_CODE = "1234"  # the page shows it: it protects nothing
MAX_WRONG_CODES = 3


class ChargeOutcome(StrEnum):
    """The outcome of the buyer's action. Only ``waiting`` can change."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class BuyerAnswer:
    """What the buyer sent: ``approves`` with a one-time code, or a refusal.

    ``attempt`` is the number of wrong codes when the form was shown: a form that is sent twice counts once.
    """

    approves: bool
    code: str = field(default="", repr=False)
    attempt: int = 0


@dataclass(frozen=True, kw_only=True)
class SimulatedCharge:
    """A charge that waits for the buyer until ``expires_at``. ``id`` is the reference of the acquirer.

    ``payment_id`` is the payment of the gateway, None if the charge belongs to another client.
    """

    id: str
    payment_id: str | None
    type: ActionType
    money: Money
    created_at: datetime
    expires_at: datetime
    outcome: ChargeOutcome = ChargeOutcome.WAITING
    wrong_codes: int = 0
    embeddable: bool = False
    return_url: str | None = None

    @property
    def is_decided(self) -> bool:
        """Whether the buyer approved or declined."""
        return self.outcome in {ChargeOutcome.APPROVED, ChargeOutcome.DECLINED}

    def is_open(self, now: datetime) -> bool:
        """Whether the buyer can answer."""
        return self.outcome is ChargeOutcome.WAITING and now < self.expires_at

    def answered(self, answer: BuyerAnswer) -> Self:
        """The charge after ``answer``, if it is open. A page of the issuer needs the one-time code.

        MAX_WRONG_CODES wrong codes decline the charge.
        """
        if not answer.approves:
            return replace(self, outcome=ChargeOutcome.DECLINED)
        if self.type is ActionType.UPI or answer.code == ONE_TIME_CODE:
            return replace(self, outcome=ChargeOutcome.APPROVED)
        if answer.attempt != self.wrong_codes:
            return self
        wrong_codes = self.wrong_codes + 1
        outcome = ChargeOutcome.DECLINED if wrong_codes >= MAX_WRONG_CODES else self.outcome
        return replace(self, wrong_codes=wrong_codes, outcome=outcome)
