"""The log lines of jobs: each contains the ids of its job, also if the job fails or cannot be read."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.acquirers.base import ATTENTION
from chalicelib.jobs.messages import DeliverWebhook, ProcessPayment, encode
from chalicelib.observability import logger
from chalicelib.workers.acquirer_jobs import process_payments
from chalicelib.workers.webhook_jobs import deliver_webhooks
from tests.cloud import Cloud
from tests.services.shop import MERCHANT_ID, logs, pay, send_test, set_url


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The text of the log."""
    text = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", text)
    return text


def line(log: io.StringIO, message: str) -> dict[str, Any]:
    """The only line with the message."""
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (found,) = [one for one in lines if one["message"] == message]
    return dict(found)


def test_a_failed_job_has_the_ids_of_its_payment(
    cloud: Cloud, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    payment = pay(cloud)
    cloud.time.shift(15)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(cloud.acquirer, "authorize", fail)
    process_payments(cloud.gateway, [message(encode(ProcessPayment.of(payment)))])
    failed = line(log, "job failed")
    assert (failed["payment_id"], failed["order_id"]) == (payment.id, payment.order_id)
    assert failed["merchant_id"] == MERCHANT_ID


def test_a_job_of_an_acquirer_without_credentials_has_the_ids(cloud: Cloud, log: io.StringIO):
    job = ProcessPayment.of(replace(pay(cloud), acquirer="second"))
    cloud.time.shift(15)
    process_payments(cloud.gateway, [message(encode(job))])
    assert line(log, ATTENTION)["payment_id"] == job.payment_id


def test_a_message_that_cannot_be_read_has_the_ids_that_it_contains(cloud: Cloud, log: io.StringIO):
    payment = pay(cloud)
    process_payments(cloud.gateway, [message(json.dumps({"job": "unknown", "payment_id": payment.id}))])
    assert line(log, "message is not a job")["payment_id"] == payment.id


@pytest.mark.parametrize(
    "body", ["no JSON", "[1]", '{"payment_id": 1}', '{"payment_id": "4111111111111111"}']
)
def test_a_message_without_an_id_is_logged_without_its_text(cloud: Cloud, log: io.StringIO, body: str):
    process_payments(cloud.gateway, [message(body)])
    assert "payment_id" not in line(log, "message is not a job")
    assert "4111" not in log.getvalue()


def test_a_held_attempt_has_the_ids_of_its_webhook(cloud: Cloud, log: io.StringIO):
    set_url(cloud)
    send_test(cloud)
    (webhook,) = logs(cloud)
    job = DeliverWebhook.of(webhook, cloud.gateway.clock())
    assert cloud.gateway.attempts._claim(job)
    deliver_webhooks(cloud.gateway, [message(encode(job))])
    assert line(log, "attempt held by another worker")["webhook_log_id"] == webhook.id


def message(body: str) -> dict[str, Any]:
    """A message of a queue."""
    return {"messageId": "1", "body": body}
