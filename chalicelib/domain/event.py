"""Events: past-tense facts about a payment, and the webhook body of an event.

A body is byte-equal to ``JSON.stringify(JSON.parse(body))``, because many receivers re-serialise it before
they verify the signature: compact, raw UTF-8, integers within 2^53, no integer-like keys (so no ``notes``).
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.ids import derived_uuid
from chalicelib.domain.instrument import Instrument, PaymentMethod
from chalicelib.domain.money import DEFAULT_CURRENCY, Money
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.times import iso


class EventName(StrEnum):
    """Event types."""

    PAYMENT_CREATED = "payment.created"
    PAYMENT_PENDING = "payment.pending"
    PAYMENT_SUCCESS = "payment.success"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_CAPTURED = "payment.captured"
    REFUND_CREATED = "refund.created"
    REFUND_PROCESSED = "refund.processed"
    REFUND_FAILED = "refund.failed"
    WEBHOOK_TEST = "webhook.test"


EVENT_OF_PAYMENT = {
    PaymentStatus.SUCCESS: EventName.PAYMENT_SUCCESS,
    PaymentStatus.FAILED: EventName.PAYMENT_FAILED,
}
EVENT_OF_REFUND = {
    RefundStatus.PENDING: EventName.REFUND_CREATED,
    RefundStatus.PROCESSED: EventName.REFUND_PROCESSED,
    RefundStatus.FAILED: EventName.REFUND_FAILED,
}
FEED_PERIOD = timedelta(days=30)
"""The feed contains all events that were recorded within this period."""

RETENTION = timedelta(days=90)
"""The events are deleted after this period."""

NEW_PAYMENT_SEQUENCE = 2  # a new payment has two events: payment.created and payment.pending


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of one payment.

    ``id`` is the same every time the event is derived. ``sequence`` orders the events of a payment: 1, 2, 3.
    """

    name: EventName
    payment: Payment
    refund: Refund | None
    sequence: int

    @property
    def id(self) -> str:
        """The UUID of the event and of its webhook log."""
        return event_id(self.refund.id if self.refund else self.payment.id, self.name)

    @property
    def at(self) -> datetime:
        """The time of the event."""
        return self.payment.updated_at

    def body(self) -> str:
        """The exact text that is signed, stored and sent with every attempt."""
        data = {"payment": _payment_data(self.payment)}
        if self.refund:
            data["refund"] = _refund_data(self.refund)
        content = {
            "event": self.name,
            "timestamp": int(self.at.timestamp()),
            "data": data,
            "sequence": self.sequence,
        }
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class RecordedEvent:
    """An event in the feed of its merchant. ``feed_key`` orders the feed."""

    id: str
    merchant_id: str
    name: EventName
    payment_id: str
    sequence: int
    body: str
    created_at: datetime
    feed_key: str


def event_id(subject_id: str, name: EventName) -> str:
    """The UUID of the event ``name`` of the payment or refund with the id ``subject_id``."""
    return derived_uuid(subject_id, name)


def events_between(before: Payment | None, after: Payment) -> list[Event]:
    """The events of the change from ``before`` to ``after``, oldest first. ``before``: None for a new row."""
    if before is None:
        names = [EventName.PAYMENT_CREATED, EventName.PAYMENT_PENDING]
        return [
            Event(name=name, payment=after, refund=None, sequence=sequence)
            for sequence, name in enumerate(names, start=1)
        ]
    if before.status is not after.status:
        return [_event(EVENT_OF_PAYMENT[after.status], after)]
    if before.captured is not after.captured:
        return [_event(EventName.PAYMENT_CAPTURED, after)]
    if after.latest_refund and before.latest_refund != after.latest_refund:
        name = EVENT_OF_REFUND[after.latest_refund.status]
        return [replace(_event(name, after), refund=after.latest_refund)]
    return []


def sample_event(payment_id: str, merchant_id: str, now: datetime) -> Event:
    """An event to test a receiver with. Its payment does not exist."""
    payment = Payment(
        id=payment_id,
        merchant_id=merchant_id,
        order_id="order_" + payment_id.partition("_")[2],
        money=Money(50_000, DEFAULT_CURRENCY),
        instrument=Instrument(method=PaymentMethod.UPI, token="", vpa="success@upi"),
        status=PaymentStatus.SUCCESS,
        process_at=now,
        created_at=now,
        updated_at=now,
        sequence=1,
        amount_refundable=50_000,
    )
    return _event(EventName.WEBHOOK_TEST, payment)


def _event(name: EventName, payment: Payment) -> Event:
    return Event(name=name, payment=payment, refund=None, sequence=payment.sequence)


def _payment_data(payment: Payment) -> dict[str, Any]:
    instrument = payment.instrument
    fields = {
        "id": payment.id,
        "order_id": payment.order_id,
        "amount": payment.money.amount,
        "currency": payment.money.currency,
        "method": instrument.method,
        **instrument.displayed,
        "status": payment.status,
        "captured": payment.captured,
        "amount_refunded": payment.amount_refunded,
        "error_code": payment.decline.code if payment.decline else None,
        "error_description": payment.decline.description if payment.decline else None,
        "created_at": iso(payment.created_at),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _refund_data(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "amount": refund.amount,
        "reason": refund.reason,
        "status": refund.status,
        "created_at": iso(refund.created_at),
        "processed_at": iso(refund.processed_at) if refund.processed_at else None,
    }
