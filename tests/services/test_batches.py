"""Batches of jobs: concurrent, within the time-out, and without untouched jobs in the dead-letter queue."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

import app
from chalicelib.acquirers.base import AuthorizeRequest, RefundRequest, Result
from chalicelib.bootstrap import Gateway
from chalicelib.domain.payment import PaymentStatus
from chalicelib.jobs.batch import LAST_RECEIVE, RESERVE_S
from chalicelib.jobs.concurrent import run_concurrently
from chalicelib.jobs.queue import SendFailedError
from chalicelib.workers.acquirer_jobs import ACQUIRER_NEEDS_S, process_payments, process_refunds
from chalicelib.workers.webhook_jobs import ATTEMPT_NEEDS_S, deliver_webhooks
from infra.template.lambdas import LAMBDAS
from infra.template.queues import MAX_RECEIVES
from tests.cloud import Cloud, RecordingAcquirer, only
from tests.services.shop import paid, pay, refund, set_url

TEN = 10
PATIENCE_S = 20
Records = list[dict[str, Any]]


@dataclass
class Meeting(RecordingAcquirer):
    """An acquirer that does not respond before ten requests arrive."""

    barrier: threading.Barrier = field(default_factory=lambda: threading.Barrier(TEN, timeout=PATIENCE_S))

    def authorize(self, request: AuthorizeRequest) -> Result:
        self.barrier.wait()
        return super().authorize(request)

    def refund(self, request: RefundRequest) -> Result:
        self.barrier.wait()
        return super().refund(request)


@dataclass
class Hanging(RecordingAcquirer):
    """An acquirer that delays its response to some keys until it is released."""

    release: threading.Event = field(default_factory=threading.Event)
    slow: frozenset[str] = frozenset()

    def authorize(self, request: AuthorizeRequest) -> Result:
        result = super().authorize(request)
        if request.idempotency_key in self.slow:
            self.release.wait(PATIENCE_S)
        return result


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """Its threads end with the test: afterwards they would write to the tables of the next test."""
    before = set(threading.enumerate())
    made = Hanging()
    yield made
    made.release.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)


def with_acquirer(cloud: Cloud, acquirer: Any) -> Gateway:
    acquirers = only(acquirer, acquirer.name)
    cloud.gateway.payments = replace(cloud.gateway.payments, acquirers=acquirers)
    cloud.gateway.refunds = replace(cloud.gateway.refunds, acquirers=acquirers)
    return cloud.gateway


def due_messages(cloud: Cloud, queue_url: str) -> Records:
    """Every message of the queue, as Lambda receives it when it is due."""
    while cloud.relay():
        pass
    cloud.time.shift(10)
    return [
        {"messageId": str(number), "body": body, "attributes": {"ApproximateReceiveCount": "1"}}
        for number, body in enumerate(cloud.messages(queue_url))
    ]


def ids(records: Records) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in records]}


def counting_down(from_s: float) -> Callable[[], float]:
    end = time.perf_counter() + from_s  # not the clock that the tests stop
    return lambda: end - time.perf_counter()


def test_ten_payments_are_settled_concurrently(cloud: Cloud):
    payments = [pay(cloud).id for _ in range(TEN)]
    records = due_messages(cloud, cloud.gateway.settings.queues.payments.jobs)
    gateway = with_acquirer(cloud, Meeting())
    assert process_payments(gateway, records) == ids([])
    assert {gateway.payments.get(one).status for one in payments} == {PaymentStatus.SUCCESS}


def test_ten_refunds_are_settled_concurrently(cloud: Cloud):
    payment = paid(cloud)
    for _ in range(TEN):
        refund(cloud, payment.id, 1_000)
    records = due_messages(cloud, cloud.gateway.settings.queues.refunds.jobs)
    assert len(records) == TEN
    assert process_refunds(with_acquirer(cloud, Meeting()), records) == ids([])


def test_a_batch_with_a_slow_acquirer_ends_before_the_time_out(cloud: Cloud, hanging: Hanging):
    """Completed jobs are removed; a hanging job is returned, and retried with the same key."""
    slow_ids = [pay(cloud).id for _ in range(3)][::2]
    hanging.slow = frozenset(f"charge:{one}" for one in slow_ids)
    records = due_messages(cloud, cloud.gateway.settings.queues.payments.jobs)
    slow = [one for one in records if any(id_ in one["body"] for id_ in slow_ids)]
    gateway, left = with_acquirer(cloud, hanging), counting_down(RESERVE_S + ACQUIRER_NEEDS_S + 0.5)
    assert process_payments(gateway, records, left) == ids(slow)
    assert left() > 0
    hanging.slow = frozenset()
    assert process_payments(gateway, slow) == ids([])
    keys = [charge.idempotency_key for charge in hanging.charges]
    assert len(keys) == 5
    assert len(set(keys)) == 3


JOBS = {
    "payments": (process_payments, ACQUIRER_NEEDS_S),
    "refunds": (process_refunds, ACQUIRER_NEEDS_S),
    "webhooks": (deliver_webhooks, ATTEMPT_NEEDS_S),
}


def messages_of(cloud: Cloud, name: str) -> Records:
    set_url(cloud)
    if name == "refunds":
        refund(cloud, paid(cloud).id, 1_000)
    else:
        pay(cloud)
    return due_messages(cloud, getattr(cloud.gateway.settings.queues, name).jobs)


def new_messages(cloud: Cloud, name: str, records: Records) -> list[str]:
    """The messages of the queue without the earlier ones."""
    texts = cloud.messages(getattr(cloud.gateway.settings.queues, name).jobs)
    for one in records:
        texts.remove(one["body"])
    return texts


@pytest.mark.parametrize("name", JOBS)
def test_jobs_without_remaining_time_are_returned_untouched(cloud: Cloud, name: str):
    records, (work, needed_s) = messages_of(cloud, name), JOBS[name]
    charges, refunds = len(cloud.acquirer.charges), len(cloud.acquirer.refunds)
    delivered = len(cloud.sender.delivered)
    assert records
    assert work(cloud.gateway, records, lambda: RESERVE_S + needed_s - 0.01) == ids(records)
    assert (len(cloud.acquirer.charges), len(cloud.acquirer.refunds)) == (charges, refunds)
    assert len(cloud.sender.delivered) == delivered
    assert new_messages(cloud, name, records) == []
    assert work(cloud.gateway, records, lambda: RESERVE_S + needed_s + PATIENCE_S) == ids([])


@pytest.mark.parametrize("name", JOBS)
def test_an_untouched_job_that_was_received_often_is_sent_again(cloud: Cloud, name: str):
    records, (work, _) = messages_of(cloud, name), JOBS[name]
    for one in records:
        one["attributes"]["ApproximateReceiveCount"] = str(LAST_RECEIVE)
    assert work(cloud.gateway, records, lambda: RESERVE_S) == ids([])
    again = new_messages(cloud, name, records)
    assert [json.loads(text) for text in sorted(again)] == [
        json.loads(text) for text in sorted(one["body"] for one in records)
    ]


def test_a_job_that_cannot_be_sent_again_is_returned(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    records = messages_of(cloud, "payments")
    unreadable = {"messageId": "unreadable", "body": "{}", "attributes": {"ApproximateReceiveCount": "4"}}
    assert process_payments(cloud.gateway, [unreadable], lambda: RESERVE_S) == ids([unreadable])
    records[0]["attributes"]["ApproximateReceiveCount"] = "4"

    def reject(*_: Any) -> None:
        raise SendFailedError

    monkeypatch.setattr(type(cloud.gateway.queues.payments), "send", reject)
    assert process_payments(cloud.gateway, records, lambda: RESERVE_S) == ids(records)


def test_a_lack_of_time_moves_no_job_to_the_dead_letter_queue(cloud: Cloud):
    """The messages are received more often than the limit; then there is time, and all are settled."""
    payments = [pay(cloud).id for _ in range(TEN)]
    while cloud.relay():
        pass
    urls = cloud.gateway.settings.queues.payments
    for _ in range(3 * MAX_RECEIVES):
        cloud.time.shift(200)
        cloud.work_on(urls.jobs, partial(process_payments, time_left=lambda: RESERVE_S))
    assert cloud.messages(urls.dead_letters) == []
    assert cloud.acquirer.charges == []
    cloud.run(for_s=1_000)
    assert {cloud.gateway.payments.get(one).status for one in payments} == {PaymentStatus.SUCCESS}


def test_a_job_is_sent_again_before_its_last_receive():
    assert 1 < LAST_RECEIVE < MAX_RECEIVES


@pytest.mark.parametrize("name", ["PaymentWorker", "RefundWorker", "WebhookWorker"])
def test_a_new_worker_has_time_for_a_job(name: str):
    needed_s = ATTEMPT_NEEDS_S if name == "WebhookWorker" else ACQUIRER_NEEDS_S
    assert LAMBDAS[name].timeout_s > 1.5 * (RESERVE_S + needed_s)


@pytest.mark.parametrize(
    ("name", "queue"),
    [("payment_worker", "payments"), ("refund_worker", "refunds"), ("webhook_worker", "webhooks")],
)
def test_the_handlers_use_the_remaining_time_of_lambda(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, name: str, queue: str
):
    records = messages_of(cloud, queue)
    monkeypatch.setattr(app, "gateway", lambda: cloud.gateway)
    handler = getattr(app, name)
    for milliseconds, left in ((1_000, records), (60_000, [])):
        context = SimpleNamespace(get_remaining_time_in_millis=lambda ms=milliseconds: ms)
        assert handler({"Records": records}, context) == ids(left)


def test_a_hanging_job_does_not_delay_its_batch(hanging: Hanging):
    def work(item: str) -> str:
        if item == "hangs":
            hanging.release.wait(PATIENCE_S)
        return item

    started = time.perf_counter()
    results = run_concurrently(work, ["a", "hangs", "b"], max_workers=3, timeout_s=0.3)
    assert results == ["a", None, "b"]
    assert time.perf_counter() - started < PATIENCE_S / 2


def test_a_job_that_does_not_start_in_time_never_starts(hanging: Hanging):
    begun = []

    def work(item: int) -> int:
        begun.append(item)
        hanging.release.wait(PATIENCE_S)
        return item

    assert run_concurrently(work, [1, 2, 3], max_workers=1, timeout_s=0.2) == [None] * 3
    hanging.release.set()
    time.sleep(0.05)
    assert begun == [1]
