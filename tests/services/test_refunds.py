"""Captures and refunds: valid states, amounts, repetition, and events."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import BadRequestError, GatewayError, NotFoundError
from chalicelib.domain.idempotency import AlreadyCreatedError
from chalicelib.domain.refund import RefundStatus
from chalicelib.jobs.messages import ProcessRefund, encode
from chalicelib.store.lists import ListQuery
from chalicelib.workers.acquirer_jobs import process_refunds
from tests.cloud import Cloud
from tests.services.shop import MERCHANT_ID, paid, pay, refund, set_url

EXCEEDS = "Refund amount exceeds available amount"


def available(cloud: Cloud, payment_id: str) -> int:
    return cloud.gateway.payments.get(payment_id).amount_refundable


def test_a_successful_payment_is_captured_once(cloud: Cloud):
    payment = paid(cloud)
    captured = cloud.gateway.captures.capture(payment.id, MERCHANT_ID, payment.money.amount)
    assert captured.captured
    cloud.time.shift(1)
    with pytest.raises(BadRequestError, match="Payment already captured"):
        cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)


def test_a_capture_of_another_amount_is_rejected(cloud: Cloud):
    payment = paid(cloud)
    with pytest.raises(BadRequestError, match="Capture amount must match payment amount"):
        cloud.gateway.captures.capture(payment.id, MERCHANT_ID, payment.money.amount - 1)
    assert not cloud.gateway.payments.get(payment.id).captured


@pytest.mark.parametrize("approves", [None, False])
def test_a_payment_that_did_not_succeed_is_neither_captured_nor_refunded(cloud: Cloud, approves: bool | None):
    payment = pay(cloud)
    if approves is False:
        cloud.acquirer.approves = False
        cloud.run(for_s=15)
    with pytest.raises(BadRequestError, match="Payment not in capturable state"):
        cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)
    with pytest.raises(BadRequestError, match="Payment not in refundable state"):
        refund(cloud, payment.id, 1)


def test_another_merchants_payment_is_neither_captured_nor_refunded(cloud: Cloud):
    payment = paid(cloud)
    with pytest.raises(NotFoundError, match="Payment not found"):
        cloud.gateway.captures.capture(payment.id, "another", None)
    for payment_id in (payment.id, "pay_never"):
        with pytest.raises(NotFoundError, match="Payment not found"):
            refund(cloud, payment_id, 1, merchant_id="another")
    assert available(cloud, payment.id) == payment.money.amount


def test_a_refund_reserves_its_amount_immediately_and_is_processed_after_its_delay(cloud: Cloud):
    payment = paid(cloud)
    made = refund(cloud, payment.id, 20_000)
    assert available(cloud, payment.id) == 30_000
    cloud.run(for_s=2)
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PENDING
    cloud.run(for_s=5)
    done = cloud.gateway.refunds.get(made.id, MERCHANT_ID)
    assert done.status is RefundStatus.PROCESSED
    assert done.processed_at is not None
    assert timedelta(seconds=3) <= done.processed_at - made.created_at <= timedelta(seconds=6)
    assert cloud.gateway.payments.get(payment.id).amount_refunded == 20_000


def test_refunds_are_rejected_when_no_amount_is_left(cloud: Cloud):
    payment = paid(cloud)
    for amount in (20_000, 29_999, 1):
        refund(cloud, payment.id, amount)
    with pytest.raises(BadRequestError, match=EXCEEDS):
        refund(cloud, payment.id, 1)
    assert available(cloud, payment.id) == 0


def test_a_failed_refund_releases_its_amount(cloud: Cloud):
    cloud.acquirer.refunds_succeed = False
    payment = paid(cloud)
    made = refund(cloud, payment.id, 50_000)
    cloud.run(for_s=10)
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.FAILED
    assert available(cloud, payment.id) == 50_000


def test_a_refund_job_that_is_delivered_three_times_refunds_once(cloud: Cloud):
    payment = paid(cloud)
    refund(cloud, payment.id, 10_000)
    cloud.relay()
    (text,) = cloud.messages(cloud.gateway.settings.queues.refunds.jobs)
    cloud.time.shift(10)
    for succeeds in (False, True, False):
        cloud.acquirer.refunds_succeed = succeeds
        assert process_refunds(cloud.gateway, [{"messageId": "1", "body": text}]) == {"batchItemFailures": []}
    assert available(cloud, payment.id) == 50_000
    assert {request.idempotency_key.partition(":")[0] for request in cloud.acquirer.refunds} == {"refund"}


def test_the_same_key_refunds_once(cloud: Cloud):
    payment = paid(cloud)
    refund(cloud, payment.id, 10_000, key="once")
    for _ in range(2):
        with pytest.raises(AlreadyCreatedError):
            refund(cloud, payment.id, 10_000, key="once")
    assert available(cloud, payment.id) == 40_000


def test_a_used_key_is_replayed_even_if_no_amount_is_left(cloud: Cloud):
    payment = paid(cloud)
    refund(cloud, payment.id, 50_000, key="all")
    with pytest.raises(AlreadyCreatedError):
        refund(cloud, payment.id, 50_000, key="all")
    with pytest.raises(GatewayError, match=EXCEEDS):
        refund(cloud, payment.id, 50_000, key="other")


def test_a_payments_events_are_numbered_chronologically(cloud: Cloud):
    set_url(cloud)
    payment = paid(cloud)
    cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)
    refund(cloud, payment.id, 10_000)
    refund(cloud, payment.id, 5_000)
    cloud.run(for_s=10)
    bodies = sorted(
        (json.loads(one.body) for one in cloud.sender.delivered), key=lambda body: body["sequence"]
    )
    assert [body["sequence"] for body in bodies] == list(range(1, 9))
    assert [body["event"] for body in bodies[:6]] == [
        "payment.created",
        "payment.pending",
        "payment.success",
        "payment.captured",
        "refund.created",
        "refund.created",
    ]
    assert [body["data"]["payment"]["amount_refunded"] for body in bodies[3:6]] == [0, 10_000, 15_000]
    assert all(body["data"]["refund"]["payment_id"] == payment.id for body in bodies[4:])
    assert {body["event"] for body in bodies[6:]} == {"refund.processed"}


def test_a_failed_refund_has_an_event(cloud: Cloud):
    set_url(cloud)
    payment = paid(cloud)
    cloud.acquirer.refunds_succeed = False
    made = refund(cloud, payment.id, 10_000)
    cloud.run(for_s=10)
    body = json.loads(cloud.sender.delivered[-1].body)
    assert body["event"] == "refund.failed"
    assert (body["data"]["refund"]["id"], body["data"]["payment"]["amount_refunded"]) == (made.id, 0)


def test_a_job_of_a_missing_refund_changes_nothing(cloud: Cloud):
    payment = paid(cloud)
    made = refund(cloud, payment.id, 10_000)
    job = ProcessRefund.of(replace(made, id="rfnd_gone"), payment)
    cloud.time.shift(10)
    message = {"messageId": "1", "body": encode(job)}
    assert process_refunds(cloud.gateway, [message]) == {"batchItemFailures": []}
    assert available(cloud, payment.id) == 40_000


@pytest.mark.parametrize("is_settled", [False, True])
def test_a_refund_of_a_version_without_currencies_has_that_of_its_payment(cloud: Cloud, is_settled: bool):
    payment = paid(cloud)
    older, newer = refund(cloud, payment.id, 100), refund(cloud, payment.id, 200)
    assert (older.currency, newer.currency) == ("INR", "INR")
    row = cloud.gateway.stores.refunds._table.get(older.id)
    row.update(actions=[type(row).currency.remove()])
    if is_settled:
        cloud.run(for_s=15)
    query = ListQuery(merchant_id=MERCHANT_ID, limit=10)
    requests: list[str] = []
    cloud.count_requests(requests)
    page = cloud.gateway.stores.refunds.page(query)
    assert {each.id: each.currency for each in page.items} == {older.id: "INR", newer.id: "INR"}
    assert requests == ["dynamodb.Query", "dynamodb.BatchGetItem"]
    requests.clear()
    assert cloud.gateway.refunds.get(older.id, MERCHANT_ID).currency == "INR"
    assert cloud.gateway.refunds.get(newer.id, MERCHANT_ID).currency == "INR"
    assert requests == ["dynamodb.GetItem", "dynamodb.BatchGetItem", "dynamodb.GetItem"]
