"""The DynamoDB tables: keys, indexes and attributes of each record.

These models are the one truth about the tables' shape; the CloudFormation template is made from
them. A model is bound to its table's physical name by a ``Database``, never at import.
"""

import types
from typing import Any, TypeVar

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
from pynamodb.connection import Connection, TableConnection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

_CLIENT = {
    "connect_timeout_seconds": 2,
    "read_timeout_seconds": 5,  # DynamoDB answers in milliseconds; what takes longer is better asked again
    "max_retry_attempts": 3,
    "max_pool_connections": 20,  # above the webhook worker's threads
}

Row = TypeVar("Row", bound=Model)


class Database:
    """Where the tables are. All models bound to it share one client; ``place`` is for other than AWS.

    ``place`` takes pynamodb's ``host``, ``region`` and credentials.
    """

    def __init__(self, **place: str) -> None:
        self._place = place
        self._shared: Connection | None = None

    def bind(self, row: type[Row], table_name: str) -> type[Row]:
        """The model ``row`` on the table of that physical name."""
        base: Any = row.Meta
        meta = type("Meta", (base,), {"table_name": table_name, **_CLIENT, **self._place})
        bound: type[Row] = types.new_class(
            row.__name__, (row,), exec_body=lambda body: body.update(Meta=meta)
        )
        self._share_client(bound._get_connection())  # noqa: SLF001 - pynamodb makes one a model
        return bound

    def _share_client(self, table: TableConnection) -> None:
        if self._shared is None:
            self._shared = table.connection
            _ = self._shared.client  # made here, because making one is not safe in threads
            return
        self._shared.add_meta_table(table.get_meta_table())
        table.connection = self._shared


class ByApiKey(GlobalSecondaryIndex["MerchantRow"]):
    """Who an API key belongs to."""

    class Meta:
        index_name = "by_api_key"
        projection = AllProjection()

    api_key = UnicodeAttribute(hash_key=True)


class ByEmail(GlobalSecondaryIndex["MerchantRow"]):
    """Who signs in with an email address, always in lower case."""

    class Meta:
        index_name = "by_email"
        projection = AllProjection()

    email = UnicodeAttribute(hash_key=True)


class MerchantRow(Model):
    """A merchant."""

    class Meta:
        table_name = "merchants"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    email = UnicodeAttribute()
    api_key = UnicodeAttribute()
    api_secret_hash = UnicodeAttribute()
    previous_api_secret_hash = UnicodeAttribute(null=True)
    previous_api_secret_until = UTCDateTimeAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    webhook_url = UnicodeAttribute(null=True)
    webhook_secret = UnicodeAttribute()
    previous_webhook_secret = UnicodeAttribute(null=True)
    previous_webhook_secret_until = UTCDateTimeAttribute(null=True)
    webhook_failing_since = UTCDateTimeAttribute(null=True)
    webhook_disabled_at = UTCDateTimeAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    deactivated_at = UTCDateTimeAttribute(null=True)
    by_api_key = ByApiKey()
    by_email = ByEmail()


class OrdersByMerchant(GlobalSecondaryIndex["OrderRow"]):
    """The orders of a merchant, by time."""

    class Meta:
        index_name = "by_merchant"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class OrderRow(Model):
    """An order."""

    class Meta:
        table_name = "orders"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    receipt = UnicodeAttribute(null=True)
    notes = JSONAttribute()
    status = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    by_merchant = OrdersByMerchant()


class RefundMap(MapAttribute[str, Any]):
    """A refund inside the payment whose latest change it was."""

    id = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    processed_at = UTCDateTimeAttribute(null=True)


class RefundsByMerchant(GlobalSecondaryIndex["RefundRow"]):
    """The refunds of a merchant, by time."""

    class Meta:
        index_name = "by_merchant"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class RefundRow(Model):
    """A refund."""

    class Meta:
        table_name = "refunds"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    processed_at = UTCDateTimeAttribute(null=True)
    by_merchant = RefundsByMerchant()


class PaymentsByMerchant(GlobalSecondaryIndex["PaymentRow"]):
    """The payments of a merchant, by time, with what the list shows."""

    class Meta:
        index_name = "by_merchant"
        projection = IncludeProjection(
            [
                "merchant_id",
                "order_id",
                "amount",
                "currency",
                "method",
                "vpa",
                "card_network",
                "card_last4",
                "status",
                "sequence",
                "amount_refundable",
                "captured_at",
                "error_code",
                "error_description",
                "process_at",
                "created_at",
                "updated_at",
            ]
        )

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class PaymentRow(Model):
    """A payment. Of a card, the network and the last four digits; never more."""

    class Meta:
        table_name = "payments"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    order_id = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    method = UnicodeAttribute()
    token = UnicodeAttribute(null=True)  # not in the index
    vpa = UnicodeAttribute(null=True)
    card_network = UnicodeAttribute(null=True)
    card_last4 = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    sequence = NumberAttribute()
    amount_refundable = NumberAttribute()
    captured_at = UTCDateTimeAttribute(null=True)
    latest_refund = RefundMap(null=True)
    error_code = UnicodeAttribute(null=True)
    error_description = UnicodeAttribute(null=True)
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    by_merchant = PaymentsByMerchant()


class AttemptMap(MapAttribute[str, Any]):
    """One attempt of a webhook, inside its log."""

    at = UTCDateTimeAttribute()
    trigger = UnicodeAttribute()
    url = UnicodeAttribute(null=True)
    request_headers: JSONAttribute = JSONAttribute()
    latency_ms = NumberAttribute()
    response_code = NumberAttribute(null=True)
    response_headers: JSONAttribute = JSONAttribute(null=True)
    response_body = UnicodeAttribute(null=True)
    response_truncated = BooleanAttribute()
    error = UnicodeAttribute(null=True)
    retry_after_s = NumberAttribute(null=True)


class WebhookLogsByMerchant(GlobalSecondaryIndex["WebhookLogRow"]):
    """The webhook logs of a merchant, by time, with what the list shows."""

    class Meta:
        index_name = "by_merchant"
        projection = IncludeProjection(
            [
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
        )

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class WebhookLogRow(Model):
    """A webhook log with its attempts. What the list does not show may be absent in the index."""

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


class CounterRow(Model):
    """A counter of a merchant, or the mark that a change was counted."""

    class Meta:
        table_name = "stats"

    owner = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    value = NumberAttribute(null=True)
    batch = UnicodeAttribute(null=True)
    expires_at = TTLAttribute(null=True)


class SessionRow(Model):
    """A session (with a ``merchant_id``), or the login attempts of a while (with ``attempts``)."""

    class Meta:
        table_name = "sessions"

    id = UnicodeAttribute(hash_key=True)
    merchant_id = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    expires_at = TTLAttribute()


class IdempotencyKeyRow(Model):
    """A first use of an idempotency key, with the answer it got."""

    class Meta:
        table_name = "idempotency_keys"

    id = UnicodeAttribute(hash_key=True)
    fingerprint = UnicodeAttribute()
    status = NumberAttribute()
    body = UnicodeAttribute()
    expires_at = TTLAttribute()


TABLES: tuple[type[Model], ...] = (
    MerchantRow,
    OrderRow,
    PaymentRow,
    RefundRow,
    WebhookLogRow,
    IdempotencyKeyRow,
    SessionRow,
    CounterRow,
)
