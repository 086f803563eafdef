"""Several webhook endpoints of a merchant: subscriptions, deletion, replay, health and disabling."""

import json
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import EventName, PayloadFormat
from chalicelib.domain.idempotency import Idempotency, StoredResponse
from chalicelib.domain.webhook_endpoint import EndpointKey, EndpointStatus, WebhookEndpoint
from chalicelib.domain.webhook_health import DISABLE_AFTER
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus
from chalicelib.services.webhook_endpoints import NewEndpoint
from chalicelib.services.webhooks import MAX_REPLAYED, ReplayRequest
from chalicelib.store.lists import ListQuery
from chalicelib.webhooks.http import DeliveryError
from tests.cloud import START, Cloud
from tests.rounds import rounds
from tests.services.shop import MERCHANT_ID, URL, feed, logs, paid, send_test, set_url

OTHER = "https://other.example/webhook"
DAY_S = 24 * 3600


def create(cloud: Cloud, url: str = OTHER, *events: str, **changes: Any) -> WebhookEndpoint:
    """Create an endpoint of the test merchant, by default for all events."""
    fields: dict[str, Any] = {
        "url": url,
        "events": frozenset(events or ["*"]),
        "payload": PayloadFormat.FULL,
        "description": None,
        "status": EndpointStatus.ENABLED,
    }
    return cloud.gateway.webhook_endpoints.create(MERCHANT_ID, NewEndpoint(**fields | changes), idempotency())


def idempotency() -> Idempotency[Any]:
    return Idempotency(key=None, respond=lambda _created: StoredResponse(status=201, body="{}"))


def key(endpoint: WebhookEndpoint) -> EndpointKey:
    return EndpointKey(MERCHANT_ID, endpoint.id)


def received(cloud: Cloud, url: str) -> list[dict[str, Any]]:
    """The bodies that the URL received."""
    return [json.loads(one.body) for one in cloud.sender.delivered if one.url == url]


def logs_of(cloud: Cloud, endpoint: WebhookEndpoint) -> list[WebhookLog]:
    return [log for log in logs(cloud) if log.endpoint_id == endpoint.id]


def test_each_endpoint_receives_the_events_it_is_subscribed_to(cloud: Cloud):
    set_url(cloud)
    create(cloud, OTHER, "payment.success", payload=PayloadFormat.THIN)
    payment = paid(cloud)
    events = [body["event"] for body in received(cloud, URL)]
    assert sorted(events) == ["payment.created", "payment.pending", "payment.success"]
    (thin,) = received(cloud, OTHER)
    assert (thin["event"], thin["data"]) == ("payment.success", {"payment": {"id": payment.id}})
    assert thin["id"] == cloud.gateway.events.get(thin["id"], MERCHANT_ID).id


def test_webhooks_are_signed_with_the_secret_of_their_endpoint(cloud: Cloud):
    set_url(cloud)
    endpoint = create(cloud)
    paid(cloud)
    own = [one for one in cloud.sender.delivered if one.url == OTHER]
    assert len(own) == 3
    for one in own:
        Webhook(endpoint.secret).verify(one.body, dict(one.headers))
    regenerated = cloud.gateway.webhook_endpoints.regenerate_secret(key(endpoint))
    paid(cloud)
    last = next(one for one in reversed(cloud.sender.delivered) if one.url == OTHER)
    for secret in (endpoint.secret, regenerated.secret):
        Webhook(secret).verify(last.body, dict(last.headers))


def test_an_endpoint_without_a_default_url_receives_webhooks(cloud: Cloud):
    create(cloud, OTHER, "payment.success")
    paid(cloud)
    assert [log.endpoint_id for log in logs(cloud)] != []
    assert {one.url for one in cloud.sender.delivered} == {OTHER}


def test_the_failure_of_one_endpoint_does_not_affect_another(cloud: Cloud):
    set_url(cloud)
    endpoint = create(cloud, OTHER, "payment.success")
    cloud.sender.script_of[OTHER] = [500] * 5
    paid(cloud)
    cloud.run(for_s=3 * 3600)
    (failed,) = logs_of(cloud, endpoint)
    assert (failed.status, failed.attempts) == (WebhookStatus.FAILED, 5)
    default = [log for log in logs(cloud) if log.endpoint_id == "default"]
    assert {(log.status, log.attempts) for log in default} == {(WebhookStatus.SUCCESS, 1)}


def test_deliveries_to_a_deleted_endpoint_end_and_are_recorded(cloud: Cloud):
    endpoint = create(cloud, OTHER, "payment.success")
    cloud.sender.script = [500]
    paid(cloud)
    (waiting,) = logs(cloud)
    assert waiting.is_retrying
    cloud.gateway.webhook_endpoints.delete(key(endpoint))
    cloud.run(for_s=3600)
    log = cloud.gateway.webhooks.get(MERCHANT_ID, waiting.id)
    assert (log.status, log.attempts, log.next_retry_at) == (WebhookStatus.FAILED, 2, None)
    assert (log.error, log.history[-1].url) == ("the webhook endpoint was deleted", None)
    assert len(cloud.sender.delivered) == 1
    paid(cloud)
    assert len(logs(cloud)) == 1


def test_a_disabled_endpoint_has_failed_logs_that_can_be_replayed(cloud: Cloud):
    endpoint = create(cloud, OTHER, "payment.success", status=EndpointStatus.DISABLED)
    paid(cloud)
    (log,) = logs(cloud)
    assert (log.status, log.attempts, cloud.sender.delivered) == (WebhookStatus.FAILED, 0, [])
    cloud.gateway.webhook_endpoints.change(key(endpoint), {"status": EndpointStatus.ENABLED})
    assert replay(cloud, endpoint) == [1]
    cloud.run()
    assert len(received(cloud, OTHER)) == 1


