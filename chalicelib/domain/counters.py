"""Counters: what an event adds to which counters of its merchant.

A counter has a name. The names sort so that some days and all totals are one range:

    day#2026-03-14#INR#upi#success      that day's payments that succeeded
    day#2026-03-14#INR#upi#volume       and their amount, in minor units
    total#events                        events in the merchant's feed
    total#payments#upi#success          payments, by method and status

A payment counts for the day it was created on, in UTC. The increments follow from the event alone, so the
order in which events are counted does not matter.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.event import Event, EventName, PaymentEvent
from chalicelib.domain.payment import Payment, PaymentStatus

VOLUME = "volume"
TOTALS_FROM, TOTALS_TO = "total#", "total#~"


@dataclass(frozen=True)
class DayFigure:
    """A figure of the payments of one day: how many have a status, or their VOLUME."""

    day: date
    currency: str
    method: str
    figure: str

    @property
    def name(self) -> str:
        """The name of the counter."""
        return f"{day_prefix(self.day)}{self.currency}#{self.method}#{self.figure}"


@dataclass(frozen=True)
class Total:
    """The number of payments with these values of method and status, of all events, or the VOLUME."""

    list: str
    values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the counter."""
        return TOTALS_FROM + "#".join((self.list, *self.values))


Key = DayFigure | Total
Counts = Mapping[Key, int]

EVENTS = Total("events")


def parse_name(name: str) -> Key:
    """The key of a counter, from its name."""
    match name.split("#"):
        case ["day", day, currency, method, figure]:
            return DayFigure(date.fromisoformat(day), currency, method, figure)
        case ["total", list_, *values]:
            return Total(list_, tuple(values))
    raise ValueError(f"not the name of a counter: {name}")


def day_prefix(day: date) -> str:
    """The common start of the names of a day's counters."""
    return f"day#{day.isoformat()}#"


def count_event(event: Event) -> Counts:
    """The increments of an event. Only a new payment, its outcome and its void have any."""
    match event:
        case PaymentEvent(name=EventName.PAYMENT_PENDING):
            return count_payment(event.payment)
        case PaymentEvent(name=EventName.PAYMENT_SUCCESS | EventName.PAYMENT_FAILED):
            counts = Counter(count_payment(event.payment))
            counts.subtract(_with_status(event.payment, PaymentStatus.PENDING))
            return counts
        case PaymentEvent(name=EventName.PAYMENT_VOIDED):
            return {key: -amount for key, amount in _volume(event.payment).items()}
    return {}


def count_payment(payment: Payment) -> Counts:
    """The sum of the increments of all events of a payment. A voided payment has no volume."""
    counts = _with_status(payment, payment.status)
    if payment.status is PaymentStatus.SUCCESS and not payment.voided_at:
        counts.update(_volume(payment))
    return counts


def _volume(payment: Payment) -> Counter[Key]:
    method, currency, amount = payment.instrument.method, payment.money.currency, payment.money.amount
    day = DayFigure(payment.created_at.date(), currency, method, VOLUME)
    return Counter({day: amount, Total(VOLUME, (currency, method)): amount})


def _with_status(payment: Payment, status: PaymentStatus) -> Counter[Key]:
    method, currency = payment.instrument.method, payment.money.currency
    day = DayFigure(payment.created_at.date(), currency, method, status)
    return Counter({Total("payments", (method, status)): 1, day: 1})
