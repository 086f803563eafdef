"""A merchant's common requests, for tests: an order, a payment, a webhook URL."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.event import EventName, RecordedEvent
from chalicelib.domain.idempotency import Idempotency, IdempotencyKey, StoredResponse
from chalicelib.domain.instrument import PaymentDetails
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.methods.upi import Vpa
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order
from chalicelib.domain.payment import CaptureMode, Payment
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_endpoint import EndpointKey, WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookLog
from chalicelib.services.new_payment import NewPayment
from chalicelib.services.onboarding import TEST_MERCHANT_ID
from chalicelib.services.orders import NewOrder
from chalicelib.services.refunds import NewRefund
from chalicelib.store.lists import ListQuery
from tests.cloud import Cloud
from tests.rounds import rounds

MERCHANT_ID = TEST_MERCHANT_ID
URL = "https://merchant.example/webhook"
VPA = Vpa("buyer@bank")
MERCHANT = Merchant(
    id=MERCHANT_ID,
    name="Test Merchant",
    email="test@example.com",
    api_key="key_test",
    api_secret_hash="",
    webhook=WebhookEndpoint(url=None, secret=""),
    created_at=datetime(2026, 3, 14, tzinfo=UTC),
)


def order(cloud: Cloud, *, amount: int = 50_000) -> Order:
    """Create an order of the test merchant."""
    new = NewOrder(money=Money(amount, "INR"), receipt=None, notes={})
    return cloud.gateway.orders.create(MERCHANT_ID, new, idempotency())


def pay(
    cloud: Cloud,
    *,
    of: Order | None = None,
    key: str | None = None,
    details: PaymentDetails = VPA,
    merchant: Merchant = MERCHANT,
    capture: CaptureMode = CaptureMode.AUTOMATIC,
) -> Payment:
    """Create a payment, by default by UPI and with a new order."""
    new = NewPayment(details=details, capture_mode=capture)
    return cloud.gateway.payments.create(merchant, of or order(cloud), new, idempotency(key))


def pay_publicly(cloud: Cloud, of: Order) -> Payment:
    """Create a UPI payment of the order by its buyer."""
    read = cloud.gateway.orders.get_for_buyer(of.id)
    return cloud.gateway.payments.create(read.merchant, read.order, _upi(), idempotency(), guarded=True)


def paid(cloud: Cloud, *, amount: int = 50_000, capture: CaptureMode = CaptureMode.AUTOMATIC) -> Payment:
    """A successful payment."""
    payment = pay(cloud, of=order(cloud, amount=amount), capture=capture)
    cloud.run(for_s=15)
    return cloud.gateway.payments.get(payment.id)


def refund(
    cloud: Cloud, payment_id: str, amount: int, *, key: str | None = None, merchant_id: str = MERCHANT_ID
) -> Refund:
    """Create a refund. Raises AlreadyCreatedError if the key was used."""
    new = NewRefund(payment_id=payment_id, amount=amount, reason="too late")
    return cloud.gateway.refunds.create(merchant_id, new, idempotency(key))


def set_url(cloud: Cloud, url: str | None = URL) -> None:
    """Set the webhook URL of the test merchant."""
    cloud.gateway.webhook_endpoints.set_url(MERCHANT_ID, url)


def feed(cloud: Cloud) -> list[RecordedEvent]:
    """All events of the test merchant, oldest first."""
    events: list[RecordedEvent] = []
    for _ in rounds("the feed ends", at_most=100):
        after = events[-1].id if events else None
        page = cloud.gateway.events.feed(MERCHANT_ID, after, None, 100)
        if not page.events:
            break
        events += page.events
    return events


def send_test(cloud: Cloud) -> str:
    """Send a test event; returns the id of its log."""
    endpoint = cloud.gateway.webhook_endpoints.get(EndpointKey(MERCHANT_ID))
    test = EventName.WEBHOOK_TEST
    return cloud.gateway.webhooks.send_test(MERCHANT_ID, endpoint, test, idempotency()).id


def logs(cloud: Cloud) -> list[WebhookLog]:
    """The test merchant's webhook logs, newest first."""
    return cloud.gateway.stores.webhook_logs.page(ListQuery(merchant_id=MERCHANT_ID, limit=100)).items


def _upi() -> NewPayment:
    return NewPayment(details=VPA)


def idempotency(key: str | None = None) -> Idempotency[Any]:
    """An idempotency key, or none."""
    used = IdempotencyKey(key=key, scope="POST /test", fingerprint="same") if key else None
    return Idempotency(key=used, respond=lambda _created: StoredResponse(status=201, body="{}"))
