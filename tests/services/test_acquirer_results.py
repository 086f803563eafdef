"""Payments and refunds whose outcome the acquirer does not know immediately, or whose response is lost."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.acquirers.base import Approved, Declined, Pending, Unknown
from chalicelib.domain.decline import DeclineCode, Retry
from chalicelib.domain.event import EventName
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.jobs.messages import ProcessPayment, ProcessRefund, decode, encode
from chalicelib.services.acquirer_jobs import FIRST_CHECK, MAX_CHECKS_DOUBLED, next_check
from chalicelib.workers.acquirer_jobs import process_payments
from tests.cloud import START, Cloud
from tests.services.shop import MERCHANT_ID, feed, paid, pay, refund


def pending(cloud: Cloud, *, for_s: int) -> Pending:
    """The result of a payment with the next check ``for_s`` after the payment was processed."""
    return Pending(reference="ref_1", check_at=cloud.gateway.clock() + timedelta(seconds=for_s))


def test_a_pending_payment_is_checked_when_the_acquirer_requests_it(cloud: Cloud):
    cloud.acquirer.script = [pending(cloud, for_s=60), pending(cloud, for_s=300)]
    payment = pay(cloud)
    cloud.run(for_s=290)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
    assert (len(cloud.acquirer.charges), cloud.acquirer.checks) == (1, ["ref_1"])
    cloud.run(for_s=20)
    settled = cloud.gateway.payments.get(payment.id)
    assert settled.status is PaymentStatus.SUCCESS
    assert settled.acquirer == "recording"
    assert settled.acquirer_reference == f"ref_charge:{payment.id}"
    assert len(cloud.acquirer.charges) == 1


def test_a_payment_without_a_response_is_not_charged_again_if_the_acquirer_knows_it(cloud: Cloud):
    cloud.acquirer.script = [Unknown(), Unknown(), Unknown()]
    payment = pay(cloud)
    cloud.run(for_s=120)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert (len(cloud.acquirer.charges), cloud.acquirer.checks) == (1, [None, None, None])


def test_a_payment_that_did_not_reach_the_acquirer_is_charged_again_with_the_same_key(cloud: Cloud):
    cloud.acquirer.script = [Unknown(), None]
    payment = pay(cloud)
    cloud.run(for_s=60)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert [one.idempotency_key for one in cloud.acquirer.charges] == [f"charge:{payment.id}"] * 2


def test_a_payment_without_an_outcome_stays_pending_for_more_than_a_day(cloud: Cloud):
    cloud.acquirer.script = [Unknown()] * 1_000
    payment = pay(cloud)
    cloud.run(for_s=25 * 3_600)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
    assert 70 < 1_000 - len(cloud.acquirer.script) < 170
    cloud.acquirer.script = [Declined(code=DeclineCode.INSUFFICIENT_FUNDS, description="No money")]
    cloud.run(for_s=3_600)
    settled = cloud.gateway.payments.get(payment.id)
    assert settled.status is PaymentStatus.FAILED
    assert settled.decline
    assert (settled.decline.code, settled.decline.retry) == (
        DeclineCode.INSUFFICIENT_FUNDS,
        Retry.OTHER_METHOD,
    )
    assert settled.decline.description == "No money"


def test_a_result_that_is_not_final_changes_nothing_and_has_no_event(cloud: Cloud):
    cloud.acquirer.script = [pending(cloud, for_s=60)]
    payment = pay(cloud)
    cloud.run(for_s=30)
    assert cloud.gateway.payments.get(payment.id) == payment
    assert [event.name for event in feed(cloud)] == ["payment.created", "payment.pending"]


def test_a_pending_refund_is_checked_until_its_outcome(cloud: Cloud):
    payment = paid(cloud)
    cloud.acquirer.script = [pending(cloud, for_s=60), Unknown()]
    made = refund(cloud, payment.id, 20_000)
    cloud.run(for_s=50)
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PENDING
    cloud.run(for_s=60)
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert (len(cloud.acquirer.refunds), cloud.acquirer.checks) == (1, ["ref_1", "ref_1"])
    assert cloud.acquirer.refunds[0].payment_reference == f"ref_charge:{payment.id}"


def test_a_refund_that_did_not_reach_the_acquirer_is_sent_again(cloud: Cloud):
    payment = paid(cloud)
    cloud.acquirer.script = [Unknown(), None]
    made = refund(cloud, payment.id, 20_000)
    cloud.run(for_s=60)
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert [one.idempotency_key for one in cloud.acquirer.refunds] == [f"refund:{made.id}"] * 2


def test_a_check_that_is_delivered_twice_settles_the_payment_once(cloud: Cloud):
    payment = pay(cloud)
    cloud.run(for_s=15)
    job = ProcessPayment.of(payment).again(START, "ref_1")
    message = {"messageId": "1", "body": encode(job)}
    assert process_payments(cloud.gateway, [message]) == {"batchItemFailures": []}
    assert [event.name for event in feed(cloud)].count(EventName.PAYMENT_SUCCESS) == 1


@pytest.mark.parametrize(("checks", "delay"), [(0, 1), (1, 2), (6, 64), (7, 128), (50, 128)])
def test_checks_after_a_lost_response_are_less_and_less_frequent(cloud: Cloud, checks: int, delay: int):
    job = replace(ProcessPayment.of(pay(cloud)), checks=checks, reference="ref_1")
    following = next_check(job, Unknown(), START)
    assert following.due_at - START == delay * FIRST_CHECK
    assert (following.checks, following.reference) == (checks + 1, "ref_1")
    assert delay <= 2**MAX_CHECKS_DOUBLED


def test_a_check_is_never_due_immediately(cloud: Cloud):
    job = ProcessPayment.of(pay(cloud))
    assert next_check(job, Pending(reference="ref_1", check_at=START), START).due_at > START


def test_jobs_of_the_previous_version_ask_for_no_outcome(cloud: Cloud):
    payment = paid(cloud)
    job = ProcessRefund.of(refund(cloud, payment.id, 1), payment)
    added = {"checks", "reference", "payment_reference"}
    old = {name: value for name, value in json.loads(encode(job)).items() if name not in added}
    read = decode(json.dumps(old), ProcessRefund)
    assert (read.checks, read.reference, read.payment_reference) == (0, None, None)
    assert isinstance(cloud.acquirer.authorize(cloud.acquirer.charges[0]), Approved)
