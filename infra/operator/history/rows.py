"""The history of a payment in the tables: the payment, its refunds and its webhooks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from chalicelib.bootstrap import Gateway
from chalicelib.domain.money import Money
from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_log import Attempt, WebhookLog
from chalicelib.store.lists import ListQuery, Page
from infra.operator.history.entries import Entry

PAGE = 100  # rows
MAX_ROWS = 1_000  # refunds, and webhook logs; of more, the newest are shown

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class PaymentRows:
    """A payment with its newest MAX_ROWS refunds and webhook logs. The logs have their newest attempts."""

    payment: Payment
    refunds: list[Refund]
    logs: list[WebhookLog]

    @classmethod
    def read(cls, gateway: Gateway, payment: Payment) -> "PaymentRows":
        """Read the rows: one request for each page of 100 rows, and two for each webhook log."""
        query = ListQuery(merchant_id=payment.merchant_id, limit=PAGE, filters={"payment_id": payment.id})
        listed = list(_newest(gateway.stores.webhook_logs.page, query))
        logs = (gateway.webhooks.logs.get(log.id, payment.merchant_id) for log in listed)
        return cls(
            payment=payment,
            refunds=list(_newest(gateway.stores.refunds.page, query)),
            logs=[log for log in logs if log],
        )

    @property
    def ids(self) -> list[str]:
        """The ids that log lines about this payment contain."""
        return [self.payment.id, *(refund.id for refund in self.refunds), *(log.id for log in self.logs)]

    def entries(self) -> Iterator[Entry]:
        """The facts of the rows, in any order."""
        yield from _facts("payments", self.payment.id, _times_of(self.payment))
        for refund in reversed(self.refunds):
            yield from _facts("refunds", refund.id, _times_of_refund(refund, self.payment.money.currency))
        for log in reversed(self.logs):
            yield from _facts("webhook_logs", log.id, _times_of_log(log))
            for attempt in log.history:
                yield Entry(at=attempt.at, source="webhook_attempts", text=_attempted(log, attempt))


def _newest(page_of: Callable[[ListQuery], Page[Item]], query: ListQuery) -> Iterator[Item]:
    return islice(_all(page_of, query), MAX_ROWS)


def _all(page_of: Callable[[ListQuery], Page[Item]], query: ListQuery) -> Iterator[Item]:
    while True:
        page = page_of(query)
        yield from page.items
        if page.next_key is None:
            return
        query = replace(query, after=page.next_key, skip=page.skip)


def _facts(table: str, id_: str, times: dict[str, datetime | None]) -> Iterator[Entry]:
    """An entry for each time that is set. The key is the text."""
    for text, at in times.items():
        if at is not None:
            yield Entry(at=at, source=table, text=f"{text}, id={id_}")


def _times_of(payment: Payment) -> dict[str, datetime | None]:
    created = f"created: {payment.money} by {payment.instrument.method}, order={payment.order_id}"
    reason = f": {payment.decline.description}" if payment.decline else ""
    return {
        created: payment.created_at,
        f"{payment.status}{reason}, reference={payment.acquirer_reference}": payment.settled_at,
        "captured": payment.captured_at,
        f"voided, reason={payment.void_reason}": payment.voided_at,
        "capture or void confirmed by the acquirer": payment.confirmed_at,
        "approved after it had failed; the money was returned": payment.late_authorized_at,
    }


def _times_of_refund(refund: Refund, currency: str) -> dict[str, datetime | None]:
    return {
        f"refund created: {Money(refund.amount, currency)}": refund.created_at,
        f"refund {refund.status}": refund.processed_at,
    }


def _times_of_log(log: WebhookLog) -> dict[str, datetime | None]:
    return {
        f"{log.event} for endpoint {log.endpoint_id}": log.created_at,
        f"{log.event}: next attempt is due": log.next_retry_at,
    }


def _attempted(log: WebhookLog, attempt: Attempt) -> str:
    result = attempt.error or f"status {attempt.response_code}"
    return f"{log.event}: {attempt.trigger} attempt, {result}, {attempt.latency_ms} ms, id={log.id}"
