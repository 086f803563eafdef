"""Response bodies of sums and exports."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, PrivateAttr, RootModel

from chalicelib.api.cursor import MAX_CURSOR_CHARS, Cursor, encode_cursor
from chalicelib.api.fields import Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.sums import CurrencySum
from chalicelib.services.finance import ExportPart, SummaryPart

NEXT_CURSOR = "Next-Cursor"


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
            next_cursor=_cursor(part.next_key),
        )


class ExportView(View, RootModel[str]):
    """CSV lines (RFC 4180). Amounts are exact decimals; times have the offset of your time zone."""

    model_config = ConfigDict(frozen=True)
    CONTENT_TYPE: ClassVar[str] = "text/csv; charset=utf-8"
    HEADERS: ClassVar[Mapping[str, Any]] = {
        NEXT_CURSOR: {
            "description": "The `cursor` of the next part. Absent in the last part",
            "schema": {"type": "string", "maxLength": MAX_CURSOR_CHARS},
        }
    }

    _http_headers: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(cls, part: ExportPart, *, name: str) -> Self:
        """The lines of ``part``, as a file with that name."""
        view = cls(part.csv)
        view._http_headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        if cursor := _cursor(part.next_key):
            view._http_headers[NEXT_CURSOR] = cursor
        return view

    @property
    def http_headers(self) -> Mapping[str, str]:
        """The cursor of the next part, and the name of the file."""
        return self._http_headers

    def render(self) -> str:
        """The lines."""
        return self.root


def _cursor(key: str | None) -> str | None:
    return encode_cursor(Cursor(key=key)) if key else None
