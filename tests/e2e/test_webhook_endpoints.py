"""Several webhook endpoints of a merchant: subscriptions, thin payloads, secrets, replay and deletion."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.domain.event import EventName
from chalicelib.domain.webhook_endpoint import MAX_ENDPOINTS
from infra.local.receiver import Behaviour, Receiver
from tests.e2e.api import Api, Json, assert_error, eventually

pytestmark = pytest.mark.contract("12")
PATH = "/webhooks/endpoints"


@contextmanager
def receiving(merchant: Api, **fields: Any) -> Iterator[tuple[Json, Receiver]]:
    """A new endpoint, and its receiver, which verifies signatures with the endpoint's secret."""
    created = merchant.webhook_endpoint(**fields)
    with Receiver(secret=created["secret"]) as receiver:
        assert merchant.patch(f"{PATH}/{created['id']}", {"url": receiver.url}).status_code == 200
        yield created, receiver


@pytest.mark.contract("12", f"GET {PATH}", f"POST {PATH}", f"GET {PATH}/{{endpoint_id}}")
def test_a_new_endpoint_is_listed_after_the_default_one(merchant):
    created = merchant.webhook_endpoint(
        events=["refund.failed", "payment.success"], payload="thin", description="ERP"
    )
    secret = created.pop("secret")
    assert secret.startswith("whsec_")
    assert created == {
        "id": created["id"],
        "url": "http://localhost:9/webhook",
        "events": ["payment.success", "refund.failed"],
        "payload": "thin",
        "description": "ERP",
        "status": "enabled",
        "health": {
            "last_success_at": None,
            "last_failure_at": None,
            "success_rate_24h": None,
            "latency_ms_24h": None,
            "disabled_at": None,
            "disabled_reason": None,
            "reason": None,
        },
    }
    default, listed = merchant.get(PATH).json()["data"]
    assert listed == created == merchant.get(f"{PATH}/{created['id']}").json()
    assert (default["id"], default["url"], "webhook.test" in default["events"]) == ("default", None, True)
    assert merchant.get(f"{PATH}/default").json() == default


@pytest.mark.contract("12", f"POST {PATH}")
def test_each_endpoint_receives_its_events_in_its_format(merchant):
    thin_events = {"events": ["payment.success"], "payload": "thin"}
    with merchant.receiver() as default, receiving(merchant, **thin_events) as (endpoint, receiver):
        merchant.send_webhooks_to(default.url)
        payment = merchant.paid()
        [received] = receiver.wait_for("payment.success")
        thin = json.loads(received.body)
        assert received.verified
        default.wait_for("payment.success")
    assert thin["data"] == {"payment": {"id": payment["id"]}}
    event = eventually(lambda: (read := merchant.get(f"/events/{thin['id']}")).ok and read.json())
    assert event["data"]["payment"]["id"] == payment["id"]
    own = eventually(
        lambda: merchant.get(f"/webhooks?endpoint_id={endpoint['id']}&status=success").json()["data"]
    )
    assert [(log["event"], log["endpoint_id"]) for log in own] == [("payment.success", endpoint["id"])]
    assert (own[0]["payment_id"], own[0]["amount"], own[0]["currency"]) == (payment["id"], 50_000, "INR")
    assert own[0]["retrying"] is False


@pytest.mark.contract("12", f"PATCH {PATH}/{{endpoint_id}}", f"DELETE {PATH}/{{endpoint_id}}")
def test_an_endpoint_is_changed_and_deleted(merchant):
    created = merchant.webhook_endpoint()
    path = f"{PATH}/{created['id']}"
    changed = merchant.patch(path, {"status": "disabled", "description": "Off"}).json()
    assert (changed["status"], changed["description"]) == ("disabled", "Off")
    assert changed["health"]["disabled_reason"] == "requested"
    assert merchant.patch(path, {"status": "enabled"}).json()["status"] == "enabled"
    assert merchant.delete(path).json() == {"id": created["id"], "deleted": True}
    assert_error(merchant.get(path), 404, "NOT_FOUND_ERROR", "Webhook endpoint not found")
    assert merchant.delete(f"{PATH}/default").status_code == 400


