"""A refund: money that is returned to the buyer of one payment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.transitions import Transitions

MIN_REFUND = 1
MAX_REASON_CHARS = 255


class RefundStatus(StrEnum):
    """The status of a refund."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


REFUND_TRANSITIONS: Transitions[RefundStatus] = {
    RefundStatus.PENDING: frozenset({RefundStatus.PROCESSED, RefundStatus.FAILED}),
    RefundStatus.PROCESSED: frozenset(),
    RefundStatus.FAILED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Refund:
    """One refund, in the payment's currency.

    ``currency`` is None on refunds of a version that did not store it.
    The write that creates a refund reserves its amount on the payment. If the refund fails, the amount is
    refundable again.
    """

    id: str
    payment_id: str
    merchant_id: str
    amount: int
    reason: str | None
    status: RefundStatus
    process_at: datetime
    created_at: datetime
    processed_at: datetime | None = None
    currency: str | None = None
