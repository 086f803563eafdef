"""The DynamoDB tables: keys, indexes and attributes of each record.

These models are the one truth about the tables' shape; the CloudFormation template is made from
them. A model is bound to its table's physical name by a ``Database``, never at import.
"""

from pynamodb.models import Model

from chalicelib.store.tables.counters import CounterRow
from chalicelib.store.tables.idempotency_keys import IdempotencyKeyRow
from chalicelib.store.tables.merchants import MerchantRow
from chalicelib.store.tables.orders import OrderRow
from chalicelib.store.tables.payments import PaymentRow
from chalicelib.store.tables.refunds import RefundMap, RefundRow
from chalicelib.store.tables.sessions import SessionRow
from chalicelib.store.tables.webhook_attempts import WebhookAttemptRow
from chalicelib.store.tables.webhook_logs import AttemptMap, WebhookLogRow

__all__ = [
    "TABLES",
    "AttemptMap",
    "CounterRow",
    "IdempotencyKeyRow",
    "MerchantRow",
    "OrderRow",
    "PaymentRow",
    "RefundMap",
    "RefundRow",
    "SessionRow",
    "WebhookAttemptRow",
    "WebhookLogRow",
]

TABLES: tuple[type[Model], ...] = (
    MerchantRow,
    OrderRow,
    PaymentRow,
    RefundRow,
    WebhookLogRow,
    WebhookAttemptRow,
    IdempotencyKeyRow,
    SessionRow,
    CounterRow,
)
