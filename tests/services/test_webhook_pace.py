"""Slow endpoints use a separate queue, and one worker at a time."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from chalicelib.domain.merchant_clock import MerchantClock
from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.jobs.messages import DeliverWebhook, Job
from chalicelib.jobs.queue import JobQueue, SendFailedError
from chalicelib.store.merchant_clocks import MerchantClockStore
from chalicelib.webhooks.pace import (
    FIRST_WAIT,
    MAX_WAITS_DOUBLED,
    SLOW_AFTER,
    TURN,
    WAIT_STEP,
    waiting_for_a_turn,
)
from chalicelib.workers.webhook_jobs import deliver_slow_webhooks, deliver_webhooks
from tests.cloud import START, Cloud
from tests.services.shop import MERCHANT_ID, URL, logs, pay, send_test, set_url

KEY = EndpointKey(MERCHANT_ID)
SLOW_S = SLOW_AFTER.total_seconds() + 1


def messages(cloud: Cloud) -> tuple[int, int]:
    """The number of messages in the queue of webhooks and in that of slow ones."""
    queues = cloud.gateway.settings.queues
    return len(cloud.messages(queues.webhooks.jobs)), len(cloud.messages(queues.slow_webhooks.jobs))


def make_slow(cloud: Cloud) -> None:
    """Deliver one webhook slowly."""
    set_url(cloud)
    cloud.sender.takes_s = SLOW_S
    send_test(cloud)
    cloud.run(for_s=5)
    cloud.sender.takes_s = 0


def test_the_next_attempt_after_a_failure_is_in_the_slow_queue(cloud: Cloud):
    set_url(cloud)
    cloud.sender.script = [500]
    send_test(cloud)
    cloud.relay_all()
    assert messages(cloud) == (1, 0)
    cloud.work()
    cloud.relay_all()
    assert messages(cloud) == (0, 1)
    cloud.run(for_s=90)
    assert {log.status for log in logs(cloud)} == {WebhookStatus.SUCCESS}


def test_jobs_of_a_slow_endpoint_move_to_the_slow_queue(cloud: Cloud):
    make_slow(cloud)
    send_test(cloud)
    cloud.relay_all()
    assert messages(cloud) == (1, 0)
    calls = len(cloud.sender.delivered)
    cloud.work_on(cloud.gateway.settings.queues.webhooks.jobs, deliver_webhooks)
    assert (messages(cloud), len(cloud.sender.delivered)) == ((0, 1), calls)
    cloud.work_on(cloud.gateway.settings.queues.slow_webhooks.jobs, deliver_slow_webhooks)
    assert (messages(cloud), len(cloud.sender.delivered)) == ((0, 0), calls + 1)


def test_a_fast_attempt_makes_the_endpoint_fast_again(cloud: Cloud):
    make_slow(cloud)
    assert set(cloud.gateway.pace.paces.slow([KEY])) == {KEY}
    send_test(cloud)
    cloud.run(for_s=5)
    assert cloud.gateway.pace.paces.slow([KEY]) == {}
    send_test(cloud)
    cloud.relay_all()
    cloud.work_on(cloud.gateway.settings.queues.webhooks.jobs, deliver_webhooks)
    assert messages(cloud) == (0, 0)


def test_a_slow_endpoint_is_served_by_one_worker_at_a_time(cloud: Cloud):
    make_slow(cloud)
    now = cloud.gateway.clock()
    assert cloud.gateway.pace.paces.take_turn(KEY, now=now, until=now + TURN)
    send_test(cloud)
    cloud.relay_all()
    calls = len(cloud.sender.delivered)
    cloud.work()
    assert (messages(cloud), len(cloud.sender.delivered)) == ((0, 1), calls)
    cloud.run(for_s=FIRST_WAIT.total_seconds() / 2 - 1)
    assert len(cloud.sender.delivered) == calls
    cloud.run(for_s=(TURN + 4 * FIRST_WAIT).total_seconds())  # the worker with the turn has died
    assert len(cloud.sender.delivered) == calls + 1


def test_a_worker_that_died_with_the_turn_is_replaced(cloud: Cloud):
    make_slow(cloud)
    paces, now = cloud.gateway.pace.paces, cloud.gateway.clock()
    assert paces.take_turn(KEY, now=now, until=now + TURN)
    assert not paces.take_turn(KEY, now=now, until=now + TURN + timedelta(seconds=1))
    later = now + TURN
    assert paces.take_turn(KEY, now=later, until=later + TURN)
    paces.end_turn(KEY, until=now + TURN)  # the first worker was only late
    assert not paces.take_turn(KEY, now=later, until=later + TURN)
    paces.end_turn(KEY, until=later + TURN)
    assert paces.take_turn(KEY, now=later, until=later + TURN)


def test_slow_webhooks_do_not_delay_those_of_a_fast_endpoint(cloud: Cloud):
    make_slow(cloud)
    for _ in range(30):
        send_test(cloud)
    cloud.relay_all()
    for _ in range(3):
        cloud.work_on(cloud.gateway.settings.queues.webhooks.jobs, deliver_webhooks)
    assert messages(cloud) == (0, 30)
    pay(cloud)
    cloud.run(for_s=15)
    assert {log.status for log in logs(cloud)} == {WebhookStatus.SUCCESS}
    assert {one.url for one in cloud.sender.delivered} == {URL}


def test_jobs_without_a_turn_return_in_groups_at_different_times_and_less_and_less_often():
    jobs = [
        DeliverWebhook(log_id=f"log_{number}", merchant_id="m", attempts=0, round=0, due_at=START)
        for number in range(100)
    ]
    average = FIRST_WAIT
    for _ in range(8):
        jobs = [waiting_for_a_turn(job, START) for job in jobs]
        waits = [job.due_at - START for job in jobs]
        assert all(average / 2 <= wait <= average * 1.5 + WAIT_STEP for wait in waits)
        assert 2 <= len(set(waits)) <= average / WAIT_STEP + 1
        assert {job.due_at.timestamp() % WAIT_STEP.total_seconds() for job in jobs} == {0}
        average = min(2 * average, FIRST_WAIT * 2**MAX_WAITS_DOUBLED)


def test_a_batch_of_waiting_jobs_takes_two_requests(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(MerchantClockStore, "get", lambda *_: MerchantClock())  # as in production
    make_slow(cloud)
    for _ in range(5):
        send_test(cloud)
    cloud.relay_all()
    cloud.work_on(cloud.gateway.settings.queues.webhooks.jobs, deliver_webhooks)
    now = cloud.gateway.clock()
    assert cloud.gateway.pace.paces.take_turn(KEY, now=now, until=now + TURN)
    requests: list[str] = []
    cloud.count_requests(requests)
    cloud.work_on(cloud.gateway.settings.queues.slow_webhooks.jobs, deliver_slow_webhooks)
    assert [one for one in requests if "Receive" not in one and "Delete" not in one] == [
        "dynamodb.BatchGetItem",
        "sqs.SendMessageBatch",
    ]


def test_jobs_that_sqs_rejects_stay_in_the_queue(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    make_slow(cloud)
    send_test(cloud)
    cloud.relay_all()

    def fail(queue: JobQueue, jobs: Sequence[Job]) -> None:
        raise SendFailedError("rejected")

    with monkeypatch.context() as patch:
        patch.setattr(JobQueue, "send", fail)
        cloud.work_on(cloud.gateway.settings.queues.webhooks.jobs, deliver_webhooks)
    assert messages(cloud) == (1, 0)
    calls = len(cloud.sender.delivered)
    cloud.run(for_s=90)
    assert len(cloud.sender.delivered) == calls + 1


def test_a_webhook_message_has_the_endpoint_as_its_group(cloud: Cloud):
    set_url(cloud)
    send_test(cloud)
    cloud.relay_all()
    url = cloud.gateway.settings.queues.webhooks.jobs
    (message,) = cloud.sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert message["Attributes"]["MessageGroupId"] == MERCHANT_ID
