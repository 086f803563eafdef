"""Webhook attempts: the schedule, the record of each attempt, and crashed or late workers."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.signature import hex_signature
from chalicelib.domain.webhook_log import MAX_SHOWN_ATTEMPTS, Trigger, WebhookLog, WebhookStatus
from chalicelib.store.webhook_logs import AttemptHeldError
from chalicelib.webhooks.attempts import LEASE
from chalicelib.webhooks.http import DeliveryError
from chalicelib.workers.webhook_jobs import deliver_webhooks
from tests.cloud import START, Cloud, cloud
from tests.services.shop import MERCHANT_ID, URL, logs, pay, send_test, set_url

MINUTE = 60
PRODUCTION = [0, 1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE]


def log_named(cloud: Cloud, event: str) -> WebhookLog:
    (found,) = [log for log in logs(cloud) if log.event == event]
    return cloud.gateway.webhooks.get(MERCHANT_ID, found.id)


def attempts_of(cloud: Cloud, webhook_id: str) -> list[float]:
    """The delays before each delivery of one webhook, in seconds."""
    times = [one.at for one in cloud.sender.delivered if one.headers["webhook-id"] == webhook_id]
    return [
        round((time - before).total_seconds()) for before, time in zip([START, *times], times, strict=False)
    ]


@pytest.mark.parametrize(
    ("environment", "delays"),
    [({}, PRODUCTION), ({"WEBHOOK_RETRY_INTERVALS_TEST": "true"}, [0, 5, 10, 15, 20])],
)
def test_after_five_attempts_on_schedule_the_log_is_permanently_failed(
    environment: dict[str, str], delays: list[int]
):
    with cloud(**environment) as made:
        made.gateway.onboarding.seed_test_merchant()
        made.sender.script = [500] * 100
        set_url(made)
        pay(made)
        made.run(for_s=6 * 60 * MINUTE)
        log = log_named(made, "payment.created")
        assert attempts_of(made, log.id) == delays
        assert (log.status, log.attempts, log.next_retry_at) == (WebhookStatus.FAILED, 5, None)
        assert [one.response_code for one in log.history] == [500] * 5


def test_a_delay_over_fifteen_minutes_is_taken_in_hops():
    with cloud() as made:
        made.gateway.onboarding.seed_test_merchant()
        set_url(made)
        pay(made)
        made.run(for_s=20)
        made.sender.script = [500] * 5
        log = log_named(made, "payment.success")
        made.gateway.webhooks.retry(MERCHANT_ID, log.id)
        made.run(for_s=40 * MINUTE)
        before = len(made.sent_delays_s())
        made.run(for_s=125 * MINUTE)
        assert made.sent_delays_s()[before:] == [900] * 7
        assert log_named(made, "payment.success").status is WebhookStatus.FAILED


def test_a_successful_third_attempt_ends_the_schedule(cloud: Cloud):
    cloud.sender.script = [500, DeliveryError("could not connect")]
    set_url(cloud)
    log_id = send_test(cloud)
    cloud.run(for_s=20 * MINUTE)
    log = cloud.gateway.webhooks.get(MERCHANT_ID, log_id)
    assert (log.status, log.attempts, log.response_code) == (WebhookStatus.SUCCESS, 3, 200)
    assert [(one.response_code, one.error) for one in log.history] == [
        (500, None),
        (None, "could not connect"),
        (200, None),
    ]


def test_every_attempt_sends_the_same_bytes_with_a_valid_signature(cloud: Cloud):
    cloud.sender.script = [500, 500]
    set_url(cloud)
    log_id = send_test(cloud)
    cloud.run(for_s=20 * MINUTE)
    sent = cloud.sender.delivered
    assert [one.headers["webhook-id"] for one in sent] == [log_id] * 3
    assert {one.body for one in sent} == {cloud.gateway.webhooks.get(MERCHANT_ID, log_id).body.encode()}
    for one in sent:
        assert one.headers["X-Webhook-Signature"] == hex_signature("whsec_test_abc123", one.body)
        assert one.headers["webhook-timestamp"] == str(int(one.at.timestamp()))


def test_an_attempt_is_recorded_with_its_request_and_response(cloud: Cloud):
    set_url(cloud)
    pay(cloud)
    cloud.run(for_s=1)
    (attempt,) = log_named(cloud, "payment.created").history
    assert (attempt.url, attempt.trigger, attempt.response_code) == (URL, Trigger.SCHEDULED, 200)
    assert (attempt.response_body, attempt.response_truncated) == ("thanks", False)
    assert attempt.response_headers == {"Content-Type": "text/plain"}
    assert "webhook-signature" in attempt.request_headers


def test_a_retry_restarts_at_zero_keeps_the_history_and_voids_the_earlier_schedule(cloud: Cloud):
    cloud.sender.script = [500] * 2
    set_url(cloud)
    pay(cloud)
    cloud.run(for_s=1)
    failing = log_named(cloud, "payment.created")
    assert failing.attempts == 1
    retried = cloud.gateway.webhooks.retry(MERCHANT_ID, failing.id)
    assert (retried.status, retried.attempts) == (WebhookStatus.PENDING, 0)
    cloud.run(for_s=10 * MINUTE)
    log = log_named(cloud, "payment.created")
    assert (log.status, log.attempts) == (WebhookStatus.SUCCESS, 1)
    assert [(one.trigger, one.response_code) for one in log.history] == [
        (Trigger.SCHEDULED, 500),
        (Trigger.MANUAL, 200),
    ]


def test_a_delivered_webhook_can_be_sent_again(cloud: Cloud):
    set_url(cloud)
    pay(cloud)
    cloud.run(for_s=1)
    log = log_named(cloud, "payment.created")
    cloud.gateway.webhooks.retry(MERCHANT_ID, log.id)
    cloud.run(for_s=1)
    assert len([one for one in cloud.sender.delivered if one.headers["webhook-id"] == log.id]) == 2


def test_the_next_attempt_uses_a_corrected_url(cloud: Cloud):
    cloud.sender.script = [500] * 2
    set_url(cloud)
    pay(cloud)
    cloud.run(for_s=1)
    set_url(cloud, "https://corrected.example/")
    cloud.run(for_s=61)
    assert {one.url for one in cloud.sender.delivered[2:]} == {"https://corrected.example/"}


def test_without_a_url_the_attempt_fails_without_a_request(cloud: Cloud):
    cloud.sender.script = [500] * 2
    set_url(cloud)
    pay(cloud)
    cloud.run(for_s=1)
    set_url(cloud, None)
    cloud.run(for_s=70)
    assert len(cloud.sender.delivered) == 2
    assert log_named(cloud, "payment.created").history[-1].error == "no webhook URL is set"


def test_another_merchants_log_cannot_be_retried_or_read(cloud: Cloud):
    set_url(cloud)
    pay(cloud)
    cloud.run(for_s=1)
    log = log_named(cloud, "payment.created")
    for ask in (cloud.gateway.webhooks.retry, cloud.gateway.webhooks.get):
        with pytest.raises(NotFoundError, match="Webhook log not found"):
            ask("another", log.id)


def claimed(cloud: Cloud) -> tuple[WebhookLog, dict[str, str]]:
    """A log whose attempt a worker has claimed, and its message."""
    set_url(cloud)
    pay(cloud)
    cloud.relay()
    cloud.relay()
    text = cloud.messages(cloud.gateway.settings.queues.webhooks.jobs)[0]
    job = json.loads(text)
    now = cloud.gateway.clock()
    log = cloud.gateway.attempts.logs.claim(job["log_id"], attempts=0, round_=0, now=now, until=now + LEASE)
    assert log is not None
    return log, {"messageId": "1", "body": text}


def test_a_message_that_is_delivered_twice_waits_while_the_attempt_is_claimed(cloud: Cloud):
    _, message = claimed(cloud)
    assert deliver_webhooks(cloud.gateway, [message]) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert cloud.sender.delivered == []


def test_a_worker_that_crashed_in_an_attempt_is_replaced_after_its_lease(cloud: Cloud):
    log, message = claimed(cloud)
    cloud.time.shift(LEASE.total_seconds())
    assert deliver_webhooks(cloud.gateway, [message]) == {"batchItemFailures": []}
    assert cloud.gateway.webhooks.get(MERCHANT_ID, log.id).status is WebhookStatus.SUCCESS


def test_an_attempt_that_ends_after_a_manual_retry_is_recorded_and_changes_nothing(cloud: Cloud):
    log, _ = claimed(cloud)
    retried = cloud.gateway.webhooks.retry(MERCHANT_ID, log.id)
    cloud.gateway.attempts.finish(log, cloud.gateway.attempts.attempt(log, None))
    after = cloud.gateway.webhooks.get(MERCHANT_ID, log.id)
    assert (after.status, after.attempts, after.round) == (WebhookStatus.PENDING, 0, retried.round)
    assert len(after.history) == 1


def test_a_result_that_is_written_twice_is_recorded_once(cloud: Cloud):
    log, _ = claimed(cloud)
    attempt = cloud.gateway.attempts.attempt(log, None)
    for _ in range(2):
        cloud.gateway.attempts.finish(log, attempt)
    after = cloud.gateway.webhooks.get(MERCHANT_ID, log.id)
    assert (after.attempts, len(after.history)) == (1, 1)


def test_an_attempt_is_claimed_by_one_worker(cloud: Cloud):
    log, _ = claimed(cloud)
    now = cloud.gateway.clock()
    with pytest.raises(AttemptHeldError):
        cloud.gateway.attempts.logs.claim(log.id, attempts=0, round_=0, now=now, until=now + LEASE)


def test_a_log_is_returned_with_its_newest_attempts(cloud: Cloud):
    log, _ = claimed(cloud)
    webhooks, attempts = cloud.gateway.webhooks, cloud.gateway.attempts
    for round_ in range(MAX_SHOWN_ATTEMPTS + 2):
        attempts.finish(log, attempts.attempt(log, None))
        webhooks.retry(MERCHANT_ID, log.id)
        cloud.time.shift(1)
        now = cloud.gateway.clock()
        again = attempts.logs.claim(log.id, attempts=0, round_=round_ + 1, now=now, until=now + LEASE)
        assert again is not None
        log = again
    shown = webhooks.get(MERCHANT_ID, log.id).history
    assert len(shown) == MAX_SHOWN_ATTEMPTS
    assert shown[0].at == START + timedelta(seconds=2)
    assert len(cloud.rows("test-webhook-attempts")) == MAX_SHOWN_ATTEMPTS + 2
