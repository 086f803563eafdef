"""Field types of several bodies: texts, identifiers and times, with their JSON schemas."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from chalicelib.domain.merchant import FINGERPRINT_CHARS
from chalicelib.domain.times import iso

MAX_TEXT_CHARS = 255
ENDPOINT_ID_PATTERN = "^(default|we_[A-Za-z0-9]{16})$"


def _identifier(prefix: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{prefix}[A-Za-z0-9]{{16}}$"})


_UUID = WithJsonSchema({"type": "string", "format": "uuid"})

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)]

OrderId = Annotated[str, _identifier("order_")]
PaymentId = Annotated[str, _identifier("pay_")]
RefundId = Annotated[str, _identifier("rfnd_")]
RequestId = Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 64})]
ChargeId = Annotated[str, _identifier("sim_")]
AcquirerName = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[a-z0-9-]{1,32}$"})]
MerchantId = Annotated[str, _UUID]
WebhookLogId = Annotated[str, _UUID]
EventId = Annotated[str, _UUID]
WebhookEndpointId = Annotated[str, WithJsonSchema({"type": "string", "pattern": ENDPOINT_ID_PATTERN})]

Timestamp = Annotated[
    dt.datetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def invalid(rule: str) -> PydanticCustomError:
    """The error of a field that violates ``rule``, a text such as "must not be empty"."""
    return PydanticCustomError("value_error", "{error}", {"error": rule})


def _is_fingerprint(text: str) -> str:
    if not re.fullmatch(f"[0-9a-f]{{{FINGERPRINT_CHARS}}}", text):
        raise invalid(f"must be a fingerprint: {FINGERPRINT_CHARS} characters of 0-9 and a-f")
    return text


Fingerprint = Annotated[
    str,
    AfterValidator(_is_fingerprint),
    WithJsonSchema({"type": "string", "pattern": f"^[0-9a-f]{{{FINGERPRINT_CHARS}}}$"}),
]
"""The fingerprint of an API secret."""


@dataclass(frozen=True)
class Moment:
    """A time as ISO 8601 text with a UTC offset."""

    def parse(self, text: Any) -> dt.datetime:
        """The time in UTC. Raises PydanticCustomError."""
        try:
            moment = dt.datetime.fromisoformat(text)
            if moment.tzinfo:
                return moment.astimezone(dt.UTC)
        except (TypeError, ValueError, OverflowError):
            pass
        raise invalid("must be an ISO-8601 time with its offset, like 2026-03-14T15:09:26Z")

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}


PATH_IDS: dict[str, Any] = {
    "order_id": OrderId,
    "payment_id": PaymentId,
    "refund_id": RefundId,
    "request_id": RequestId,
    "charge_id": ChargeId,
    "log_id": WebhookLogId,
    "event_id": EventId,
    "endpoint_id": WebhookEndpointId,
    "merchant_id": MerchantId,
    "name": AcquirerName,
}
"""The types of path parameters, by name."""