def replay(cloud: Cloud, endpoint: WebhookEndpoint, **changes: Any) -> list[int]:
    """Replay the failed webhooks of the endpoint; returns the counts of all requests."""
    counts: list[int] = []
    after: str | None = None
    for _ in rounds("the replay ends", at_most=100):
        fields = {"since": START, "until": None, "status": WebhookStatus.FAILED, "after": after} | changes
        replayed = cloud.gateway.webhooks.replay(key(endpoint), ReplayRequest(**fields))
        counts.append(replayed.count)
        after = replayed.next_key
        if after is None:
            break
    return counts


def test_a_replay_contains_the_failed_webhooks_of_one_endpoint(cloud: Cloud):
    set_url(cloud)
    endpoint = create(cloud, OTHER, "payment.success")
    cloud.sender.script_of[OTHER] = [410, 200]
    cloud.sender.script_of[URL] = [410] * 6
    for _ in range(2):
        paid(cloud)
    assert replay(cloud, endpoint) == [1]
    cloud.run()
    assert {log.status for log in logs_of(cloud, endpoint)} == {WebhookStatus.SUCCESS}
    assert replay(cloud, endpoint) == [0]
    assert replay(cloud, endpoint, status=None) == [2]
    assert replay(cloud, endpoint, status=None, since=START + timedelta(days=1)) == [0]
    assert replay(cloud, endpoint, status=None, until=START) == [0]


def test_a_replay_of_many_webhooks_has_parts(cloud: Cloud):
    set_url(cloud, None)
    endpoint = create(cloud, OTHER, status=EndpointStatus.DISABLED)
    for _ in range(MAX_REPLAYED + 5):
        test, event = idempotency(), EventName.WEBHOOK_TEST
        cloud.gateway.webhooks.send_test(MERCHANT_ID, endpoint, event, test)
    assert replay(cloud, endpoint) == [MAX_REPLAYED, 5]


def test_logs_are_filtered_by_endpoint(cloud: Cloud):
    set_url(cloud)
    endpoint = create(cloud, OTHER, "payment.success")
    for _ in range(3):
        paid(cloud)
    found: list[str] = []
    after: str | None = None
    for _ in rounds("the list ends", at_most=10):
        filters = {"endpoint_id": endpoint.id, "status": "success"}
        query = ListQuery(merchant_id=MERCHANT_ID, limit=2, after=after, filters=filters)
        page = cloud.gateway.stores.webhook_logs.page(query)
        found += [log.id for log in page.items]
        after = page.next_key
        if after is None:
            break
    assert found == [log.id for log in logs_of(cloud, endpoint)]
    assert len(found) == 3
    skipping = ListQuery(merchant_id=MERCHANT_ID, limit=2, skip=2, filters={"endpoint_id": endpoint.id})
    assert [log.id for log in cloud.gateway.stores.webhook_logs.page(skipping).items] == found[2:]


@pytest.mark.parametrize("name", EventName)
def test_a_sample_of_any_event_can_be_sent(cloud: Cloud, name: EventName):
    endpoint = create(cloud, OTHER, "refund.failed")
    log = cloud.gateway.webhooks.send_test(MERCHANT_ID, endpoint, name, idempotency())
    cloud.run()
    (body,) = received(cloud, OTHER)
    assert (log.event, body["event"]) == (name, name)


def test_a_disabled_endpoint_is_announced_to_the_others_and_in_the_feed(cloud: Cloud):
    set_url(cloud)
    create(cloud, OTHER, "webhook_endpoint.disabled")
    cloud.sender.script_of[URL] = [DeliveryError("no response")] * 100
    for _ in range(DISABLE_AFTER.days):
        send_test(cloud)
        cloud.run(for_s=DAY_S)
    assert received(cloud, OTHER) == []
    send_test(cloud)
    cloud.run(for_s=60)
    disabled = cloud.gateway.webhook_endpoints.get(EndpointKey(MERCHANT_ID))
    assert disabled.disabled_at is not None
    (body,) = received(cloud, OTHER)
    (event,) = feed(cloud)
    assert body["data"]["webhook_endpoint"]["id"] == "default"
    assert json.loads(event.body) == body
    assert (event.name, event.payment_id) == (EventName.WEBHOOK_ENDPOINT_DISABLED, None)
    assert "secret" not in event.body


def test_the_default_endpoint_cannot_be_deleted_or_a_missing_one_changed(cloud: Cloud):
    with pytest.raises(BadRequestError):
        cloud.gateway.webhook_endpoints.delete(EndpointKey(MERCHANT_ID))
    missing = EndpointKey(MERCHANT_ID, "we_A1b2C3d4E5f6G7h8")
    for change in (
        lambda: cloud.gateway.webhook_endpoints.delete(missing),
        lambda: cloud.gateway.webhook_endpoints.change(missing, {"payload": PayloadFormat.THIN}),
        lambda: cloud.gateway.webhook_endpoints.regenerate_secret(missing),
        lambda: cloud.gateway.webhook_endpoints.get(missing),
    ):
        with pytest.raises(NotFoundError):
            change()


def test_the_health_contains_the_attempts_of_a_day(cloud: Cloud):
    endpoint = create(cloud, OTHER, "payment.success")
    cloud.sender.script = [500, 200, 200, 200]
    for _ in range(3):
        paid(cloud)
    cloud.run(for_s=300)
    health = cloud.gateway.webhook_endpoints.health_of(key(endpoint))
    assert (health.success_rate_24h, health.latency_ms_24h) == (0.75, 0)
    assert health.last_success_at is not None
    assert health.last_failure_at is not None
    assert health.last_success_at > health.last_failure_at
