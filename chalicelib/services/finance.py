"""What merchants reconcile with their books: sums of payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.sums import CurrencySum, sums_of
from chalicelib.store.lists import ListQuery
from chalicelib.store.payments import PaymentStore

MAX_SUMMED = 2_000  # payments in one request: about 1.4 MB of rows, read in well under a second


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
class FinanceService:
    """Reads the payments of all merchants."""

    payments: PaymentStore

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
