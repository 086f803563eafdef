"""Response bodies of sums."""

from collections.abc import Sequence
from typing import Self

from chalicelib.api.cursor import Cursor, encode_cursor
from chalicelib.api.fields import Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.sums import CurrencySum
from chalicelib.services.finance import SummaryPart


class CurrencySumView(View):
    """The sum of payments of one currency, in minor units. ``net`` is ``gross`` without ``refunded``."""

    currency: str
    payments: int
    gross: int
    refunded: int
    net: int

    @classmethod
    def of(cls, one: CurrencySum) -> Self:
        """The fields of ``one``."""
        return cls.model_validate(vars(one) | {"net": one.net})


class SummaryView(View):
    """A part of the sums, sorted by currency. Add the parts until ``next_cursor`` is null.

    ``rows`` is the number of payments that were read for this part, and ``until`` the time of creation of the
    last of them, null if there was none.
    """

    data: Sequence[CurrencySumView]
    rows: int
    until: Timestamp | None
    next_cursor: str | None

    @classmethod
    def of(cls, part: SummaryPart) -> Self:
        """The fields of ``part``."""
        return cls(
            data=[CurrencySumView.of(one) for one in part.sums],
            rows=part.rows,
            until=part.until,
            next_cursor=encode_cursor(Cursor(key=part.next_key)) if part.next_key else None,
        )
