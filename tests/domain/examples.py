"""Example records of the domain, and strategies for all valid values."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from chalicelib.domain.decline import Decline
from chalicelib.domain.event import EventName, PaymentEvent
from chalicelib.domain.instrument import Instrument, PaymentMethod
from chalicelib.domain.methods.card import CardNetwork
from chalicelib.domain.money import MAX_AMOUNT, MIN_AMOUNT, Money
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.domain.webhook_log import Attempt, Trigger, WebhookLog, log_for

NOW = datetime(2026, 3, 14, 15, 9, 26, 535_000, tzinfo=UTC)
UPI = Instrument(method=PaymentMethod.UPI, token="buyer@bank", vpa="buyer@bank")
CARD = Instrument(method=PaymentMethod.CARD, token="tok_card", card_network="visa", card_last4="1111")


def payment(**changes: Any) -> Payment:
    """A new UPI payment with ``changes``."""
    fields: dict[str, Any] = {
        "id": "pay_A1b2C3d4E5f6G7h8",
        "merchant_id": "550e8400-e29b-41d4-a716-446655440000",
        "order_id": "order_A1b2C3d4E5f6G7h8",
        "money": Money(50_000, "INR"),
        "instrument": UPI,
        "status": PaymentStatus.PENDING,
        "process_at": NOW + timedelta(seconds=7),
        "created_at": NOW,
        "updated_at": NOW,
        "sequence": 2,
    }
    given = fields | changes
    return Payment(**{"amount_refundable": given["money"].amount} | given)


def order(**changes: Any) -> Order:
    """A new order with ``changes``."""
    fields: dict[str, Any] = {
        "id": "order_A1b2C3d4E5f6G7h8",
        "merchant_id": "550e8400-e29b-41d4-a716-446655440000",
        "money": Money(50_000, "INR"),
        "receipt": None,
        "notes": {},
        "status": OrderStatus.CREATED,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Order(**fields | changes)


def refund(**changes: Any) -> Refund:
    """A new refund of a fifth of ``payment()``, with ``changes``."""
    fields: dict[str, Any] = {
        "id": "rfnd_A1b2C3d4E5f6G7h8",
        "payment_id": "pay_A1b2C3d4E5f6G7h8",
        "merchant_id": "550e8400-e29b-41d4-a716-446655440000",
        "amount": 10_000,
        "reason": "too late",
        "status": RefundStatus.PENDING,
        "process_at": NOW + timedelta(seconds=4),
        "created_at": NOW,
    }
    return Refund(**fields | changes)


def event(name: EventName = EventName.PAYMENT_SUCCESS, **changes: Any) -> PaymentEvent:
    """An event of a payment with ``changes``."""
    return PaymentEvent.of(name, payment(**changes), sequence=2)


def webhook_endpoint(**changes: Any) -> WebhookEndpoint:
    """An endpoint with ``changes``."""
    return WebhookEndpoint(**{"url": "https://merchant.example/webhook", "secret": "whsec_1"} | changes)


def webhook_log(**changes: Any) -> WebhookLog:
    """A new webhook log with ``changes``."""
    log = log_for(event(), webhook_endpoint())
    return WebhookLog(**vars(log) | changes)


def attempt(**changes: Any) -> Attempt:
    """An attempt with a 200 response, with ``changes``."""
    fields: dict[str, Any] = {
        "at": NOW,
        "trigger": Trigger.SCHEDULED,
        "url": "https://merchant.example/webhook",
        "request_headers": {},
        "latency_ms": 12,
        "response_code": 200,
    }
    return Attempt(**fields | changes)


texts = st.text(st.characters(exclude_categories=["Cs"]))  # UTF-8 cannot encode a lone surrogate
moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
money = st.builds(
    Money, st.integers(MIN_AMOUNT, MAX_AMOUNT), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)
)
vpas = st.from_regex(r"[a-zA-Z0-9._-]+@[a-zA-Z0-9]+", fullmatch=True)
instruments = st.one_of(
    vpas.map(lambda vpa: Instrument(method=PaymentMethod.UPI, token=vpa, vpa=vpa)),
    st.builds(
        Instrument,
        method=st.just(PaymentMethod.CARD),
        token=texts,
        card_network=st.sampled_from(CardNetwork),
        card_last4=st.from_regex(r"[0-9]{4}", fullmatch=True),
    ),
)
refunds = st.builds(
    Refund,
    id=texts,
    payment_id=texts,
    merchant_id=texts,
    amount=st.integers(1, MAX_AMOUNT),
    reason=st.none() | texts,
    status=st.sampled_from(RefundStatus),
    process_at=moments,
    created_at=moments,
    processed_at=st.none() | moments,
)
payments = st.builds(
    Payment,
    id=texts,
    merchant_id=texts,
    order_id=texts,
    money=money,
    instrument=instruments,
    status=st.sampled_from(PaymentStatus),
    process_at=moments,
    created_at=moments,
    updated_at=moments,
    sequence=st.integers(1, 1_000),
    amount_refundable=st.integers(0, MAX_AMOUNT),
    captured_at=st.none() | moments,
    latest_refund=st.none() | refunds,
    decline=st.none() | st.builds(Decline, description=texts, code=..., retry=...),
)
events = st.builds(
    PaymentEvent.of,
    name=st.sampled_from(EventName),
    payment=payments,
    refund=st.none() | refunds,
    sequence=st.integers(1, 1_000),
)
