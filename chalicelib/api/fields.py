"""Fields that several bodies have: texts, identifiers and times, with what the API says of their form."""

import datetime as dt
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema

from chalicelib.domain.times import iso

MAX_TEXT_CHARS = 255


def _identifier(prefix: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{prefix}[A-Za-z0-9]{{16}}$"})


_UUID = WithJsonSchema({"type": "string", "format": "uuid"})

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)]

OrderId = Annotated[str, _identifier("order_")]
PaymentId = Annotated[str, _identifier("pay_")]
RefundId = Annotated[str, _identifier("rfnd_")]
MerchantId = Annotated[str, _UUID]
WebhookLogId = Annotated[str, _UUID]

Timestamp = Annotated[
    dt.datetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

PATH_IDS: dict[str, Any] = {
    "order_id": OrderId,
    "payment_id": PaymentId,
    "refund_id": RefundId,
    "log_id": WebhookLogId,
}
"""What stands in a path, by the name it has there."""
