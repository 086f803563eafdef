"""Counting: what a change of a row adds to which counters.

A counter has a name; those of a day sort by it, so that some days and all totals are one range:

    day#2026-03-14#INR#upi#success      payments of that day's buyers that succeeded
    day#2026-03-14#INR#upi#volume       and what they brought, in minor units
    total#payments#upi#success          rows of a list, by what it can be filtered by
    total#webhooks#payment.success#failed

A payment counts for the day it was created on, in UTC. What is added follows from the change alone, so
that the order in which changes are counted does not matter.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.order import Order
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_log import WebhookLog

EVERYBODY = "*"
"""The owner of the counters that add all merchants up."""

TOTALS_FROM, TOTALS_TO = "total#", "total#~"


@dataclass(frozen=True)
class CounterKey:
    """One counter of one merchant, or of EVERYBODY."""

    owner: str
    name: str


Counts = Mapping[CounterKey, int]


def day_prefix(day: date) -> str:
    """What the names of a day's counters begin with."""
    return f"day#{day.isoformat()}#"


def count_order(before: Order | None, after: Order | None) -> Counts:
    """What a change of an order adds."""
    return _moved(_order_names(before), _order_names(after))


def count_payment(before: Payment | None, after: Payment | None) -> Counts:
    """What a change of a payment adds."""
    return _moved(_payment_names(before), _payment_names(after))


def count_refund(before: Refund | None, after: Refund | None) -> Counts:
    """What a change of a refund adds."""
    return _moved(_refund_names(before), _refund_names(after))


def count_webhook_log(before: WebhookLog | None, after: WebhookLog | None) -> Counts:
    """What a change of a webhook log adds; one that TTL removes is counted no more."""
    return _moved(_log_names(before), _log_names(after))


Holdings = Counter[CounterKey]


def _order_names(order: Order | None) -> Holdings:
    return _held(order.merchant_id, {"total#orders": 1}) if order else Counter()


def _payment_names(payment: Payment | None) -> Holdings:
    if payment is None:
        return Counter()
    method, status = payment.instrument.method, payment.status
    day = f"{day_prefix(payment.created_at.date())}{payment.money.currency}#{method}#"
    held = {f"total#payments#{method}#{status}": 1, f"{day}{status}": 1}
    if status is PaymentStatus.SUCCESS:
        held[f"{day}volume"] = payment.money.amount
        held[f"total#volume#{payment.money.currency}#{method}"] = payment.money.amount
    return _held(payment.merchant_id, held)


def _refund_names(refund: Refund | None) -> Holdings:
    return _held(refund.merchant_id, {f"total#refunds#{refund.status}": 1}) if refund else Counter()


def _log_names(log: WebhookLog | None) -> Holdings:
    return _held(log.merchant_id, {f"total#webhooks#{log.event}#{log.status}": 1}) if log else Counter()


def _held(merchant_id: str, names: Mapping[str, int]) -> Holdings:
    held = Counter({CounterKey(merchant_id, name): value for name, value in names.items()})
    for name, value in names.items():
        if name.startswith(TOTALS_FROM):
            held[CounterKey(EVERYBODY, name)] = value
    return held


def _moved(before: Holdings, after: Holdings) -> Counts:
    moved = Counter(after)
    moved.subtract(before)
    return {key: value for key, value in moved.items() if value}
