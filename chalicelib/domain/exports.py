"""The columns of exports: payments, refunds and events as rows of text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Generic, TypeVar

from chalicelib.domain.csv_lines import csv_lines, text_cell
from chalicelib.domain.decline import PAYMENT_FAILED
from chalicelib.domain.event import RecordedEvent
from chalicelib.domain.money import Money
from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund
from chalicelib.domain.time_zone import local_iso

Item = TypeVar("Item")
Column = Callable[[Item, tzinfo], str]


@dataclass(frozen=True)
class Export(Generic[Item]):
    """A kind of export. ``columns`` has the cell of an item, by the name of the column."""

    columns: Mapping[str, Column[Item]]

    def csv(self, items: Iterable[Item], zone: tzinfo, *, has_header: bool) -> str:
        """The lines of ``items``, with times in ``zone``."""
        rows: list[Sequence[str]] = [[*self.columns]] if has_header else []
        rows += [[cell(item, zone) for cell in self.columns.values()] for item in items]
        return csv_lines(rows)


def _time(moment: datetime | None, zone: tzinfo) -> str:
    return local_iso(moment, zone) if moment else ""


def _paid_with(payment: Payment) -> str:
    """The VPA, or the network and the last four digits of the card."""
    instrument = payment.instrument
    shown = (instrument.vpa, instrument.card_network, instrument.card_last4)
    return text_cell(" ".join(part for part in shown if part))


def _amount(payment: Payment, amount: int) -> str:
    return Money(amount, payment.money.currency).major


def _refund_amount(refund: Refund) -> str:
    return Money(refund.amount, refund.currency or "").major


PAYMENTS: Export[Payment] = Export(
    {
        "created_at": lambda payment, zone: _time(payment.created_at, zone),
        "payment_id": lambda payment, _: payment.id,
        "order_id": lambda payment, _: payment.order_id,
        "status": lambda payment, _: payment.display_status,
        "method": lambda payment, _: payment.instrument.method,
        "paid_with": lambda payment, _: _paid_with(payment),
        "amount": lambda payment, _: payment.money.major,
        "refunded": lambda payment, _: _amount(payment, payment.amount_refunded),
        "net": lambda payment, _: _amount(payment, payment.net),
        "currency": lambda payment, _: text_cell(payment.money.currency),
        "settled_at": lambda payment, zone: _time(payment.settled_at, zone),
        "captured_at": lambda payment, zone: _time(payment.captured_at, zone),
        "error_code": lambda payment, _: PAYMENT_FAILED if payment.decline else "",
    }
)
REFUNDS: Export[Refund] = Export(
    {
        "created_at": lambda refund, zone: _time(refund.created_at, zone),
        "refund_id": lambda refund, _: refund.id,
        "payment_id": lambda refund, _: refund.payment_id,
        "status": lambda refund, _: refund.status,
        "amount": lambda refund, _: _refund_amount(refund),
        "currency": lambda refund, _: text_cell(refund.currency),
        "reason": lambda refund, _: text_cell(refund.reason),
        "processed_at": lambda refund, zone: _time(refund.processed_at, zone),
    }
)
EVENTS: Export[RecordedEvent] = Export(
    {
        "recorded_at": lambda event, zone: _time(event.recorded_at, zone),
        "event_id": lambda event, _: event.id,
        "type": lambda event, _: event.name,
        "payment_id": lambda event, _: event.payment_id or "",
        "sequence": lambda event, _: str(event.sequence),
    }
)
