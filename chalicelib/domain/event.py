"""Events: past-tense facts about a payment or a webhook endpoint, and the webhook body of an event.

A body is byte-equal to ``JSON.stringify(JSON.parse(body))``, because many receivers re-serialise it before
they verify the signature: compact, raw UTF-8, integers within 2^53, no integer-like keys (so no ``notes``).
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from chalicelib.domain.ids import derived_uuid
from chalicelib.domain.next_action import NextAction
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
    PAYMENT_VOIDED = "payment.voided"
    PAYMENT_REQUIRES_ACTION = "payment.requires_action"
    PAYMENT_LATE_AUTHORIZED = "payment.late_authorized"
    REFUND_CREATED = "refund.created"
    REFUND_PROCESSED = "refund.processed"
    REFUND_FAILED = "refund.failed"
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_ENDPOINT_DISABLED = "webhook_endpoint.disabled"


class PayloadFormat(StrEnum):
    """The content of webhook bodies: the complete objects of the event, or only their ids."""

    FULL = "full"
    THIN = "thin"


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
class Event(ABC):
    """One event of a merchant.

    ``id`` is the same every time the event is derived. ``sequence`` orders the events of one object: 1, 2, 3.
    """

    merchant_id: str
    name: EventName
    sequence: int

    @property
    @abstractmethod
    def id(self) -> str:
        """The UUID of the event."""

    @property
    @abstractmethod
    def at(self) -> datetime:
        """The time of the event."""

    @abstractmethod
    def data(self) -> Mapping[str, Any]:
        """The objects of the event, by their kind."""

    def body(self, payload: PayloadFormat = PayloadFormat.FULL) -> str:
        """The exact text that is signed, stored and sent with every attempt."""
        content = {"event": self.name, "timestamp": int(self.at.timestamp())}
        if payload is PayloadFormat.THIN:
            ids = {kind: {"id": fields["id"]} for kind, fields in self.data().items()}
            content |= {"id": self.id, "data": ids}
        else:
            content |= {"data": self.data()}
        return json.dumps(content | {"sequence": self.sequence}, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class PaymentEvent(Event):
    """An event of a payment, or of its ``refund``. ``sequence`` orders the events of the payment."""

    payment: Payment
    refund: Refund | None = None

    @classmethod
    def of(cls, name: EventName, payment: Payment, *, sequence: int, refund: Refund | None = None) -> Self:
        """The event of the payment's merchant."""
        return cls(
            merchant_id=payment.merchant_id, name=name, sequence=sequence, payment=payment, refund=refund
        )

    @property
    def id(self) -> str:
        """The UUID of the event and of its webhook log for the default endpoint."""
        return event_id(self.refund.id if self.refund else self.payment.id, self.name)

    @property
    def at(self) -> datetime:
        """The time of the event."""
        return self.payment.updated_at

    def data(self) -> Mapping[str, Any]:
        """The payment, and the refund of an event of a refund."""
        data = {"payment": _payment_data(self.payment)}
        return data | {"refund": _refund_data(self.refund)} if self.refund else data


@dataclass(frozen=True, kw_only=True)
class RecordedEvent:
    """An event in the feed of its merchant. ``feed_key`` orders the feed."""

    id: str
    merchant_id: str
    name: EventName
    payment_id: str | None
    sequence: int
    body: str
    created_at: datetime
    feed_key: str

    @property
    def recorded_at(self) -> datetime:
        """The time at which it was recorded: its place in the feed, after that of the event."""
        return datetime.fromisoformat(self.feed_key.partition("#")[0])


def event_id(subject_id: str, name: EventName) -> str:
    """The UUID of the event ``name`` of the payment or refund with the id ``subject_id``."""
    return derived_uuid(subject_id, name)


def events_between(before: Payment | None, after: Payment) -> list[PaymentEvent]:
    """The events of the change from ``before`` to ``after``, oldest first. ``before``: None for a new row."""
    if before is None:
        names = [EventName.PAYMENT_CREATED, EventName.PAYMENT_PENDING]
        return [PaymentEvent.of(name, after, sequence=number) for number, name in enumerate(names, start=1)]
    if before.status is not after.status:
        return [_event(EVENT_OF_PAYMENT[after.status], after)]
    has_changed = {
        EventName.PAYMENT_REQUIRES_ACTION: before.next_action != after.next_action,
        EventName.PAYMENT_CAPTURED: after.captured and not before.captured,
        EventName.PAYMENT_VOIDED: before.voided_at != after.voided_at,
        EventName.PAYMENT_LATE_AUTHORIZED: before.late_authorized_at != after.late_authorized_at,
    }
    if any(has_changed.values()):
        return [_event(name, after) for name, changed in has_changed.items() if changed]
    if after.latest_refund and before.latest_refund != after.latest_refund:
        name = EVENT_OF_REFUND[after.latest_refund.status]
        return [_event(name, after, after.latest_refund)]
    return []


def _event(name: EventName, payment: Payment, refund: Refund | None = None) -> PaymentEvent:
    return PaymentEvent.of(name, payment, sequence=payment.sequence, refund=refund)


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
        **(payment.decline.fields if payment.decline else {}),
        "next_action": _action_data(payment.open_action) if payment.open_action else None,
        "capture_before": iso(payment.capture_before) if payment.capture_before else None,
        "voided_at": iso(payment.voided_at) if payment.voided_at else None,
        "void_reason": payment.void_reason,
        "created_at": iso(payment.created_at),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _action_data(action: NextAction) -> dict[str, Any]:
    return action.fields | {"expires_at": iso(action.expires_at)}


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
