"""A committed payment leads to its outcome and to its webhooks, once each, when they are due."""

import json
from collections.abc import Sequence
from datetime import timedelta

import boto3
import pytest

from chalicelib.domain.decline import Decline, DeclineCode, Retry
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.jobs.messages import ProcessPayment, encode
from chalicelib.streams.dead_letters import DeadLetterQueue, Unreadable
from chalicelib.workers.acquirer_jobs import process_payments
from chalicelib.workers.streams import record_events, relay_changes
from tests.cloud import MAX_RECEIVES, START, VISIBILITY_TIMEOUT_S, Cloud, Handler, cloud
from tests.services.shop import feed, logs, order, pay, set_url


def test_a_payment_is_settled_after_its_delay_and_not_before(cloud: Cloud):
    payment = pay(cloud)
    cloud.run(for_s=4)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
    cloud.run(for_s=8)
    settled = cloud.gateway.payments.get(payment.id)
    assert settled.status is PaymentStatus.SUCCESS
    assert START + timedelta(seconds=5) <= settled.updated_at <= START + timedelta(seconds=11)


def test_a_declined_payment_fails_with_its_reason(cloud: Cloud):
    cloud.acquirer.approves = False
    payment = pay(cloud)
    cloud.run(for_s=15)
    settled = cloud.gateway.payments.get(payment.id)
    assert settled.status is PaymentStatus.FAILED
    assert settled.decline is not None
    assert settled.decline == Decline(
        description="Declined", code=DeclineCode.CARD_DECLINED, retry=Retry.OTHER_METHOD
    )


def test_the_acquirer_receives_a_key_that_is_derived_from_the_payment(cloud: Cloud):
    payment = pay(cloud)
    cloud.run(for_s=15)
    (charge,) = cloud.acquirer.charges
    assert charge.idempotency_key == f"charge:{payment.id}"
    assert (charge.token, charge.money) == ("buyer@bank", payment.money)


def test_a_job_that_is_delivered_three_times_settles_the_payment_once(cloud: Cloud):
    set_url(cloud)
    payment = pay(cloud)
    cloud.relay()
    (text,) = cloud.messages(cloud.gateway.settings.queues.payments.jobs)
    cloud.time.shift(20)
    message = {"messageId": "1", "body": text}
    for approves in (True, False, False):
        cloud.acquirer.approves = approves
        assert process_payments(cloud.gateway, [message, message, message]) == {"batchItemFailures": []}
    cloud.run(for_s=30)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert [log.event for log in logs(cloud)] == [
        "payment.success",
        "payment.pending",
        "payment.created",
    ]


def test_a_payment_has_three_webhooks_that_arrive_in_order(cloud: Cloud):
    set_url(cloud)
    payment = pay(cloud)
    cloud.run(for_s=20)
    bodies = [json.loads(one.body) for one in cloud.sender.delivered]
    assert sorted(body["event"] for body in bodies[:2]) == ["payment.created", "payment.pending"]
    assert bodies[2]["event"] == "payment.success"
    assert {body["data"]["payment"]["id"] for body in bodies} == {payment.id}
    assert {log.status for log in logs(cloud)} == {WebhookStatus.SUCCESS}


def test_without_a_webhook_url_there_is_no_webhook(cloud: Cloud):
    pay(cloud)
    cloud.run(for_s=20)
    assert logs(cloud) == []
    assert cloud.sender.delivered == []


def test_a_merchant_who_saves_a_url_and_then_pays_gets_the_webhook(cloud: Cloud):
    pay(cloud)
    cloud.run(for_s=20)
    set_url(cloud)
    pay(cloud)
    cloud.run(for_s=1)
    assert len(cloud.sender.delivered) == 2


def test_a_redelivered_stream_has_no_duplicate_effects(cloud: Cloud):
    set_url(cloud)
    pay(cloud)
    records = cloud.stream_records()
    for batch in (records, records, list(reversed(records))):
        assert relay_changes(cloud.gateway, batch) == {"batchItemFailures": []}
    cloud.run(for_s=200)
    assert [log.event for log in logs(cloud)] == [
        "payment.success",
        "payment.pending",
        "payment.created",
    ]
    assert len(cloud.sender.delivered) == 3


