"""All tables. The module of each record defines its table; the template creates them from this list."""

from pynamodb.models import Model

from chalicelib.store.api_requests import ApiRequestRow
from chalicelib.store.counters import CounterRow
from chalicelib.store.events import EventRow
from chalicelib.store.idempotency import IdempotencyKeyRow
from chalicelib.store.merchants import MerchantRow
from chalicelib.store.orders import OrderRow
from chalicelib.store.payments import PaymentRow
from chalicelib.store.refunds import RefundRow
from chalicelib.store.sessions import SessionRow
from chalicelib.store.simulated_charges import SimulatedChargeRow
from chalicelib.store.webhook_attempts import WebhookAttemptRow
from chalicelib.store.webhook_health import WebhookHealthRow
from chalicelib.store.webhook_logs import WebhookLogRow
from chalicelib.store.webhook_pace import WebhookPaceRow

TABLES: tuple[type[Model], ...] = (
    MerchantRow,
    OrderRow,
    PaymentRow,
    RefundRow,
    WebhookLogRow,
    WebhookAttemptRow,
    WebhookHealthRow,
    WebhookPaceRow,
    IdempotencyKeyRow,
    SessionRow,
    ApiRequestRow,
    CounterRow,
    EventRow,
    SimulatedChargeRow,
)
