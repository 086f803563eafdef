"""Payments that wait for an action of the buyer, and approvals that arrive too late."""

from datetime import timedelta

import pytest

from chalicelib.acquirers.base import ActionRequired, Approved, Declined, Pending, Result, Unknown
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import PaymentStatus
from chalicelib.jobs.messages import ProcessPayment, decode
from chalicelib.services.payments import LATE_CHECK
from tests.cloud import START, Cloud
from tests.services.shop import feed, order, pay

EXPIRES_AT = START + timedelta(minutes=10)
APPROVED = Approved(reference="ref_1")
CANCELLED = Declined(code=DeclineCode.CARD_DECLINED, description="Cancelled")


def action(type_: ActionType = ActionType.REDIRECT) -> ActionRequired:
    url = "https://bank.example/confirm"
    return ActionRequired(reference="ref_1", action=NextAction(type=type_, url=url, expires_at=EXPIRES_AT))


def wait(cloud: Cloud, *, type_: ActionType = ActionType.REDIRECT) -> str:
    """The id of a payment that waits for its buyer."""
    cloud.acquirer.script = [action(type_)] * 50
    payment = pay(cloud)
    cloud.run(for_s=60)
    return payment.id


def names(cloud: Cloud) -> list[str]:
    return [event.name for event in feed(cloud)]


def test_a_payment_that_requires_an_action_has_it_and_one_event(cloud: Cloud):
    payment_id = wait(cloud)
    waiting = cloud.gateway.payments.get(payment_id)
    assert waiting.status is PaymentStatus.PENDING
    assert waiting.next_action == action().action
    assert (waiting.acquirer_reference, waiting.sequence) == ("ref_1", 3)
    assert names(cloud) == ["payment.created", "payment.pending", "payment.requires_action"]
    assert len(cloud.acquirer.charges) == 1
    assert set(cloud.acquirer.checks) == {"ref_1"}


def test_an_action_of_the_buyer_is_found_by_a_check(cloud: Cloud):
    payment_id = wait(cloud)
    cloud.acquirer.script = [APPROVED]
    cloud.run(for_s=200)
    assert cloud.gateway.payments.get(payment_id).status is PaymentStatus.SUCCESS
    assert names(cloud)[-1] == "payment.success"
    assert cloud.acquirer.voids == []


@pytest.mark.parametrize(
    ("type_", "code"),
    [
        (ActionType.REDIRECT, DeclineCode.AUTHENTICATION_EXPIRED),
        (ActionType.UPI, DeclineCode.EXPIRED),
    ],
)
def test_a_payment_fails_when_the_action_expired_and_the_charge_is_cancelled(
    cloud: Cloud, type_: ActionType, code: DeclineCode
):
    payment_id = wait(cloud, type_=type_)
    cloud.run(for_s=530)
    assert cloud.gateway.payments.get(payment_id).status is PaymentStatus.PENDING
    cloud.acquirer.script = [action(type_), CANCELLED]
    cloud.run(for_s=30)
    failed = cloud.gateway.payments.get(payment_id)
    assert failed.status is PaymentStatus.FAILED
    assert failed.decline
    assert failed.decline.code is code
    assert failed.settled_at
    assert failed.settled_at >= EXPIRES_AT
    assert cloud.acquirer.voids == ["ref_1"]


def test_a_payment_stays_pending_until_the_acquirer_confirms_that_it_is_cancelled(cloud: Cloud):
    payment_id = wait(cloud)
    cloud.acquirer.script = [Unknown()] * 40
    cloud.run(for_s=3_600)
    assert cloud.gateway.payments.get(payment_id).status is PaymentStatus.PENDING
    cloud.acquirer.script = [action(), APPROVED]  # approved before it could be cancelled
    cloud.run(for_s=3_600)
    assert cloud.gateway.payments.get(payment_id).status is PaymentStatus.SUCCESS
    assert cloud.acquirer.voids == ["ref_1"]


def expire(cloud: Cloud) -> str:
    """The id of a payment whose action expired."""
    payment_id = wait(cloud)
    cloud.run(for_s=530)
    cloud.acquirer.script = [action(), CANCELLED]
    cloud.run(for_s=60)
    return payment_id


