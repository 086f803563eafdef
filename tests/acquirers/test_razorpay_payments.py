"""Payments and refunds of the gateway at Razorpay."""

from collections.abc import Iterator

import pytest

from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.event import EventName
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.services.authorize_once import LEASE
from tests.acquirers.razorpay_double import Fault, Ledger
from tests.acquirers.razorpay_shop import AMOUNT, Shop, opened
from tests.services.shop import MERCHANT_ID, refund

HOUR_S, DAY_S = 3_600, 86_400


@pytest.fixture
def shop() -> Iterator[Shop]:
    with opened() as opened_:
        yield opened_


def test_a_payment_shows_its_link_and_succeeds_soon_after_the_notification(shop: Shop):
    payment = shop.pay()
    shop.cloud.run(for_s=200)
    assert shop.read(payment).status is PaymentStatus.PENDING
    reference = shop.shown(payment)
    assert reference
    shop.double.approve(reference)
    shop.notify()
    shop.cloud.run(for_s=1)
    settled = shop.read(payment)
    assert (settled.status, settled.acquirer_reference) == (PaymentStatus.SUCCESS, reference)
    assert shop.ledger(payment) == Ledger(charges=1, taken=AMOUNT, returned=0)


def test_an_approval_without_a_notification_is_found_within_a_minute(shop: Shop):
    payment = shop.pay()
    shop.cloud.run(for_s=400)
    shop.double.approve(shop.shown(payment) or "")
    shop.cloud.run(for_s=60)
    assert shop.read(payment).status is PaymentStatus.SUCCESS


def test_a_declined_payment_fails_with_its_reason(shop: Shop):
    payment = shop.pay()
    shop.cloud.run(for_s=30)
    shop.double.decline(shop.shown(payment) or "", "insufficient_funds", "GATEWAY_ERROR")
    shop.cloud.run(for_s=60)
    decline = shop.read(payment).decline
    assert decline
    assert decline.code is DeclineCode.INSUFFICIENT_FUNDS


def test_a_payment_that_nobody_approves_is_asked_about_a_limited_number_of_times(shop: Shop):
    payment = shop.pay()
    shop.cloud.run(for_s=DAY_S)
    assert shop.read(payment).status is PaymentStatus.FAILED
    assert len(shop.double.requests) < 40
    assert shop.ledger(payment) == Ledger(charges=0, taken=0, returned=0)


@pytest.mark.parametrize("is_notified", [True, False])
def test_an_approval_after_the_expiry_is_returned(shop: Shop, is_notified: bool):
    payment = shop.pay()
    shop.cloud.run(for_s=HOUR_S / 2)
    assert shop.read(payment).status is PaymentStatus.FAILED
    shop.double.approve_late(shop.shown(payment) or "")
    if is_notified:
        shop.notify()
        shop.cloud.run(for_s=30)
    else:
        shop.cloud.run(for_s=HOUR_S)
    late = shop.read(payment)
    assert (late.status, bool(late.late_authorized_at)) == (PaymentStatus.FAILED, True)
    assert shop.ledger(payment) == Ledger(charges=1, taken=AMOUNT, returned=AMOUNT)
    assert shop.events().count(EventName.PAYMENT_LATE_AUTHORIZED) == 1


def test_a_late_approval_whose_refund_takes_days_is_returned_once(shop: Shop):
    payment = shop.pay()
    shop.cloud.run(for_s=HOUR_S / 2)
    shop.double.refunds_pend = True
    shop.double.approve_late(shop.shown(payment) or "")
    shop.notify()
    shop.cloud.run(for_s=HOUR_S)
    assert not shop.read(payment).late_authorized_at
    shop.double.finish_refund("rfnd_00000000000001")
    shop.notify()
    shop.cloud.run(for_s=HOUR_S)
    assert shop.read(payment).late_authorized_at
    assert list(shop.double.refunds) == ["rfnd_00000000000001"]


def test_a_charge_that_did_not_arrive_is_repeated_after_the_lease(shop: Shop):
    shop.double.faults = [Fault.NONE, Fault.LOST]
    payment = shop.pay()
    shop.cloud.run(for_s=LEASE.total_seconds())
    assert shop.double.payments == {}
    shop.cloud.run(for_s=120)
    assert len(shop.double.payments) == 1
    assert shop.shown(payment)


def test_a_link_that_was_lost_is_not_requested_again(shop: Shop):
    shop.double.faults = [Fault.NONE, Fault.LOST_AFTER]
    payment = shop.pay()
    shop.cloud.run(for_s=DAY_S)
    assert shop.read(payment).status is PaymentStatus.FAILED
    assert len(shop.double.payments) == 1


def test_a_refund_is_processed_and_found_by_its_notification(shop: Shop):
    payment = shop.pay()
    shop.cloud.run(for_s=30)
    shop.double.approve(shop.shown(payment) or "")
    shop.cloud.run(for_s=60)
    shop.double.refunds_pend = True
    made = refund(shop.cloud, payment.id, 20_000)
    shop.cloud.run(for_s=60)
    assert shop.cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PENDING
    shop.double.finish_refund("rfnd_00000000000001")
    shop.notify()
    shop.cloud.run(for_s=5)
    assert shop.cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert shop.ledger(payment) == Ledger(charges=1, taken=AMOUNT, returned=20_000)


def test_a_refund_waits_until_the_merchant_has_enough_balance(shop: Shop):
    payment = shop.pay()
    shop.cloud.run(for_s=30)
    shop.double.approve(shop.shown(payment) or "")
    shop.cloud.run(for_s=60)
    shop.double.balance = 0
    made = refund(shop.cloud, payment.id, 20_000)
    shop.cloud.run(for_s=HOUR_S)
    assert shop.cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PENDING
    shop.double.balance = None
    shop.cloud.run(for_s=HOUR_S)
    assert shop.cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert shop.ledger(payment).returned == 20_000
