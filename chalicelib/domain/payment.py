"""A payment: one attempt to pay an order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.decline import Decline
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.instrument import Instrument
from chalicelib.domain.methods.card import Authentication
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import NextAction
from chalicelib.domain.refund import Refund
from chalicelib.domain.transitions import Transitions

DEFAULT_ACQUIRER = "simulated"
"""The acquirer of merchants without another one, and of payments of a version that had only this one."""
CAPTURE_PERIOD = timedelta(days=7)  # as long as most acquirers reserve money


class CaptureMode(StrEnum):
    """When the acquirer takes the money: with the approval, or when the merchant captures the payment."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class VoidReason(StrEnum):
    """Why reserved money was released."""

    REQUESTED = "requested"
    EXPIRED = "expired"
    CAPTURE_REFUSED = "capture_refused"


class PaymentStatus(StrEnum):
    """The status of a payment."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class DisplayStatus(StrEnum):
    """What became of a payment and its money, in one word."""

    PENDING = "pending"
    FAILED = "failed"
    SUCCESS = "success"
    CAPTURED = "captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"


PAYMENT_TRANSITIONS: Transitions[PaymentStatus] = {
    PaymentStatus.PENDING: frozenset({PaymentStatus.SUCCESS, PaymentStatus.FAILED}),
    PaymentStatus.SUCCESS: frozenset(),
    PaymentStatus.FAILED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One payment for an order. Amount and currency are those of the order.

    ``process_at`` is the time at which the acquirer is called; the delay of the job is derived from it.
    ``settled_at`` is the time of the outcome, approved or declined. ``sequence`` is the number of the latest
    event of the payment. ``latest_refund`` is the refund that changed last, so that the changes of one row
    contain all events in order. ``acquirer`` is the name of the acquirer, and ``acquirer_reference`` its id
    of the payment, known from the outcome or from ``next_action`` on; both are None on payments of a version
    without them. ``next_action`` is kept after the outcome. ``late_authorized_at`` is the time at which the
    gateway returned the money of an approval that arrived after the payment had failed. ``authentication`` is
    that of a card, from the outcome on. ``return_url`` is the page of the shop to which the buyer returns.

    The approval of a payment with ``capture_mode`` manual reserves the money. Until ``capture_before``, the
    payment is either captured or voided; afterwards, the gateway voids it. It also voids a captured payment
    whose capture the acquirer refuses. ``confirmed_at`` is the time at which the acquirer confirmed the
    capture or the void.
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
    acquirer: str | None = None
    acquirer_reference: str | None = None
    next_action: NextAction | None = None
    late_authorized_at: datetime | None = None
    authentication: Authentication | None = None
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC
    return_url: str | None = None
    capture_before: datetime | None = None
    voided_at: datetime | None = None
    void_reason: VoidReason | None = None
    confirmed_at: datetime | None = None
    latest_refund: Refund | None = None

    @property
    def captured(self) -> bool:
        """Whether the payment was captured."""
        return self.captured_at is not None

    @property
    def acquirer_name(self) -> str:
        """The name of the acquirer."""
        return self.acquirer or DEFAULT_ACQUIRER

    @property
    def is_manual(self) -> bool:
        """Whether the acquirer takes the money only when the payment is captured."""
        return self.capture_mode is CaptureMode.MANUAL

    @property
    def open_action(self) -> NextAction | None:
        """The action for which the payment waits."""
        return self.next_action if self.status is PaymentStatus.PENDING else None

    @property
    def amount_refunded(self) -> int:
        """The amount of pending and processed refunds, in minor units. Failed refunds are not included."""
        return self.money.amount - self.amount_refundable

    @property
    def display_status(self) -> DisplayStatus:
        """The status with capture, refunds and void. A refund counts from its creation on.

        A payment of a list has it only with its ``voided_at``, which the indexes lack.
        """
        if self.status is not PaymentStatus.SUCCESS:
            return DisplayStatus(self.status)
        if self.voided_at:
            return DisplayStatus.VOIDED
        if self.amount_refunded:
            return DisplayStatus.PARTIALLY_REFUNDED if self.amount_refundable else DisplayStatus.REFUNDED
        return DisplayStatus.CAPTURED if self.captured else DisplayStatus.SUCCESS

    @property
    def is_kept(self) -> bool:
        """Whether the merchant has the money or can still capture it: it succeeded and was not voided."""
        return self.status is PaymentStatus.SUCCESS and not self.voided_at

    @property
    def net(self) -> int:
        """The amount without refunds, in minor units; 0 if the payment is not kept."""
        return self.amount_refundable if self.is_kept else 0

    @property
    def may_be_voided(self) -> bool:
        """Whether a payment whose ``voided_at`` is unknown can be a voided one.

        A void removes the capture and sets ``updated_at``, which equals ``settled_at`` until the next change.
        """
        is_changed = self.updated_at != self.settled_at
        return self.status is PaymentStatus.SUCCESS and not self.captured and is_changed


def refuse_capture(payment: Payment, now: datetime) -> BadRequestError:
    """The error for a capture at ``now`` that the condition of ``payment`` rejected."""
    if payment.status is not PaymentStatus.SUCCESS or payment.voided_at:
        return BadRequestError("Payment not in capturable state")
    if payment.captured:
        return BadRequestError("Payment already captured")
    if payment.capture_before and payment.capture_before <= now:
        return BadRequestError("Payment not in capturable state")
    return BadRequestError("Capture amount must match payment amount", field="amount")


def refuse_refund(payment: Payment) -> BadRequestError:
    """The error for a refund that the condition of ``payment`` rejected."""
    if payment.status is not PaymentStatus.SUCCESS or (payment.is_manual and not payment.captured):
        return BadRequestError("Payment not in refundable state")
    return BadRequestError("Refund amount exceeds available amount", field="amount")


def refuse_void() -> BadRequestError:
    """The error for a void that the condition of the payment rejected."""
    return BadRequestError("Payment not in voidable state")