def test_an_unreadable_record_moves_to_the_dead_letter_queue_without_affecting_others(cloud: Cloud):
    set_url(cloud)
    for _ in range(3):
        pay(cloud)
    first, second, third = cloud.stream_records(cloud.gateway.settings.tables.payments)
    broken = {**second, "dynamodb": {**second["dynamodb"], "NewImage": {"id": {"S": "pay_x"}}}}
    letters = cloud.gateway.settings.stream_dead_letters
    for handler, url in ((relay_changes, letters.relay), (record_events, letters.recorder)):
        assert handler(cloud.gateway, [first, broken, third]) == {"batchItemFailures": []}
        (letter,) = cloud.messages(url)
        assert json.loads(letter) == {"error": "TypeError", "record": broken}
    assert len(logs(cloud)) == 4
    assert len(feed(cloud)) == 4


@pytest.mark.parametrize("handler", [relay_changes, record_events])
def test_records_are_delivered_again_if_the_dead_letter_queue_is_unavailable(
    cloud: Cloud, handler: Handler, monkeypatch: pytest.MonkeyPatch
):
    def unavailable(_queue: DeadLetterQueue, unreadable: Sequence[Unreadable]) -> None:
        assert [one.record for one in unreadable] == [broken]
        raise ConnectionError

    set_url(cloud)
    pay(cloud)
    (record,) = cloud.stream_records(cloud.gateway.settings.tables.payments)
    broken = {**record, "dynamodb": {**record["dynamodb"], "SequenceNumber": "1", "NewImage": {"id": 1}}}
    monkeypatch.setattr(DeadLetterQueue, "send", unavailable)
    with pytest.raises(ConnectionError):
        handler(cloud.gateway, [broken, record])
    assert len(logs(cloud)) + len(feed(cloud)) == 2, "the readable record was processed"


@pytest.mark.parametrize("text", ["not json", "[]", '{"job":"deliver_webhook"}', '{"job":"process_payment"}'])
def test_a_poison_message_reaches_the_dead_letter_queue_without_affecting_others(cloud: Cloud, text: str):
    queues = cloud.gateway.settings.queues
    for url in (queues.payments.jobs, queues.webhooks.jobs):
        cloud.sqs.send_message(QueueUrl=url, MessageBody=text)
    set_url(cloud)
    payment = pay(cloud)
    cloud.run(for_s=(MAX_RECEIVES + 1) * (VISIBILITY_TIMEOUT_S + 1))
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert len(cloud.sender.delivered) == 3
    for url in (queues.payments.jobs, queues.webhooks.jobs):
        assert cloud.messages(url) == []
        assert cloud.messages(f"{url}-dead-letters") == [text]


def test_an_early_job_is_sent_again_with_the_remaining_delay():
    with cloud(PROCESSING_DELAY_MIN="2400000", PROCESSING_DELAY_MAX="2400000") as forty_minutes:
        made = order(forty_minutes)
        payment = pay(forty_minutes, of=made)
        forty_minutes.run(for_s=2399)
        assert forty_minutes.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
        forty_minutes.run(for_s=2)
        assert forty_minutes.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
        assert forty_minutes.sent_delays_s() == [900, 900, 600]


def test_a_job_of_a_missing_payment_is_a_no_op(cloud: Cloud):
    payment = pay(cloud)
    job = ProcessPayment(
        payment_id="pay_gone",
        order_id=payment.order_id,
        method=payment.instrument.method,
        token="t",
        amount=payment.money.amount,
        currency=payment.money.currency,
        due_at=START,
    )
    assert process_payments(cloud.gateway, [{"messageId": "1", "body": encode(job)}]) == {
        "batchItemFailures": []
    }
    assert len(boto3.client("dynamodb").scan(TableName="test-payments")["Items"]) == 1


def test_only_the_failed_job_of_a_batch_is_retried(cloud: Cloud):
    payment = pay(cloud)
    cloud.relay()
    (text,) = cloud.messages(cloud.gateway.settings.queues.payments.jobs)
    cloud.time.shift(20)
    batch = [{"messageId": "bad", "body": "{}"}, {"messageId": "good", "body": text}]
    assert process_payments(cloud.gateway, batch) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
