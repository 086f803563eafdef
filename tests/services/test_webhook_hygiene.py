"""Courtesies to receivers: Retry-After, disabled endpoints, and two signatures for a day."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from standardwebhooks import Webhook

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.merchant_clock import MerchantClock
from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_health import DISABLE_AFTER
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.store.merchant_clocks import MerchantClockStore
from chalicelib.webhooks.http import HttpResponse
from tests.cloud import Cloud
from tests.services.shop import MERCHANT_ID, URL, logs, pay, send_test, set_url

HOUR_S = 3600


def answer(code: int, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(code=code, headers=named, body=b"", truncated=False)


def pauses_s(cloud: Cloud) -> list[int]:
    times = [one.at for one in cloud.sender.delivered]
    return [round((later - time).total_seconds()) for time, later in pairwise(times)]


@pytest.mark.parametrize(
    ("asked", "pause_s"),
    [("30", 60), ("600", 600), ("999999", 2 * HOUR_S), ("Sat, 14 Mar 2026 15:29:26 GMT", 1200), ("soon", 60)],
)
@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_obeyed_within_the_limits_of_the_schedule(
    cloud: Cloud, code: int, asked: str, pause_s: int
):
    cloud.sender.script = [answer(code, retry_after=asked)]
    set_url(cloud)
    send_test(cloud)
    cloud.run(for_s=3 * HOUR_S)
    assert pauses_s(cloud) == [pause_s]


def test_retry_after_of_another_status_is_ignored(cloud: Cloud):
    cloud.sender.script = [answer(500, retry_after="600")]
    set_url(cloud)
    send_test(cloud)
    cloud.run(for_s=HOUR_S)
    assert pauses_s(cloud) == [60]


def test_410_ends_the_log_immediately_with_a_reason(cloud: Cloud):
    cloud.sender.script = [410]
    set_url(cloud)
    log_id = send_test(cloud)
    cloud.run(for_s=3 * HOUR_S)
    log = cloud.gateway.webhooks.get(MERCHANT_ID, log_id)
    assert (log.status, log.attempts, log.response_code) == (WebhookStatus.FAILED, 1, 410)
    assert log.history[0].error is not None
    assert "410 Gone" in log.history[0].error


def test_an_endpoint_that_fails_for_five_days_is_disabled_until_its_url_is_saved(cloud: Cloud):
    set_url(cloud)
    cloud.sender.script = [500] * 1000
    for _ in range(DISABLE_AFTER.days):
        send_test(cloud)
        cloud.run(for_s=24 * HOUR_S)
    assert cloud.gateway.webhook_endpoints.get(EndpointKey(MERCHANT_ID)).disabled_at is None
    send_test(cloud)
    cloud.run(for_s=1)
    assert cloud.gateway.webhook_endpoints.get(EndpointKey(MERCHANT_ID)).disabled_at is not None
    calls = len(cloud.sender.delivered)
    pay(cloud)
    cloud.run(for_s=3 * HOUR_S)
    assert len(cloud.sender.delivered) == calls
    assert {log.status for log in logs(cloud)} == {WebhookStatus.FAILED}
    cloud.sender.script = []
    set_url(cloud)
    missed = next(log for log in logs(cloud) if log.event == "payment.success")
    cloud.gateway.webhooks.retry(MERCHANT_ID, missed.id)
    cloud.run(for_s=1)
    assert len(cloud.sender.delivered) == calls + 1


def test_an_endpoint_that_accepts_webhooks_on_retry_is_not_disabled(cloud: Cloud):
    set_url(cloud)
    for _ in range(DISABLE_AFTER.days + 1):
        cloud.sender.script = [500, 500, 500]
        send_test(cloud)
        cloud.run(for_s=24 * HOUR_S)
    assert cloud.gateway.webhook_endpoints.get(EndpointKey(MERCHANT_ID)).disabled_at is None


def test_a_test_event_contains_a_payment_and_is_delivered(cloud: Cloud):
    set_url(cloud)
    send_test(cloud)
    cloud.run(for_s=1)
    body = json.loads(cloud.sender.delivered[0].body)
    assert body["event"] == "webhook.test"
    assert {"id", "order_id", "amount", "currency", "status"} <= body["data"]["payment"].keys()


def test_a_test_event_without_a_url_is_rejected(cloud: Cloud):
    with pytest.raises(BadRequestError, match="Webhook URL is not configured"):
        send_test(cloud)


def test_for_a_day_both_secrets_sign_and_then_only_the_new_one(cloud: Cloud):
    set_url(cloud)
    old = cloud.gateway.webhook_endpoints.regenerate_secret(EndpointKey(MERCHANT_ID)).secret
    new = cloud.gateway.webhook_endpoints.regenerate_secret(EndpointKey(MERCHANT_ID)).secret
    assert old != new
    send_test(cloud)
    cloud.run(for_s=1)
    cloud.time.shift(timedelta(hours=24))
    send_test(cloud)
    cloud.run(for_s=1)
    during, after = cloud.sender.delivered
    assert len(during.headers["webhook-signature"].split()) == 2
    assert len(after.headers["webhook-signature"].split()) == 1
    cloud.time.move_to(during.at)
    for secret in (old, new):
        Webhook(secret).verify(during.body, dict(during.headers))
    cloud.time.move_to(after.at)
    Webhook(new).verify(after.body, dict(after.headers))


def test_an_attempt_needs_six_requests(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(MerchantClockStore, "get", lambda *_: MerchantClock())  # as in production
    set_url(cloud)
    asked: list[str] = []
    cloud.count_requests(asked)
    cloud.gateway.jobs = replace(cloud.gateway.jobs, is_production=True)
    send_test(cloud)
    cloud.relay()
    asked.clear()
    cloud.work()
    assert [one for one in asked if one.startswith("dynamodb")] == [
        "dynamodb.BatchGetItem",  # the endpoints of the batch
        "dynamodb.BatchGetItem",  # their pace
        "dynamodb.UpdateItem",
        "dynamodb.PutItem",
        "dynamodb.UpdateItem",
        "dynamodb.UpdateItem",  # the health of each endpoint of the batch
    ]
    assert cloud.sender.delivered[0].url == URL
