"""Counters: what a change of a row adds to which of them.

A counter belongs to one merchant or to ALL_MERCHANTS, and has a name. The names sort so that some days and
all totals are one range:

    day#2026-03-14#INR#upi#success      that day's payments that succeeded
    day#2026-03-14#INR#upi#volume       and their amount, in minor units
    total#payments#upi#success          rows of a list, by the values of its filters
    total#webhooks#payment.success#failed

A payment counts for the day it was created on, in UTC. The increments follow from the change alone, so the
order in which changes are counted does not matter.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from chalicelib.domain.order import Order
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_log import WebhookLog

ALL_MERCHANTS = "*"
"""The owner of the counters of all merchants together."""

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
    """The number of rows of a list whose filters have these values, or the VOLUME of all payments."""

    list: str
    values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the counter."""
        return TOTALS_FROM + "#".join((self.list, *self.values))

    def matches(self, *filters: str | None) -> bool:
        """Whether the values are those of ``filters``; None accepts every value."""
        pairs = zip(filters, self.values, strict=False)
        return len(filters) == len(self.values) and all(one in {None, value} for one, value in pairs)


Key = DayFigure | Total


def parse_name(name: str) -> Key:
    """The key of a counter, from its name."""
    match name.split("#"):
        case ["day", day, currency, method, figure]:
            return DayFigure(date.fromisoformat(day), currency, method, figure)
        case ["total", list_, *values]:
            return Total(list_, tuple(values))
    raise ValueError(f"not the name of a counter: {name}")


@dataclass(frozen=True)
class CounterKey:
    """One counter of one merchant, or of ALL_MERCHANTS."""

    owner: str
    name: str

    @classmethod
    def of(cls, owner: str, key: Key) -> Self:
        """The counter of a typed key."""
        return cls(owner, key.name)


Counts = Mapping[CounterKey, int]
_Values = Mapping[Key, int]


def day_prefix(day: date) -> str:
    """The common start of the names of a day's counters."""
    return f"day#{day.isoformat()}#"


def count_order(before: Order | None, after: Order | None) -> Counts:
    """The increments of a change of an order."""
    return _difference(_of_order(before), _of_order(after))


def count_payment(before: Payment | None, after: Payment | None) -> Counts:
    """The increments of a change of a payment."""
    return _difference(_of_payment(before), _of_payment(after))


def count_refund(before: Refund | None, after: Refund | None) -> Counts:
    """The increments of a change of a refund."""
    return _difference(_of_refund(before), _of_refund(after))


def count_webhook_log(before: WebhookLog | None, after: WebhookLog | None) -> Counts:
    """The increments of a change of a webhook log. A log that TTL deletes is subtracted."""
    return _difference(_of_log(before), _of_log(after))


def _of_order(order: Order | None) -> Counter[CounterKey]:
    return _counted(order.merchant_id, {Total("orders"): 1}) if order else Counter()


def _of_payment(payment: Payment | None) -> Counter[CounterKey]:
    if payment is None:
        return Counter()
    method, status, currency = payment.instrument.method, payment.status, payment.money.currency
    day = payment.created_at.date()
    values: dict[Key, int] = {
        Total("payments", (method, status)): 1,
        DayFigure(day, currency, method, status): 1,
    }
    if status is PaymentStatus.SUCCESS:
        values[DayFigure(day, currency, method, VOLUME)] = payment.money.amount
        values[Total(VOLUME, (currency, method))] = payment.money.amount
    return _counted(payment.merchant_id, values)


def _of_refund(refund: Refund | None) -> Counter[CounterKey]:
    return _counted(refund.merchant_id, {Total("refunds", (refund.status,)): 1}) if refund else Counter()


def _of_log(log: WebhookLog | None) -> Counter[CounterKey]:
    return _counted(log.merchant_id, {Total("webhooks", (log.event, log.status)): 1}) if log else Counter()


def _counted(merchant_id: str, values: _Values) -> Counter[CounterKey]:
    counted = Counter({CounterKey.of(merchant_id, key): value for key, value in values.items()})
    for key, value in values.items():
        if isinstance(key, Total):
            counted[CounterKey.of(ALL_MERCHANTS, key)] = value
    return counted


def _difference(before: Counter[CounterKey], after: Counter[CounterKey]) -> Counts:
    difference = Counter(after)
    difference.subtract(before)
    return {key: value for key, value in difference.items() if value}
