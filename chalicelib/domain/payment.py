"""A payment: one try at paying an order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.money import Money
from chalicelib.domain.transitions import Transitions


class PaymentMethod(StrEnum):
    """How the buyer pays."""

    UPI = "upi"
    CARD = "card"


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


PAYMENT_TRANSITIONS: Transitions[PaymentStatus] = {
    PaymentStatus.PENDING: frozenset({PaymentStatus.SUCCESS, PaymentStatus.FAILED}),
    PaymentStatus.SUCCESS: frozenset(),
    PaymentStatus.FAILED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """What is charged. ``token`` is all the acquirer needs: the VPA, or what it gave for the card."""

    method: PaymentMethod
    token: str
    vpa: str | None = None
    card_network: str | None = None
    card_last4: str | None = None


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Why a payment failed; the description is for the buyer."""

    code: str
    description: str


PAYMENT_FAILED = "PAYMENT_FAILED"


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One payment for an order; amount and currency are the order's.

    ``process_at`` is when the acquirer is to be asked: the time is the row's, a job's delay follows it.
    """

    id: str
    merchant_id: str
    order_id: str
    money: Money
    instrument: Instrument
    status: PaymentStatus
    process_at: datetime
    created_at: datetime
    updated_at: datetime
    captured: bool = False
    amount_refunded: int = 0
    decline: Decline | None = None
