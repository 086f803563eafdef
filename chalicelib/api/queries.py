"""Query strings: the pages and filters of lists, and the days of statistics."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from chalicelib.api.cursor import MAX_CURSOR_CHARS
from chalicelib.api.fields import Moment, Text
from chalicelib.api.input import Query
from chalicelib.domain.event import EventName
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.services.merchants import MAX_API_KEY_CHARS
from chalicelib.services.stats import MAX_DAYS
from chalicelib.store.lists import NARROW_INDEXES

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
MAX_OFFSET = 10_000  # a page at an offset costs what it skips; a cursor costs nothing
MAX_INTEGER = 2**53 - 1  # what every JSON parser reads exactly
DEFAULT_DAYS = 30

_INTEGER = re.compile(r"-?[0-9]{1,16}")


@dataclass(frozen=True)
class Between:
    """A whole number as text, within bounds that are named by any error."""

    minimum: int
    maximum: int

    def parse(self, text: str) -> int:
        """The number; raises what pydantic tells as this field's error."""
        number = int(text) if _INTEGER.fullmatch(text) else None
        if number is None or not self.minimum <= number <= self.maximum:
            what = f"must be an integer from {self.minimum} to {self.maximum}"
            raise PydanticCustomError("value_error", "{error}", {"error": what})
        return number

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class PageQuery(Query):
    """Which page of a list is wanted. What a list adds to this, it can be filtered by."""

    limit: Annotated[int, Between(1, MAX_LIMIT)] = Field(
        default=DEFAULT_LIMIT, description="How many to show"
    )
    offset: Annotated[int, Between(0, MAX_INTEGER)] = Field(
        default=0,
        description=f"How many to skip. A page at an offset above {MAX_OFFSET} is empty: use a cursor there",
    )
    cursor: str | None = Field(
        default=None,
        description="`next_cursor` of the page before; `offset` counts no more",
        json_schema_extra={"maxLength": MAX_CURSOR_CHARS},
    )

    since: Annotated[datetime, Moment()] | None = Field(
        default=None, alias="from", description="Only what was created at this time or later"
    )
    before: Annotated[datetime, Moment()] | None = Field(
        default=None, alias="to", description="Only what was created before this time"
    )

    def filters(self) -> dict[str, str | None]:
        """What each filter of the list was set to, None standing for any."""
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name not in PageQuery.model_fields
        }

    def counted_filters(self) -> list[str | None] | None:
        """The filters by which rows are counted; None when the list is narrowed by what is not counted."""
        filters = self.filters()
        ids = [filters.pop(name, None) for name in NARROW_INDEXES]
        return None if self.since or self.before or any(ids) else list(filters.values())


class PaymentsQuery(PageQuery):
    """Which payments are wanted."""

    order_id: Text | None = None
    method: PaymentMethod | None = None
    status: PaymentStatus | None = None


class RefundsQuery(PageQuery):
    """Which refunds are wanted."""

    payment_id: Text | None = None
    status: RefundStatus | None = None


class WebhooksQuery(PageQuery):
    """Which webhook logs are wanted."""

    payment_id: Text | None = None
    event: EventName | None = None
    status: WebhookStatus | None = None


class PublicOrderQuery(Query):
    """Whose order the caller expects."""

    key: str | None = Field(
        default=None,
        description="The merchant's API key. A key that is not the merchant's of this order is rejected.",
        json_schema_extra={"maxLength": MAX_API_KEY_CHARS},
    )


class StatsQuery(Query):
    """Which days are wanted."""

    days: Annotated[int, Between(1, MAX_DAYS)] = Field(
        default=DEFAULT_DAYS, description="How many days the series has, up to today"
    )
