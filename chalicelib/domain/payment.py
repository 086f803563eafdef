"""A payment: one attempt to pay an order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.instrument import Instrument
from chalicelib.domain.money import Money
from chalicelib.domain.refund import Refund
from chalicelib.domain.transitions import Transitions


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
class Decline:
    """Why a payment failed; the description is for the buyer."""

    code: str
    description: str


PAYMENT_FAILED = "PAYMENT_FAILED"


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One payment for an order; amount and currency are the order's.

    ``process_at`` is when the acquirer is to be asked: the time is the row's, a job's delay follows it.
    ``settled_at`` is when it answered, whichever way.
    ``sequence`` numbers the payment's events: it is that of the latest. ``latest_refund`` is the refund
    that the latest change was about, so that one row tells its whole story in order.
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
    sequence: int
    amount_refundable: int
    settled_at: datetime | None = None
    captured_at: datetime | None = None
    decline: Decline | None = None
    latest_refund: Refund | None = None

    @property
    def captured(self) -> bool:
        """Whether the merchant took the money of a payment that succeeded."""
        return self.captured_at is not None

    @property
    def amount_refunded(self) -> int:
        """What refunds have reserved or given back, in minor units; a failed refund counts no more."""
        return self.money.amount - self.amount_refundable


def refuse_capture(payment: Payment) -> BadRequestError:
    """Why ``payment`` could not be captured, given that it could not."""
    if payment.status is not PaymentStatus.SUCCESS:
        return BadRequestError("Payment not in capturable state")
    if payment.captured:
        return BadRequestError("Payment already captured")
    return BadRequestError("Capture amount must match payment amount", field="amount")


def refuse_refund(payment: Payment) -> BadRequestError:
    """Why ``payment`` could not be refunded, given that it could not."""
    if payment.status is not PaymentStatus.SUCCESS:
        return BadRequestError("Payment not in refundable state")
    return BadRequestError("Refund amount exceeds available amount", field="amount")
