"""Removes the personal data of the buyer from one payment and from the rows that were derived from it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.event import EventName, event_id
from chalicelib.domain.instrument import DISPLAYED_FIELDS
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store import write
from chalicelib.store.events import EventRow
from chalicelib.store.orders import OrderRow
from chalicelib.store.payments import PaymentRow
from chalicelib.store.webhook_attempts import WebhookAttemptRow
from chalicelib.store.webhook_logs import WebhookLogRow
from infra.operator.deployment import Deployment
from infra.operator.history.rows import PaymentRows

PERSONAL_FIELDS = (*DISPLAYED_FIELDS, "token", "return_url")
"""The attributes that are removed from a payment. Refunds and disputes need the acquirer's reference."""


def is_open(payment: Payment) -> bool:
    """Whether the acquirer may still need the buyer's data: no outcome yet, or reserved money."""
    is_reserved = payment.is_manual and not payment.confirmed_at and payment.status is PaymentStatus.SUCCESS
    return payment.status is PaymentStatus.PENDING or is_reserved


@dataclass(frozen=True)
class Erasure:
    """Erases the buyers of payments of a deployment.

    Every write can be repeated. If a run is interrupted, the next one continues.
    """

    deployment: Deployment

    def erase(self, payment: Payment) -> None:
        """Remove the buyer's data from a payment that is not open. At least one request for each row.

        Amounts, times, statuses and ids are kept. The payment is last: until then, a search by VPA finds it.
        """
        rows = PaymentRows.read(self.deployment.gateway, payment)
        for log in rows.logs:
            self._remove_from_body(self.deployment.table(WebhookLogRow), log.id)
            self._remove_responses(log.id)
        for id_ in _possible_events(rows):
            self._remove_from_body(self.deployment.table(EventRow), id_)
        self._remove_notes(payment.order_id)
        self._remove_fields(payment.id)

    def _remove_from_body(self, table: type[EventRow] | type[WebhookLogRow], id_: str) -> None:
        """Remove the displayed fields from the body of an event or a webhook log, if it exists."""
        try:
            body = table.get(id_, consistent_read=True).body
        except table.DoesNotExist:
            return
        if (erased := _without_buyer(body)) != body:
            write.update(table(id_), [table.body.set(erased)], table.id.exists())

    def _remove_responses(self, log_id: str) -> None:
        """Remove what the merchant's server returned: it may repeat the webhook."""
        table = self.deployment.table(WebhookAttemptRow)
        attempt: Any = table.attempt
        for row in table.query(log_id, consistent_read=True):
            if row.attempt.response_body or row.attempt.response_headers:
                write.update(
                    table(log_id, row.sort_key),
                    [
                        attempt.response_body.remove(),
                        attempt.response_headers.remove(),
                        attempt.response_truncated.set(True),
                    ],
                    table.log_id.exists(),
                )

    def _remove_notes(self, order_id: str) -> None:
        table = self.deployment.table(OrderRow)
        write.update(table(order_id), [table.notes.set({})], table.id.exists())

    def _remove_fields(self, payment_id: str) -> None:
        table = self.deployment.table(PaymentRow)
        removals = [getattr(table, name).remove() for name in PERSONAL_FIELDS]
        write.update(table(payment_id), removals, table.id.exists())


def _possible_events(rows: PaymentRows) -> Iterator[str]:
    for subject_id in (rows.payment.id, *(refund.id for refund in rows.refunds)):
        yield from (event_id(subject_id, name) for name in EventName)


def _without_buyer(body: str) -> str:
    """The body of an event without the displayed fields of its payment."""
    content = json.loads(body)
    payment = content.get("data", {}).get("payment", {})
    for name in DISPLAYED_FIELDS:
        payment.pop(name, None)
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)
