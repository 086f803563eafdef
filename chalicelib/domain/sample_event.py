"""Events to test a receiver with. Their objects do not exist."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from chalicelib.domain.decline import Decline, DeclineCode
from chalicelib.domain.event import EVENT_OF_REFUND, Event, EventName, PaymentEvent
from chalicelib.domain.ids import new_id
from chalicelib.domain.instrument import Instrument, PaymentMethod
from chalicelib.domain.money import DEFAULT_CURRENCY, Money
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import CAPTURE_PERIOD, CaptureMode, Payment, PaymentStatus, VoidReason
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.webhook_endpoint import EndpointDisabled, WebhookEndpoint
from chalicelib.domain.webhook_health import DISABLE_AFTER

AMOUNT = 50_000
_REFUND_STATUSES = {name: status for status, name in EVENT_OF_REFUND.items()}
_PROCESSING = timedelta(seconds=10)
_ACTION = timedelta(minutes=10)


def sample_event(
    name: EventName, merchant_id: str, endpoint: WebhookEndpoint, *, now: datetime, random: Random
) -> Event:
    """An event ``name``, as ``endpoint`` would receive it."""
    if name is EventName.WEBHOOK_ENDPOINT_DISABLED:
        return EndpointDisabled(
            merchant_id=merchant_id, endpoint=endpoint, disabled_at=now, since=now - DISABLE_AFTER
        )
    payment = _payment(name, merchant_id, now, random)
    if name in _REFUND_STATUSES:
        refund = _refund(payment, _REFUND_STATUSES[name], now, random)
        return PaymentEvent.of(name, payment, sequence=4, refund=refund)
    return PaymentEvent.of(name, payment, sequence=payment.sequence)


def _payment(name: EventName, merchant_id: str, now: datetime, random: Random) -> Payment:
    """The payment at the time of the event."""
    payment = Payment(
        id=new_id("pay_", random),
        merchant_id=merchant_id,
        order_id=new_id("order_", random),
        money=Money(AMOUNT, DEFAULT_CURRENCY),
        instrument=Instrument(method=PaymentMethod.UPI, token="", vpa="success@upi"),
        status=PaymentStatus.SUCCESS,
        process_at=now,
        created_at=now - _PROCESSING,
        updated_at=now,
        sequence=3,
        amount_refundable=AMOUNT,
    )
    match name:
        case EventName.PAYMENT_CREATED | EventName.PAYMENT_PENDING:
            sequence = 1 if name is EventName.PAYMENT_CREATED else 2
            payment = replace(payment, status=PaymentStatus.PENDING, created_at=now, sequence=sequence)
        case EventName.PAYMENT_FAILED:
            decline = Decline.of(DeclineCode.CARD_DECLINED, "Your bank declined the payment")
            payment = replace(payment, status=PaymentStatus.FAILED, decline=decline)
        case EventName.PAYMENT_LATE_AUTHORIZED:
            late = _payment(EventName.PAYMENT_FAILED, merchant_id, now, random)
            payment = replace(late, late_authorized_at=now, sequence=4)
        case EventName.PAYMENT_REQUIRES_ACTION:
            action = NextAction(
                type=ActionType.REDIRECT, url="https://bank.example/confirm", expires_at=now + _ACTION
            )
            payment = replace(payment, status=PaymentStatus.PENDING, next_action=action)
        case EventName.PAYMENT_CAPTURED:
            payment = replace(payment, captured_at=now, sequence=4)
        case EventName.PAYMENT_VOIDED:
            payment = replace(
                payment,
                capture_mode=CaptureMode.MANUAL,
                created_at=payment.created_at - CAPTURE_PERIOD,
                capture_before=now,
                voided_at=now,
                void_reason=VoidReason.EXPIRED,
                sequence=4,
            )
        case EventName.WEBHOOK_TEST:
            payment = replace(payment, created_at=now, sequence=1)
    return payment


def _refund(payment: Payment, status: RefundStatus, now: datetime, random: Random) -> Refund:
    return Refund(
        id=new_id("rfnd_", random),
        payment_id=payment.id,
        merchant_id=payment.merchant_id,
        amount=AMOUNT,
        reason="Customer request",
        status=status,
        process_at=now,
        created_at=now,
        processed_at=None if status is RefundStatus.PENDING else now,
    )
