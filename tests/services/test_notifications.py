"""Notifications of acquirers: each causes one check of the status, whatever it claims."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.acquirers.base import ActionRequired, Approved, Declined, Pending, Result, Unknown
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.event import EventName
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.jobs.messages import ProcessPayment, decode
from chalicelib.services.notifications import MAX_IDS
from tests.cloud import NOTIFICATION_SECRET, START, Cloud
from tests.services.shop import MERCHANT, MERCHANT_ID, feed, paid, pay, refund

DAY_S = 24 * 3_600
EXPIRES_AT = START + timedelta(minutes=10)
APPROVED = Approved(reference="ref_1")
CANCELLED = Declined(code=DeclineCode.CARD_DECLINED, description="Cancelled")


def notify(
    cloud: Cloud,
    *payment_ids: str,
    refund_ids: tuple[str, ...] = (),
    acquirer: str = "recording",
    secret: str = NOTIFICATION_SECRET,
) -> None:
    body = {"secret": secret, "payment_ids": payment_ids, "refund_ids": refund_ids}
    cloud.gateway.notifications.receive(acquirer, MERCHANT_ID, {}, json.dumps(body).encode())


def payment_jobs(cloud: Cloud) -> list[ProcessPayment]:
    return [
        decode(text, ProcessPayment) for text in cloud.messages(cloud.gateway.settings.queues.payments.jobs)
    ]


def required() -> ActionRequired:
    action = NextAction(type=ActionType.REDIRECT, url="https://bank.example/", expires_at=EXPIRES_AT)
    return ActionRequired(reference="ref_1", action=action)


def waiting(cloud: Cloud) -> Payment:
    """A payment that waits for its buyer."""
    cloud.acquirer.script = [required()] * 50
    payment = pay(cloud)
    cloud.run(for_s=60)
    return cloud.gateway.payments.get(payment.id)


def failed(cloud: Cloud) -> Payment:
    """A payment whose action expired days ago, after all checks."""
    payment = waiting(cloud)
    cloud.run(for_s=530)
    cloud.acquirer.script = [required(), CANCELLED, CANCELLED]
    cloud.run(for_s=DAY_S)
    found = cloud.gateway.payments.get(payment.id)
    assert found.status is PaymentStatus.FAILED
    assert payment_jobs(cloud) == []
    cloud.run(for_s=3 * DAY_S)
    return found


def count(cloud: Cloud, event: EventName) -> int:
    return [one.name for one in feed(cloud)].count(event)


def test_a_notification_causes_one_check_that_is_due_immediately(cloud: Cloud):
    payment = waiting(cloud)
    (before,) = payment_jobs(cloud)
    notify(cloud, payment.id)
    (job,) = [one for one in payment_jobs(cloud) if one != before]
    assert job == replace(
        ProcessPayment.of(payment),
        checks=1,
        once=True,
        reference="ref_1",
        action_expires_at=EXPIRES_AT,
        due_at=cloud.gateway.clock(),
    )
    cloud.acquirer.script = [APPROVED]
    cloud.run(for_s=1)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS


def test_a_repeated_notification_causes_one_settlement(cloud: Cloud):
    payment = waiting(cloud)
    before = payment_jobs(cloud)
    for _ in range(2):
        notify(cloud, payment.id)
    assert len(payment_jobs(cloud)) == len(before) + 2
    cloud.acquirer.script = [APPROVED, APPROVED]
    cloud.run(for_s=600)
    assert count(cloud, EventName.PAYMENT_SUCCESS) == 1
    assert payment_jobs(cloud) == []


@pytest.mark.parametrize(
    "result", [required(), Pending(reference="ref_1", check_at=EXPIRES_AT), Unknown(), None]
)
def test_notifications_before_the_outcome_start_no_series_of_checks(cloud: Cloud, result: Result | None):
    payment = waiting(cloud)
    (series,) = payment_jobs(cloud)
    for _ in range(3):
        notify(cloud, payment.id)
    cloud.acquirer.script = [result] * 3
    cloud.run(for_s=1)
    assert payment_jobs(cloud) == [series]
    assert cloud.gateway.payments.get(payment.id) == payment
    assert len(cloud.acquirer.charges) == 1


def test_an_id_that_is_named_twice_is_checked_once(cloud: Cloud):
    payment = waiting(cloud)
    before = payment_jobs(cloud)
    notify(cloud, payment.id, payment.id)
    assert len(payment_jobs(cloud)) == len(before) + 1


def test_a_notification_before_the_gateway_stored_the_reference_is_answered(cloud: Cloud):
    cloud.acquirer.script = [Unknown(), APPROVED]  # the response to the charge is lost
    payment = pay(cloud)
    cloud.run(for_s=10)
    assert cloud.gateway.payments.get(payment.id).acquirer_reference is None
    notify(cloud, payment.id)
    cloud.run(for_s=1)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert cloud.acquirer.checks[0] is None


def test_a_notification_never_charges_the_buyer(cloud: Cloud):
    """The acquirer does not know the payment yet: the job of the payment itself is not due."""
    payment = pay(cloud)
    notify(cloud, payment.id)
    cloud.acquirer.script = [None]
    cloud.run(for_s=1)
    assert (cloud.acquirer.charges, cloud.acquirer.checks) == ([], [None])
    cloud.run(for_s=15)
    assert len(cloud.acquirer.charges) == 1
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS


def test_an_old_notification_changes_nothing_after_the_success(cloud: Cloud):
    payment = paid(cloud)
    checks = len(cloud.acquirer.checks)
    notify(cloud, payment.id)
    assert payment_jobs(cloud) == []
    cloud.run(for_s=60)
    assert cloud.gateway.payments.get(payment.id) == payment
    assert len(cloud.acquirer.checks) == checks


def test_a_check_that_arrives_after_the_success_changes_nothing(cloud: Cloud):
    payment = waiting(cloud)
    notify(cloud, payment.id)
    (job,) = [one for one in payment_jobs(cloud) if one.once]
    cloud.acquirer.script = [APPROVED]
    cloud.run(for_s=1)
    settled = cloud.gateway.payments.get(payment.id)
    cloud.acquirer.script = [Pending(reference="ref_1", check_at=EXPIRES_AT)]
    assert cloud.gateway.payments.process(job).next_job is None
    assert cloud.gateway.payments.get(payment.id) == settled


@pytest.mark.parametrize("acquirer", ["recording", "simulated"])
def test_a_forged_notification_is_rejected(cloud: Cloud, acquirer: str):
    payment = waiting(cloud)
    before = payment_jobs(cloud)
    with pytest.raises(BadRequestError, match="The notification is not valid"):
        notify(cloud, payment.id, acquirer=acquirer, secret="forged")
    assert payment_jobs(cloud) == before


def test_payments_of_another_merchant_or_acquirer_are_ignored(cloud: Cloud):
    cloud.gateway.acquirers.credentials.put(MERCHANT_ID, "second", {"key": "k"})
    other = replace(MERCHANT, id="5b8e8400-0000-4000-8000-446655440000")
    theirs = cloud.gateway.payments.payments
    payment = waiting(cloud)
    foreign = replace(payment, id="pay_foreign000000000", merchant_id=other.id)
    theirs.create(foreign, None, now=START)
    before = payment_jobs(cloud)
    notify(cloud, foreign.id, "pay_unknown000000000", "", "x" * 3_000)
    notify(cloud, payment.id, acquirer="second")
    assert payment_jobs(cloud) == before


def test_too_many_ids_are_rejected(cloud: Cloud):
    with pytest.raises(BadRequestError):
        notify(cloud, *[f"pay_{number}" for number in range(MAX_IDS + 1)])


def test_a_late_approval_is_found_days_later_and_returned_once(cloud: Cloud):
    payment = failed(cloud)
    cloud.acquirer.script = [APPROVED] * 4
    for _ in range(2):
        notify(cloud, payment.id)
    cloud.run(for_s=60)
    late = cloud.gateway.payments.get(payment.id)
    assert late.late_authorized_at
    assert {one.idempotency_key for one in cloud.acquirer.refunds} == {f"late:{payment.id}"}
    assert count(cloud, EventName.PAYMENT_LATE_AUTHORIZED) == 1
    notify(cloud, payment.id)
    assert payment_jobs(cloud) == []


def test_a_late_approval_is_returned_although_the_acquirer_does_not_respond_at_first(cloud: Cloud):
    payment = failed(cloud)
    cloud.acquirer.script = [Unknown(), Unknown(), APPROVED, Unknown(), Unknown(), APPROVED, APPROVED]
    notify(cloud, payment.id)
    cloud.run(for_s=3_600)
    assert cloud.gateway.payments.get(payment.id).late_authorized_at
    assert payment_jobs(cloud) == []


@pytest.mark.parametrize("result", [CANCELLED, required(), None])
def test_a_failed_payment_without_a_late_approval_is_checked_once_and_not_charged(
    cloud: Cloud, result: Result | None
):
    payment = failed(cloud)
    charges = len(cloud.acquirer.charges)
    cloud.acquirer.script = [result, *([CANCELLED] if result == required() else [])]  # it is cancelled again
    notify(cloud, payment.id)
    cloud.run(for_s=DAY_S)
    assert cloud.gateway.payments.get(payment.id) == payment
    assert (cloud.acquirer.script, cloud.acquirer.refunds) == ([], [])
    assert len(cloud.acquirer.charges) == charges


def test_the_check_of_a_notification_can_expire_a_payment(cloud: Cloud):
    payment = waiting(cloud)
    cloud.time.move_to(EXPIRES_AT + timedelta(seconds=1))
    cloud.acquirer.script = [required(), CANCELLED, CANCELLED, CANCELLED]
    notify(cloud, payment.id)
    cloud.run(for_s=DAY_S)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.FAILED
    assert count(cloud, EventName.PAYMENT_FAILED) == 1
    assert payment_jobs(cloud) == []


def test_a_notification_of_a_pending_refund_causes_one_check(cloud: Cloud):
    payment = paid(cloud)
    cloud.acquirer.script = [Pending(reference="re_1", check_at=START + timedelta(hours=1))]
    made = refund(cloud, payment.id, 20_000)
    cloud.run(for_s=10)
    queue = cloud.gateway.settings.queues.refunds.jobs
    (series,) = cloud.messages(queue)
    cloud.acquirer.script = [Unknown(), None, Pending(reference="re_1", check_at=START)]
    for _ in range(3):
        notify(cloud, refund_ids=(made.id,))
    cloud.run(for_s=1)
    assert cloud.messages(queue) == [series]
    assert len(cloud.acquirer.refunds) == 1
    notify(cloud, refund_ids=(made.id, "rfnd_unknown"))
    cloud.run(for_s=1)
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    notify(cloud, refund_ids=(made.id,))
    assert cloud.messages(queue) == [series]


def test_a_refund_at_another_acquirer_is_ignored(cloud: Cloud):
    cloud.gateway.acquirers.credentials.put(MERCHANT_ID, "second", {"key": "k"})
    payment = paid(cloud)
    made = refund(cloud, payment.id, 20_000)
    notify(cloud, refund_ids=(made.id,), acquirer="second")
    assert cloud.messages(cloud.gateway.settings.queues.refunds.jobs) == []


def test_the_notification_of_an_acquirer_with_credentials_uses_those_of_the_merchant(cloud: Cloud):
    with pytest.raises(BadRequestError):
        notify(cloud, acquirer="second")
    cloud.gateway.acquirers.credentials.put(MERCHANT_ID, "second", {"key": "k"})
    payment = pay(cloud, merchant=replace(MERCHANT, acquirers={PaymentMethod.UPI: "second"}))
    notify(cloud, payment.id, acquirer="second")
    (job,) = payment_jobs(cloud)
    assert (job.acquirer, job.merchant_id) == ("second", MERCHANT_ID)
    assert cloud.second.used == [{"key": "k"}]


def test_the_merchants_of_a_deactivated_account_still_get_their_outcomes(cloud: Cloud):
    payment: Any = waiting(cloud)
    cloud.gateway.onboarding.deactivate(MERCHANT_ID)
    before = payment_jobs(cloud)
    notify(cloud, payment.id)
    assert len(payment_jobs(cloud)) == len(before) + 1
