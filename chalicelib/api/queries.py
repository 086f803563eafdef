"""Query strings: pages and filters of lists, and the days of statistics."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from chalicelib.api.cursor import MAX_CURSOR_CHARS, decode_cursor
from chalicelib.api.fields import ENDPOINT_ID_PATTERN, MAX_TEXT_CHARS, Fingerprint, Moment, invalid
from chalicelib.api.input import Query
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.event import EventName
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import DisplayStatus, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.services.merchants import MAX_API_KEY_CHARS
from chalicelib.services.stats import MAX_DAYS
from chalicelib.store.api_requests import flag
from chalicelib.store.lists import NARROW_INDEXES

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
MAX_OFFSET = 10_000  # an offset reads the rows that it skips; a cursor does not
MAX_INTEGER = 2**53 - 1  # the largest integer that every JSON parser reads exactly
DEFAULT_DAYS = 30

NOT_COUNTED = frozenset(
    {*NARROW_INDEXES, "endpoint_id", "display_status", "vpa", "card_last4", "amount", "receipt"}
)
"""Filters with few matches: counting them would read the whole list, and a search needs no total."""

_LAST4_PATTERN = "^[0-9]{4}$"
_INTEGER = re.compile(r"-?[0-9]{1,16}")


@dataclass(frozen=True)
class Between:
    """An integer as text, with a minimum and a maximum, which the error contains."""

    minimum: int
    maximum: int

    def parse(self, text: str) -> int:
        """The integer. Raises PydanticCustomError."""
        number = int(text) if _INTEGER.fullmatch(text) else None
        if number is None or not self.minimum <= number <= self.maximum:
            raise invalid(f"must be an integer from {self.minimum} to {self.maximum}")
        return number

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


def _not_empty(text: Any) -> Any:
    if text == "":
        raise invalid("must not be empty")
    return text


FilterText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS), BeforeValidator(_not_empty)]


class TimeRangeQuery(Query):
    """A query that can be limited to a time range."""

    since: Annotated[datetime, Moment()] | None = Field(
        default=None, alias="from", description="Return only items created at or after this time"
    )
    before: Annotated[datetime, Moment()] | None = Field(
        default=None, alias="to", description="Return only items created before this time"
    )


class PageQuery(TimeRangeQuery):
    """The query of one page of a list. The fields that a subclass adds are filters."""

    limit: Annotated[int, Between(1, MAX_LIMIT)] = Field(
        default=DEFAULT_LIMIT, description="The maximum number of items to return"
    )
    offset: Annotated[int, Between(0, MAX_INTEGER)] = Field(
        default=0,
        description=f"The number of items to skip. Above {MAX_OFFSET} the page is empty: use `cursor`",
    )
    cursor: str | None = Field(
        default=None,
        description="The `next_cursor` of the previous page. If present, `offset` is ignored",
        json_schema_extra={"maxLength": MAX_CURSOR_CHARS},
    )

    def filters(self) -> dict[str, Any]:
        """The filters of the list. The value of a filter that is not set is None."""
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name not in PageQuery.model_fields
        }

    def is_counted(self) -> bool:
        """Whether the response contains the total. Not for queries by time or by a filter of NOT_COUNTED."""
        used = {name for name, value in self.filters().items() if value is not None}
        return not (self.since or self.before or used & NOT_COUNTED)


class OrdersQuery(PageQuery):
    """The query of a page of orders."""

    receipt: FilterText | None = Field(
        default=None, description="Return only orders with exactly this receipt"
    )


class PaymentsQuery(PageQuery):
    """The query of a page of payments."""

    order_id: FilterText | None = None
    method: PaymentMethod | None = None
    status: PaymentStatus | None = None
    display_status: DisplayStatus | None = None
    vpa: FilterText | None = Field(default=None, description="Return only payments from exactly this VPA")
    card_last4: str | None = Field(
        default=None,
        description="Return only payments with a card whose number ends with these four digits",
        json_schema_extra={"pattern": _LAST4_PATTERN},
    )
    amount: Annotated[int, Between(1, MAX_INTEGER)] | None = Field(
        default=None, description="Return only payments of exactly this amount, in minor units"
    )

    @field_validator("card_last4")
    @classmethod
    def _card_last4_is_four_digits(cls, digits: str | None) -> str | None:
        if digits is not None and not re.fullmatch(_LAST4_PATTERN, digits):
            raise invalid("must be the last four digits of a card number")
        return digits


class RefundsQuery(PageQuery):
    """The query of a page of refunds."""

    payment_id: FilterText | None = None
    status: RefundStatus | None = None


class WebhooksQuery(PageQuery):
    """The query of a page of webhook logs."""

    endpoint_id: str | None = Field(default=None, json_schema_extra={"pattern": ENDPOINT_ID_PATTERN})
    payment_id: FilterText | None = None
    event: EventName | None = None
    status: WebhookStatus | None = None

    @field_validator("endpoint_id")
    @classmethod
    def _endpoint_id_is_one(cls, endpoint_id: str | None) -> str | None:
        if endpoint_id is not None and not re.fullmatch(ENDPOINT_ID_PATTERN, endpoint_id):
            raise invalid("must be the id of a webhook endpoint")
        return endpoint_id


class RequestsQuery(PageQuery):
    """The query of a page of the log of API requests."""

    failed: bool | None = Field(default=None, description="Return only requests that failed, or succeeded")
    payment_id: FilterText | None = None

    def filters(self) -> dict[str, str | None]:
        """The filters of the list. Rows have `failed` as text."""
        return super().filters() | {"failed": None if self.failed is None else flag(self.failed)}

    def is_counted(self) -> bool:
        """The log has a row for each request, so counting them would take long."""
        return False


class PeriodQuery(TimeRangeQuery):
    """The query of one part of the records of a period."""

    cursor: str | None = Field(
        default=None,
        description="The cursor in the previous response, with the same `from` and `to`",
        json_schema_extra={"maxLength": MAX_CURSOR_CHARS},
    )

    @field_validator("before")
    @classmethod
    def _range_is_in_order(cls, before: datetime | None, info: ValidationInfo) -> datetime | None:
        since = info.data.get("since")
        if before and since and before < since:
            raise invalid("must not be before from")
        return before

    def start_key(self) -> str | None:
        """The key at which the previous part ended. Raises BadRequestError."""
        if not self.cursor:
            return None
        cursor = decode_cursor(self.cursor)
        if cursor.skip:
            raise BadRequestError("cursor is not valid", field="cursor")
        return cursor.key


class EventsQuery(Query):
    """The query of a page of the event feed."""

    after: FilterText | None = Field(
        default=None,
        description="The `next_after` of the previous page. Without it, the feed starts 30 days ago",
    )
    type: EventName | None = Field(default=None, description="Return only events of this type")
    limit: Annotated[int, Between(1, MAX_LIMIT)] = Field(
        default=DEFAULT_LIMIT, description="The maximum number of events to return"
    )


class PublicOrderQuery(Query):
    """The query of a public order."""

    key: str | None = Field(
        default=None,
        description="The merchant's API key. A key of another merchant is rejected",
        json_schema_extra={"maxLength": MAX_API_KEY_CHARS},
    )


class PreviousSecretQuery(Query):
    """The query that ends the previous API secret. It names the secret: a repeat ends no other one."""

    fingerprint: Fingerprint = Field(
        description="The `previous_api_secret_fingerprint` of `GET /api/v1/merchants/me`"
    )


class StatsQuery(Query):
    """The query of statistics."""

    days: Annotated[int, Between(1, MAX_DAYS)] = Field(
        default=DEFAULT_DAYS, description="The number of days in the series, including today"
    )
