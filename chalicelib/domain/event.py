"""Events: past-tense facts about a payment, and the body that announces one to a merchant.

A body is byte-equal to ``JSON.stringify(JSON.parse(body))``, because receivers re-serialise before
they verify: compact, raw UTF-8, integers within 2^53, no integer-like keys (so no ``notes``).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.ids import derived_uuid
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.times import iso


class EventName(StrEnum):
    """What may have happened."""

    PAYMENT_CREATED = "payment.created"
    PAYMENT_PENDING = "payment.pending"
    PAYMENT_SUCCESS = "payment.success"
    PAYMENT_FAILED = "payment.failed"


_OF_STATUS = {
    PaymentStatus.PENDING: EventName.PAYMENT_PENDING,
    PaymentStatus.SUCCESS: EventName.PAYMENT_SUCCESS,
    PaymentStatus.FAILED: EventName.PAYMENT_FAILED,
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact about one payment. A fact has one ``id`` however often it is derived."""

    name: EventName
    payment: Payment
    at: datetime

    @property
    def id(self) -> str:
        """The UUID of this fact, and so of the webhook log it owes."""
        return derived_uuid(self.payment.id, self.name)

    def body(self) -> str:
        """The exact text that is signed, stored and sent at every attempt."""
        fact = {
            "event": self.name,
            "timestamp": int(self.at.timestamp()),
            "data": {"payment": _payment_data(self.payment)},
        }
        return json.dumps(fact, separators=(",", ":"), ensure_ascii=False)


def events_between(before: Payment | None, after: Payment) -> list[Event]:
    """What became true from ``before`` to ``after``, oldest first; ``before`` is None for a new row."""
    names = [] if before else [EventName.PAYMENT_CREATED]
    if before is None or before.status is not after.status:
        names.append(_OF_STATUS[after.status])
    return [Event(name=name, payment=after, at=after.updated_at) for name in names]


def _payment_data(payment: Payment) -> dict[str, Any]:
    instrument = payment.instrument
    shown = {
        "id": payment.id,
        "order_id": payment.order_id,
        "amount": payment.money.amount,
        "currency": payment.money.currency,
        "method": instrument.method,
        "vpa": instrument.vpa,
        "card_network": instrument.card_network,
        "card_last4": instrument.card_last4,
        "status": payment.status,
        "captured": payment.captured,
        "amount_refunded": payment.amount_refunded,
        "error_code": payment.decline.code if payment.decline else None,
        "error_description": payment.decline.description if payment.decline else None,
        "created_at": iso(payment.created_at),
    }
    return {name: value for name, value in shown.items() if value is not None}
