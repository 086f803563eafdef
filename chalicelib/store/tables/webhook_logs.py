"""Webhook logs."""

from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model


class AttemptMap(MapAttribute[str, Any]):
    """One attempt of a webhook."""

    at = UTCDateTimeAttribute()
    trigger = UnicodeAttribute()
    url = UnicodeAttribute(null=True)
    request_headers: JSONAttribute = JSONAttribute()
    latency_ms = NumberAttribute()
    response_code = NumberAttribute(null=True)
    response_headers: JSONAttribute = JSONAttribute(null=True)
    response_body = UnicodeAttribute(null=True)
    response_truncated = BooleanAttribute()
    response_headers_truncated = BooleanAttribute(null=True)
    error = UnicodeAttribute(null=True)
    retry_after_s = NumberAttribute(null=True)


_LISTED = [
    "merchant_id",
    "event",
    "payment_id",
    "status",
    "attempts",
    "created_at",
    "last_attempt_at",
    "next_retry_at",
    "response_code",
]


class WebhookLogsByMerchant(GlobalSecondaryIndex["WebhookLogRow"]):
    """The webhook logs of a merchant, by time, with what the list shows."""

    class Meta:
        index_name = "by_merchant"
        projection = IncludeProjection(_LISTED)

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class WebhookLogsByPayment(GlobalSecondaryIndex["WebhookLogRow"]):
    """The webhook logs of a payment, by time, with what the list shows."""

    class Meta:
        index_name = "by_payment"
        projection = IncludeProjection([name for name in _LISTED if name != "payment_id"])

    payment_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class WebhookLogRow(Model):
    """A webhook log. What the list does not show may be absent in the index.

    ``history`` holds the attempts that the previous version made; new ones are items of ``webhook_attempts``.
    """

    class Meta:
        table_name = "webhook_logs"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    event = UnicodeAttribute()
    payment_id = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    attempts = NumberAttribute()
    round = NumberAttribute(null=True)
    leased_until = UTCDateTimeAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    last_attempt_at = UTCDateTimeAttribute(null=True)
    next_retry_at = UTCDateTimeAttribute(null=True)
    response_code = NumberAttribute(null=True)
    history: ListAttribute[AttemptMap] = ListAttribute(of=AttemptMap, default=list)
    expires_at = TTLAttribute()
    by_merchant = WebhookLogsByMerchant()
    by_payment = WebhookLogsByPayment()
