"""Payments with manual capture: reserved, then captured or voided, at the gateway and at the acquirer."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.acquirers.base import ActionRequired, Approved, Declined, Pending, Result, Unknown
from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import EventName
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import CAPTURE_PERIOD, CaptureMode, Payment, PaymentStatus, VoidReason
from chalicelib.domain.refund import RefundStatus
from chalicelib.services.payments import LATE_CHECK
from chalicelib.settings import AcquirerSettings
from tests.cloud import START, Cloud
from tests.services.shop import MERCHANT_ID, feed, paid, pay, refund

CAPTURABLE, VOIDABLE, REFUNDABLE = (
    f"Payment not in {name} state" for name in ("capturable", "voidable", "refundable")
)
DECLINED = Declined(code=DeclineCode.PROCESSING_ERROR, description="Refused")
PERIOD_S = 3 * 900  # three hops of the job that voids the payment


@pytest.fixture(autouse=True)
def _short_period(cloud: Cloud) -> None:
    cloud.acquirer.capture_period = timedelta(seconds=PERIOD_S)


def reserve(cloud: Cloud) -> Payment:
    """A payment whose money is reserved."""
    return paid(cloud, capture=CaptureMode.MANUAL)


def capture(cloud: Cloud, payment: Payment) -> Payment:
    return cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)


def void(cloud: Cloud, payment: Payment) -> Payment:
    return cloud.gateway.captures.void(payment.id, MERCHANT_ID)


def now(cloud: Cloud, payment: Payment) -> Payment:
    return cloud.gateway.payments.get(payment.id)


def names(cloud: Cloud) -> list[EventName]:
    """The events after the first two."""
    return [event.name for event in feed(cloud)][2:]


def test_the_approval_of_a_manual_payment_reserves_the_money(cloud: Cloud):
    cloud.acquirer.capture_period = CAPTURE_PERIOD
    payment = reserve(cloud)
    assert (payment.status, payment.captured) == (PaymentStatus.SUCCESS, False)
    assert payment.settled_at
    assert payment.capture_before == payment.settled_at + CAPTURE_PERIOD
    assert cloud.acquirer.charges[0].capture_mode is CaptureMode.MANUAL
    assert (cloud.acquirer.captures, cloud.acquirer.voids) == ([], [])


def test_an_automatic_payment_sends_no_request_for_its_capture(cloud: Cloud):
    payment = paid(cloud)
    assert payment.capture_before is None
    capture(cloud, payment)
    cloud.run(for_s=PERIOD_S)
    assert (cloud.acquirer.captures, cloud.acquirer.voids) == ([], [])
    assert now(cloud, payment).confirmed_at is None


def test_a_capture_is_shown_at_once_and_then_sent_to_the_acquirer(cloud: Cloud):
    payment = reserve(cloud)
    captured = capture(cloud, payment)
    assert (captured.captured, captured.confirmed_at) == (True, None)
    cloud.run(for_s=5)
    assert cloud.acquirer.captures == [f"ref_charge:{payment.id}"]
    confirmed = now(cloud, payment)
    assert confirmed.confirmed_at
    assert (confirmed.sequence, confirmed.updated_at) == (captured.sequence, captured.updated_at)
    cloud.run(for_s=2 * PERIOD_S)
    assert now(cloud, payment) == confirmed
    assert cloud.acquirer.voids == []
    assert names(cloud) == ["payment.success", "payment.captured"]


def test_a_capture_without_a_response_is_repeated_until_it_is_confirmed(cloud: Cloud):
    payment = reserve(cloud)
    cloud.acquirer.script = [Unknown(), Pending(reference="ref_2", check_at=START), Unknown()]
    capture(cloud, payment)
    cloud.run(for_s=300)
    assert now(cloud, payment).confirmed_at
    assert len(cloud.acquirer.captures) == 4


def test_a_payment_whose_capture_is_refused_is_voided(cloud: Cloud):
    payment = reserve(cloud)
    cloud.acquirer.script = [Unknown(), DECLINED]
    capture(cloud, payment)
    pending = refund(cloud, payment.id, 20_000)
    cloud.run(for_s=60)
    voided = now(cloud, payment)
    assert (voided.captured, voided.void_reason) == (False, VoidReason.CAPTURE_REFUSED)
    assert voided.voided_at
    assert voided.confirmed_at
    assert cloud.acquirer.voids == [f"ref_charge:{payment.id}"]
    assert cloud.acquirer.refunds == []
    assert cloud.gateway.refunds.get(pending.id, MERCHANT_ID).status is RefundStatus.FAILED
    assert voided.amount_refundable == 50_000
    assert names(cloud)[:4] == ["payment.success", "payment.captured", "refund.created", "payment.voided"]


def test_a_confirmed_capture_is_not_voided_by_a_later_refusal(cloud: Cloud):
    payment = reserve(cloud)
    capture(cloud, payment)
    cloud.run(for_s=5)
    assert not cloud.gateway.captures.captures.refuse(payment.id, now=cloud.gateway.clock())
    assert now(cloud, payment).captured


def test_a_void_is_shown_at_once_and_then_sent_to_the_acquirer(cloud: Cloud):
    payment = reserve(cloud)
    voided = void(cloud, payment)
    assert (voided.status, voided.captured) == (PaymentStatus.SUCCESS, False)
    assert (voided.void_reason, voided.voided_at) == (VoidReason.REQUESTED, cloud.gateway.clock())
    cloud.acquirer.script = [Unknown(), Unknown()]
    cloud.run(for_s=120)
    assert len(cloud.acquirer.voids) == 3
    assert now(cloud, payment).confirmed_at
    assert names(cloud) == ["payment.success", "payment.voided"]


def test_the_money_of_a_voided_payment_that_the_acquirer_captured_is_refunded(cloud: Cloud):
    payment = reserve(cloud)
    void(cloud, payment)
    captured = Approved(reference="ref_1")
    cloud.acquirer.script = [captured, Unknown(), captured, Approved(reference="refund_1")]
    cloud.run(for_s=60)
    assert {one.idempotency_key for one in cloud.acquirer.refunds} == {f"void:{payment.id}"}
    assert cloud.acquirer.refunds[0].money == payment.money
    assert now(cloud, payment).confirmed_at


def test_a_payment_that_is_not_captured_in_time_is_voided(cloud: Cloud):
    payment = reserve(cloud)
    cloud.run(for_s=PERIOD_S - 60)
    assert now(cloud, payment) == payment
    cloud.run(for_s=60)
    voided = now(cloud, payment)
    assert voided.void_reason is VoidReason.EXPIRED
    assert voided.voided_at
    assert payment.capture_before
    assert voided.voided_at >= payment.capture_before
    assert voided.confirmed_at
    assert cloud.acquirer.voids == [f"ref_charge:{payment.id}"]
    assert names(cloud) == ["payment.success", "payment.voided"]


def test_a_payment_cannot_be_captured_after_its_time(cloud: Cloud):
    payment = reserve(cloud)
    cloud.time.shift(PERIOD_S)
    with pytest.raises(BadRequestError, match=CAPTURABLE):
        capture(cloud, payment)
    assert void(cloud, payment).void_reason is VoidReason.REQUESTED


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        (capture, capture, "Payment already captured"),
        (capture, void, VOIDABLE),
        (void, capture, CAPTURABLE),
        (void, void, VOIDABLE),
    ],
)
def test_a_payment_is_captured_or_voided_once(
    cloud: Cloud, first: Callable[..., Payment], second: Callable[..., Payment], error: str
):
    payment = reserve(cloud)
    first(cloud, payment)
    for _ in range(2):
        with pytest.raises(BadRequestError, match=error):
            second(cloud, payment)
        cloud.run(for_s=5)
    assert len(cloud.acquirer.captures) + len(cloud.acquirer.voids) == 1


def test_an_automatic_or_unsuccessful_payment_cannot_be_voided(cloud: Cloud):
    payments = [paid(cloud), pay(cloud, capture=CaptureMode.MANUAL)]
    cloud.acquirer.approves = False
    payments.append(reserve(cloud))
    for payment in payments:
        with pytest.raises(BadRequestError, match=VOIDABLE):
            void(cloud, payment)


def test_a_payment_of_another_merchant_cannot_be_voided(cloud: Cloud):
    payment = reserve(cloud)
    with pytest.raises(NotFoundError):
        cloud.gateway.captures.void(payment.id, "another")
    assert now(cloud, payment) == payment


def test_a_manual_payment_can_be_refunded_only_when_it_is_captured(cloud: Cloud):
    payment, voided = reserve(cloud), reserve(cloud)
    void(cloud, voided)
    for one in (payment, voided):
        with pytest.raises(BadRequestError, match=REFUNDABLE):
            refund(cloud, one.id, 1)
    capture(cloud, payment)
    assert refund(cloud, payment.id, 1)


def test_a_refund_waits_until_the_acquirer_confirmed_the_capture(cloud: Cloud):
    payment = reserve(cloud)
    cloud.acquirer.script = [Unknown()] * 4
    capture(cloud, payment)
    made = refund(cloud, payment.id, 20_000)
    cloud.run(for_s=30)
    assert cloud.acquirer.refunds == []
    cloud.acquirer.script = [Approved(reference="ref_1"), None]  # of the capture; the refund is not known
    cloud.run(for_s=600)
    assert len(cloud.acquirer.refunds) == 1
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED


def test_a_late_approval_of_a_manual_payment_is_released(cloud: Cloud):
    action = NextAction(type=ActionType.UPI, url="upi://pay", expires_at=START + timedelta(minutes=10))
    waiting: list[Result | None] = [ActionRequired(reference="ref_1", action=action)]
    cloud.acquirer.script = waiting * 50
    payment = pay(cloud, capture=CaptureMode.MANUAL)
    cloud.run(for_s=590)
    cloud.acquirer.script = [*waiting, DECLINED]
    cloud.run(for_s=60)
    cloud.acquirer.script = [Approved(reference="ref_1"), DECLINED]
    cloud.run(for_s=LATE_CHECK.total_seconds() + 60)
    late = now(cloud, payment)
    assert (late.status, bool(late.late_authorized_at)) == (PaymentStatus.FAILED, True)
    assert late.capture_before is None
    assert (cloud.acquirer.voids, cloud.acquirer.refunds) == (["ref_1", "ref_1"], [])


def test_the_simulated_acquirer_captures_and_voids(cloud: Cloud):
    reserve(cloud)
    settings = AcquirerSettings(
        test_mode=False, test_payment_success=True, upi_success_rate=1.0, card_success_rate=1.0
    )
    acquirer = SimulatedAcquirer(settings, lambda: START)
    assert acquirer.capabilities.manual_capture
    assert acquirer.capture(cloud.acquirer.charges[0], "sim_1") == Approved(reference="sim_1")
    assert isinstance(acquirer.void(cloud.acquirer.charges[0], "sim_1"), Declined)
