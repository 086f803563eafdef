"""What merchants reconcile with their books: sums of payments, and exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.exports import EVENTS, PAYMENTS, REFUNDS, Export
from chalicelib.domain.sums import CurrencySum, sums_of
from chalicelib.domain.time_zone import time_zone
from chalicelib.services.merchants import MerchantService
from chalicelib.store.events import EventStore
from chalicelib.store.lists import ListQuery
from chalicelib.store.payments import PaymentStore
from chalicelib.store.refunds import RefundStore

MAX_SUMMED = 2_000  # payments in one request: 1.4 MB of JSON from DynamoDB, 0.14 s of processor time
MAX_EXPORTED = 1_000  # rows in one response: about 150 KB; Lambda allows 6 MB

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Period:
    """The records of a merchant from ``since`` (inclusive) to ``before`` (exclusive), both optional.

    ``after`` is the key at which the previous part ended, None for the first part.
    """

    merchant_id: str
    since: datetime | None = None
    before: datetime | None = None
    after: str | None = None

    def query(self, limit: int) -> ListQuery:
        """The query of the next part, with at most ``limit`` rows."""
        return ListQuery(**vars(self), limit=limit)


@dataclass(frozen=True, kw_only=True)
class SummaryPart:
    """The sums of one part of a period.

    ``rows``: the number of payments that were read. ``until``: the time of creation of the last of them, None
    if there was none. ``next_key``: the end of this part, None for the last one.
    """

    sums: Sequence[CurrencySum]
    rows: int
    until: datetime | None
    next_key: str | None


@dataclass(frozen=True, kw_only=True)
class ExportPart:
    """The CSV lines of one part of a period. ``next_key``: the end of this part, None for the last one."""

    csv: str
    next_key: str | None


@dataclass(frozen=True, kw_only=True)
class FinanceService:
    """Reads the records of all merchants.

    Exports raise AuthenticationError if the merchant was deactivated, which authentication can miss for a
    minute.
    """

    payments: PaymentStore
    refunds: RefundStore
    events: EventStore
    merchants: MerchantService
    clock: Clock

    def summary(self, period: Period) -> SummaryPart:
        """The sums of the newest MAX_SUMMED payments of the period. 2 requests for each shard.

        More for payments that can be voided, see ``PaymentStore.page``.
        """
        page = self.payments.page(period.query(MAX_SUMMED))
        return SummaryPart(
            sums=sums_of(page.items),
            rows=len(page.items),
            until=page.items[-1].created_at if page.items else None,
            next_key=page.next_key,
        )

    def export_payments(self, period: Period) -> ExportPart:
        """The newest MAX_EXPORTED payments of the period. 2 requests, more as for ``PaymentStore.page``."""
        page = self.payments.page(period.query(MAX_EXPORTED))
        return self._part(PAYMENTS, period, page.items, page.next_key)

    def export_refunds(self, period: Period) -> ExportPart:
        """The newest MAX_EXPORTED refunds of the period. 2 requests, more as for ``RefundStore.page``."""
        page = self.refunds.page(period.query(MAX_EXPORTED))
        return self._part(REFUNDS, period, page.items, page.next_key)

    def export_events(self, period: Period) -> ExportPart:
        """The oldest MAX_EXPORTED events that were recorded in the period. 2 requests to 12."""
        found = self.events.between(**vars(period), limit=MAX_EXPORTED, now=self.clock())
        return self._part(EVENTS, period, found.events, found.next_key)

    def _part(
        self, export: Export[Item], period: Period, items: Sequence[Item], next_key: str | None
    ) -> ExportPart:
        """The lines, with a header in the first part. 1 request, for the current time zone."""
        merchant = self.merchants.get(period.merchant_id)
        if not merchant.is_active:
            raise AuthenticationError
        csv = export.csv(items, time_zone(merchant.time_zone), has_header=period.after is None)
        return ExportPart(csv=csv, next_key=next_key)
