"""Job messages: the JSON of the earlier version is understood, and unreadable messages reveal nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.domain.payment import CaptureMode
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.jobs.messages import (
    CapturePayment,
    DeliverWebhook,
    ExpirePayment,
    Job,
    PaymentJob,
    ProcessPayment,
    ProcessRefund,
    UnreadableJobError,
    VoidPayment,
    decode,
    encode,
)

DUE = datetime(2026, 3, 14, 15, 9, 26, 535_000, tzinfo=UTC)
PAYMENT = (
    '{"job":"process_payment","payment_id":"pay_1","order_id":"order_1","merchant_id":"m_1",'
    '"method":"upi","token":"buyer@bank","amount":50000,"currency":"INR","checks":0,"reference":null,'
    '"once":false,"acquirer":"simulated","action_expires_at":null,"is_late":false,"flow":null,'
    '"capture_mode":"automatic","due_at":"2026-03-14T15:09:26.535Z"}'
)
REFUND = (
    '{"job":"process_refund","refund_id":"rfnd_1","payment_id":"pay_1","merchant_id":"m_1","amount":100,'
    '"reason":null,"created_at":"2026-03-14T15:09:00.000Z","token":"tok_card","currency":"INR",'
    '"payment_reference":"pi_1","capture_mode":"automatic","checks":2,"reference":"re_1","once":false,'
    '"acquirer":"simulated","due_at":"2026-03-14T15:09:26.535Z"}'
)
WEBHOOK = (
    '{"job":"deliver_webhook","log_id":"log_1","merchant_id":"m_1","endpoint_id":"we_1","attempts":2,"round":1,"waits":0,'
    '"due_at":"2026-03-14T15:09:26.535Z"}'
)
CAPTURE, VOID = (
    f'{{"job":"{job}_payment","payment_id":"pay_1","merchant_id":"m_1","method":"upi","token":"buyer@bank",'
    '"amount":50000,"currency":"INR","checks":0,"reference":"pi_1","once":false,"acquirer":"simulated",'
    '"flow":null,"capture_mode":"manual",'
    '"due_at":"2026-03-14T15:09:26.535Z"}'
    for job in ("capture", "void")
)
EXPIRE = (
    '{"job":"expire_payment","payment_id":"pay_1","merchant_id":"m_1","checks":0,"reference":null,'
    '"once":false,"acquirer":null,"due_at":"2026-03-14T15:09:26.535Z"}'
)
MESSAGES: list[tuple[str, type[Job]]] = [
    (PAYMENT, ProcessPayment),
    (CAPTURE, CapturePayment),
    (VOID, VoidPayment),
    (EXPIRE, ExpirePayment),
    (REFUND, ProcessRefund),
    (WEBHOOK, DeliverWebhook),
]


def test_an_earlier_version_sent_the_job_of_an_expiry_without_its_merchant():
    assert decode(EXPIRE.replace('"merchant_id":"m_1",', ""), ExpirePayment).merchant_id is None


@pytest.mark.parametrize(("text", "kind"), MESSAGES)
def test_a_job_is_encoded_as_the_earlier_version_encoded_it(text: str, kind: type[Job]):
    assert json.loads(encode(decode(text, kind))) == json.loads(text)


@pytest.mark.parametrize("text", [PAYMENT, CAPTURE, VOID, EXPIRE])
def test_the_queue_of_payments_accepts_every_job_of_a_payment(text: str):
    assert decode(text, PaymentJob).payment_id == "pay_1"


def test_the_fields_of_each_job_are_read():
    payment = decode(PAYMENT, ProcessPayment)
    assert (payment.payment_id, payment.order_id, payment.token) == ("pay_1", "order_1", "buyer@bank")
    assert (payment.method, payment.money, payment.due_at) == (PaymentMethod.UPI, Money(50_000, "INR"), DUE)
    refund = decode(REFUND, ProcessRefund)
    assert (refund.token, refund.currency, refund.due_at) == ("tok_card", "INR", DUE)
    assert refund.refund == Refund(
        id="rfnd_1",
        payment_id="pay_1",
        merchant_id="m_1",
        amount=100,
        reason=None,
        status=RefundStatus.PENDING,
        process_at=DUE,
        created_at=datetime(2026, 3, 14, 15, 9, tzinfo=UTC),
        currency="INR",
    )
    webhook = decode(WEBHOOK, DeliverWebhook)
    assert (webhook.log_id, webhook.merchant_id) == ("log_1", "m_1")
    assert (webhook.attempts, webhook.round, webhook.due_at) == (2, 1, DUE)


def test_a_payment_message_without_an_order_is_accepted():
    without = {name: value for name, value in json.loads(PAYMENT).items() if name != "order_id"}
    assert decode(json.dumps(without), ProcessPayment).order_id is None


@pytest.mark.parametrize(
    ("text", "kind"), [(PAYMENT, ProcessPayment), (CAPTURE, CapturePayment), (VOID, VoidPayment)]
)
def test_a_message_of_the_version_that_sent_the_return_url_is_accepted(text: str, kind: type[PaymentJob]):
    earlier = json.loads(text) | {"return_url": "https://shop.example/thanks"}
    assert decode(json.dumps(earlier), kind) == decode(text, kind)


@pytest.mark.parametrize(("text", "kind"), [(PAYMENT, ProcessPayment), (REFUND, ProcessRefund)])
def test_a_message_without_a_reference_asks_for_no_outcome(
    text: str, kind: type[ProcessPayment | ProcessRefund]
):
    added = {"checks", "reference", "payment_reference", "action_expires_at", "is_late", "capture_mode"}
    without = {name: value for name, value in json.loads(text).items() if name not in added}
    job = decode(json.dumps(without), kind)
    assert (job.checks, job.reference) == (0, None)
    assert getattr(job, "payment_reference", None) is None
    assert job.capture_mode is CaptureMode.AUTOMATIC


@pytest.mark.parametrize(
    "text",
    [
        "not json 4111111111111111",
        "[]",
        "null",
        "{}",
        '{"job":"4111111111111111"}',
        PAYMENT.replace("50000", '"4111111111111111 INR"'),
        PAYMENT.replace('"upi"', '"4111111111111111"'),
        PAYMENT.replace("2026-03-14T15:09:26.535Z", "4111111111111111111"),
        PAYMENT.replace("26.535Z", "26.535"),  # a time without an offset
        PAYMENT.replace('"once":false', '"once":0'),
        PAYMENT.replace("50000", "true"),
        PAYMENT.replace('"pay_1"', "null"),
        PAYMENT.replace('"payment_id":"pay_1",', ""),
        PAYMENT.replace('"process_payment"', '["process_payment"]'),
        "[" * 100_000,
        WEBHOOK,
    ],
)
def test_an_unreadable_message_is_rejected_without_its_content(text: str):
    with pytest.raises(UnreadableJobError) as raised:
        decode(text, ProcessPayment)
    assert "4111" not in repr(_chain(raised.value))


def _chain(error: BaseException | None) -> list[Any]:
    """The error and everything that is printed with it."""
    if error is None:
        return []
    return [
        repr(error),
        *_chain(error.__cause__),
        *([] if error.__suppress_context__ else _chain(error.__context__)),
    ]
