"""Records for the tables: each with a unique id and merchant, created at NOW."""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.idempotency import IdempotencyKey, IdempotencyRecord, StoredResponse
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.order import Order
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookLog
from tests.domain import examples
from tests.store.stores import NOW, Stores, fresh

SECOND = timedelta(seconds=1)


def order(**changes: Any) -> Order:
    own = {"id": fresh("order_"), "merchant_id": fresh(), "created_at": NOW, "updated_at": NOW}
    return examples.order(**own | changes)


def payment(**changes: Any) -> Payment:
    own: dict[str, Any] = {"id": fresh("pay_"), "merchant_id": fresh(), "order_id": fresh("order_")}
    own |= {"process_at": NOW, "created_at": NOW}
    return examples.payment(**own | {"updated_at": NOW} | changes)


def refund(of: Payment, amount: int = 10_000, **changes: Any) -> Refund:
    own = {"id": fresh("rfnd_"), "payment_id": of.id, "merchant_id": of.merchant_id, "amount": amount}
    return examples.refund(**own | {"process_at": NOW, "created_at": NOW} | changes)


def webhook_log(**changes: Any) -> WebhookLog:
    own = {"id": fresh(), "merchant_id": fresh(), "created_at": NOW, "next_retry_at": NOW}
    return examples.webhook_log(**own | {"payment_id": fresh("pay_")} | changes)


def merchant(**changes: Any) -> Merchant:
    own: dict[str, Any] = {
        "id": fresh(),
        "name": "Shop",
        "email": fresh("shop@"),
        "api_key": fresh("key_"),
        "api_secret_hash": "hash",
        "webhook": WebhookEndpoint(url=None, secret="whsec_1"),
        "created_at": NOW,
    }
    return Merchant(**own | changes)


def record(key: str | None = None, *, fingerprint: str = "f", at: datetime = NOW) -> IdempotencyRecord:
    """The record of a first use of ``key``."""
    used = IdempotencyKey(key=key or fresh(), scope="POST /orders", fingerprint=fingerprint)
    return used.record("merchant", StoredResponse(status=201, body=fresh()), now=at)


def succeeded(stores: Stores, **changes: Any) -> Payment:
    """A stored payment that can be captured and refunded."""
    return stored(stores, **{"status": PaymentStatus.SUCCESS} | changes)


def stored(stores: Stores, **changes: Any) -> Payment:
    """A stored payment with its own order."""
    made = ordered_payment(stores, **changes)
    assert stores.payments.create(made, None, now=NOW) is None
    return made


def ordered_payment(stores: Stores, **changes: Any) -> Payment:
    """A payment that is not stored yet, with a stored order."""
    made = payment(**changes)
    stores.orders.create(order(id=made.order_id, merchant_id=made.merchant_id), None, now=NOW)
    return made