def test_the_money_of_a_late_approval_is_returned_once(cloud: Cloud):
    payment_id = expire(cloud)
    assert cloud.gateway.payments.get(payment_id).status is PaymentStatus.FAILED
    cloud.acquirer.script = [APPROVED]
    cloud.run(for_s=LATE_CHECK.total_seconds() + 60)
    late = cloud.gateway.payments.get(payment_id)
    assert late.status is PaymentStatus.FAILED
    assert late.late_authorized_at
    (returned,) = cloud.acquirer.refunds
    assert (returned.idempotency_key, returned.payment_reference) == (f"late:{payment_id}", "ref_1")
    assert returned.money == late.money
    assert names(cloud)[-2:] == ["payment.failed", "payment.late_authorized"]


def test_a_late_approval_is_returned_even_if_the_acquirer_does_not_respond_at_first(cloud: Cloud):
    payment_id = expire(cloud)
    unfinished: list[Result] = [Unknown(), Pending(reference="re_1", check_at=START), CANCELLED]
    cloud.acquirer.script = [one for result in unfinished for one in (APPROVED, result)]
    cloud.acquirer.script += [APPROVED, APPROVED]
    cloud.run(for_s=2 * LATE_CHECK.total_seconds())
    assert cloud.gateway.payments.get(payment_id).late_authorized_at
    assert {one.idempotency_key for one in cloud.acquirer.refunds} == {f"late:{payment_id}"}
    assert names(cloud).count("payment.late_authorized") == 1


def pending() -> Pending:
    return Pending(reference="ref_1", check_at=START + timedelta(minutes=5))


EXPIRED_AT_THE_ACQUIRER = Declined(
    code=DeclineCode.EXPIRED, description="The time is over", reference="ref_1"
)


def test_the_expiry_is_kept_if_the_acquirer_shows_the_action_only_once(cloud: Cloud):
    cloud.acquirer.script = [action(), pending()]
    payment = pay(cloud)
    cloud.run(for_s=60)
    assert cloud.gateway.payments.get(payment.id).next_action == action().action
    (message,) = cloud.messages(cloud.gateway.settings.queues.payments.jobs)
    assert decode(message, ProcessPayment).action_expires_at == EXPIRES_AT


@pytest.mark.parametrize("first", [action(), Unknown()])
@pytest.mark.parametrize("expired_after_s", [590, 620])
def test_a_payment_that_the_acquirer_let_expire_is_checked_once_more(
    cloud: Cloud, first: Result, expired_after_s: int
):
    """Also before this gateway's clock, and if the job does not know the action."""
    ends_at = START + timedelta(seconds=expired_after_s)
    waiting = Pending(reference="ref_1", check_at=ends_at)
    cloud.acquirer.script = [first, waiting, EXPIRED_AT_THE_ACQUIRER, APPROVED]
    payment = pay(cloud)
    cloud.run(for_s=expired_after_s + 60)
    failed = cloud.gateway.payments.get(payment.id)
    assert (failed.status, failed.settled_at) == (PaymentStatus.FAILED, ends_at)
    cloud.run(for_s=LATE_CHECK.total_seconds())
    assert cloud.gateway.payments.get(payment.id).late_authorized_at == ends_at + LATE_CHECK
    assert cloud.acquirer.checks[-1] == "ref_1"
    assert [one.idempotency_key for one in cloud.acquirer.refunds] == [f"late:{payment.id}"]


def test_the_late_check_is_not_repeated(cloud: Cloud):
    cloud.acquirer.script = [action(), *[EXPIRED_AT_THE_ACQUIRER] * 9]
    pay(cloud)
    cloud.run(for_s=3 * LATE_CHECK.total_seconds())
    assert len(cloud.acquirer.checks) == 2
    assert cloud.messages(cloud.gateway.settings.queues.payments.jobs) == []


def test_without_a_late_approval_nothing_follows(cloud: Cloud):
    payment_id = expire(cloud)
    before = cloud.gateway.payments.get(payment_id)
    cloud.acquirer.script = [CANCELLED]
    cloud.run(for_s=2 * LATE_CHECK.total_seconds())
    assert cloud.gateway.payments.get(payment_id) == before
    assert cloud.acquirer.refunds == []


def test_an_order_can_be_paid_after_an_action_expired(cloud: Cloud):
    of = order(cloud)
    cloud.acquirer.script = [action()] * 50
    pay(cloud, of=of)
    cloud.run(for_s=590)
    cloud.acquirer.script = [action(), CANCELLED]
    cloud.run(for_s=60)
    second = pay(cloud, of=of)
    cloud.run(for_s=15)
    assert cloud.gateway.payments.get(second.id).status is PaymentStatus.SUCCESS