@pytest.mark.contract("12", f"POST {PATH}/{{endpoint_id}}/secret/regenerate")
def test_both_secrets_sign_for_a_day(merchant):
    with receiving(merchant) as (created, receiver):
        regenerated = merchant.post(f"{PATH}/{created['id']}/secret/regenerate").json()
        assert regenerated["secret"] != created["secret"]
        merchant.post(f"{PATH}/{created['id']}/test")
        [received] = receiver.wait_for("webhook.test")
    assert len(received.headers["webhook-signature"].split()) == 2


@pytest.mark.contract("12", f"POST {PATH}/{{endpoint_id}}/test")
@pytest.mark.contract("8", "webhook_endpoint.disabled")
def test_a_sample_of_every_event_can_be_received(merchant):
    with receiving(merchant, events=["payment.success"]) as (created, receiver):
        for name in EventName:
            response = merchant.post(f"{PATH}/{created['id']}/test", {"event": name})
            assert (response.status_code, response.json()["event"]) == (201, name)
        for name in EventName:
            [received] = receiver.wait_for(name)
            assert received.verified
            assert json.loads(received.body)["event"] == name


@pytest.mark.contract("12", f"POST {PATH}/{{endpoint_id}}/replay")
def test_failed_webhooks_are_replayed(merchant):
    with receiving(merchant, events=["payment.success"]) as (created, receiver):
        receiver.behaviour = Behaviour(status=410)
        payment = merchant.paid()
        merchant.log_of("payment.success", lambda log: log["status"] == "failed")
        receiver.behaviour = Behaviour()
        since = payment["created_at"]
        replayed = merchant.post(f"{PATH}/{created['id']}/replay", {"since": since})
        assert replayed.json() == {"replayed": 1, "next_cursor": None}
        merchant.log_of("payment.success", lambda log: log["status"] == "success")
        assert merchant.post(f"{PATH}/{created['id']}/replay", {"since": since}).json()["replayed"] == 0
    health = eventually(
        lambda: (
            (found := merchant.get(f"{PATH}/{created['id']}").json()["health"])["last_success_at"] and found
        )
    )
    assert health["success_rate_24h"] == 0.5


def test_deliveries_to_a_deleted_endpoint_end(merchant):
    created = merchant.webhook_endpoint()
    merchant.post(f"{PATH}/{created['id']}/test")
    waiting = merchant.log_of("webhook.test", lambda log: log["retrying"])
    merchant.delete(f"{PATH}/{created['id']}")
    ended = merchant.log_of("webhook.test", lambda log: log["status"] == "failed")
    assert (ended["id"], ended["error"]) == (waiting["id"], "the webhook endpoint was deleted")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://shop.example/", "events": ["payment.won"]}, "events"),
        ({"url": "https://shop.example/", "events": []}, "events"),
        ({"url": "ftp://shop.example/"}, "url"),
        ({}, "url"),
        ({"url": "https://shop.example/", "payload": "small"}, "payload"),
        ({"url": "https://shop.example/", "webhook_url": "https://shop.example/"}, "webhook_url"),
    ],
)
def test_an_invalid_endpoint_is_rejected_with_the_field(merchant, body, field):
    response = merchant.post(PATH, body)
    assert (response.status_code, response.json()["error"]["field"]) == (400, field)
    assert len(merchant.get(PATH).json()["data"]) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [("endpoint_id=we_1", "endpoint_id"), ("event=payment.won", "event"), ("status=lost", "status")],
)
def test_a_filter_with_an_unknown_value_is_rejected(merchant, query, field):
    response = merchant.get(f"/webhooks?{query}")
    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


def test_a_seventeenth_endpoint_is_rejected(merchant):
    for _ in range(MAX_ENDPOINTS - 1):
        merchant.webhook_endpoint()
    response = merchant.post(PATH, {"url": "http://localhost:9/webhook"})
    assert_error(response, 400, "BAD_REQUEST_ERROR", "A merchant has at most 16 webhook endpoints")
    assert response.json()["error"]["field"] == "url"
