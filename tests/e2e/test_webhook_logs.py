"""Webhook logs with attempts, test events and secret rotation."""

import hashlib
import hmac
import json
import re
from datetime import datetime
from functools import partial

import pytest

from chalicelib.domain.kept_response import MAX_KEPT_BODY_BYTES
from infra.local.receiver import Behaviour, Receiver
from tests.e2e.api import UNREACHABLE_URL, Api, Json, assert_error, eventually

pytestmark = pytest.mark.contract("5")
LINE = {
    "id",
    "endpoint_id",
    "event",
    "payment_id",
    "amount",
    "currency",
    "status",
    "retrying",
    "attempts",
    "created_at",
    "last_attempt_at",
    "next_retry_at",
    "response_code",
    "error",
}
ATTEMPT = {
    "at",
    "trigger",
    "url",
    "request_headers",
    "latency_ms",
    "response_code",
    "response_headers",
    "response_body",
    "response_truncated",
    "response_headers_truncated",
    "error",
}
SENT = {
    "Accept",
    "Content-Type",
    "User-Agent",
    "X-Webhook-Signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
}


@pytest.fixture
def receiver(merchant):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        yield receiver


def send_test(merchant: Api) -> str:
    """Send a test event and return the id of its log."""
    response = merchant.post("/webhooks/test")
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def log_of(merchant: Api, log_id: str, *, attempts: int) -> Json:
    """Wait until the log has that many attempts, and return it."""

    def probe() -> Json | None:
        response = merchant.get(f"/webhooks/{log_id}")
        assert response.status_code == 200, response.text
        log: Json = response.json()
        # The attempt is written first, then the log. A manual retry sets its number of attempts to 0.
        return log if log["attempts"] and len(log["attempt_log"]) >= attempts else None

    log: Json = eventually(probe)
    return log


@pytest.mark.contract("5", "GET /webhooks/{log_id}")
def test_a_log_contains_the_request_and_the_response(merchant, receiver):
    log = log_of(merchant, send_test(merchant), attempts=1)
    [delivery] = receiver.deliveries
    assert log.keys() == LINE | {"payload", "body", "attempt_log"}
    assert (log["event"], log["status"], log["attempts"]) == ("webhook.test", "success", 1)
    assert (log["response_code"], log["next_retry_at"]) == (200, None)
    assert log["body"].encode() == delivery.body
    assert log["payload"] == json.loads(delivery.body)
    [attempt] = log["attempt_log"]
    assert attempt.keys() == ATTEMPT
    assert (attempt["trigger"], attempt["url"], attempt["error"]) == ("scheduled", receiver.url, None)
    assert (attempt["response_code"], attempt["response_body"]) == (200, "200\n")
    assert attempt["response_truncated"] is False
    assert "Content-Type" in attempt["response_headers"]
    assert attempt["request_headers"].keys() == SENT
    for name, value in attempt["request_headers"].items():
        assert delivery.headers[name] == value
    assert attempt["at"] == log["last_attempt_at"]
    assert 0 <= attempt["latency_ms"] < 5_000


def test_a_log_keeps_failed_attempts_and_their_triggers(merchant, receiver):
    receiver.behaviour = Behaviour(status=503)
    log_id = send_test(merchant)
    log_of(merchant, log_id, attempts=1)
    merchant.send_webhooks_to(UNREACHABLE_URL)
    merchant.post(f"/webhooks/{log_id}/retry")
    log_of(merchant, log_id, attempts=2)
    receiver.behaviour = Behaviour()
    merchant.send_webhooks_to(receiver.url)
    merchant.post(f"/webhooks/{log_id}/retry")
    log = log_of(merchant, log_id, attempts=3)
    assert [(one["trigger"], one["response_code"], one["url"]) for one in log["attempt_log"]] == [
        ("scheduled", 503, receiver.url),
        ("manual", None, UNREACHABLE_URL),
        ("manual", 200, receiver.url),
    ]
    assert [one["error"] for one in log["attempt_log"]] == [None, "could not connect", None]
    assert (log["status"], log["attempts"]) == ("success", 1)
    times = [datetime.fromisoformat(one["at"]) for one in log["attempt_log"]]
    assert times == sorted(times)


def test_a_long_response_body_is_truncated_and_marked(merchant, receiver):
    receiver.behaviour = Behaviour(body="endless")
    [attempt] = log_of(merchant, send_test(merchant), attempts=1)["attempt_log"]
    assert len(attempt["response_body"]) == MAX_KEPT_BODY_BYTES
    assert attempt["response_truncated"] is True


@pytest.mark.contract("3", "NOT_FOUND_ERROR")
@pytest.mark.parametrize("log_id", ["00000000-0000-4000-8000-000000000000", "nonsense", "x" * 300])
def test_an_unknown_log_is_not_found(merchant, log_id):
    assert_error(merchant.get(f"/webhooks/{log_id}"), 404, "NOT_FOUND_ERROR", "Webhook log not found")


@pytest.mark.contract("5", "GET /webhooks")
def test_the_list_can_be_filtered_by_event_and_status_with_a_total(merchant):
    """Of four webhooks, one has failed and three are delivered."""
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        receiver.behaviour = Behaviour(status=410)
        gone = send_test(merchant)
        log_of(merchant, gone, attempts=1)
        receiver.behaviour = Behaviour()
        merchant.payment()
        eventually(partial(has_total, merchant, "status=success", 3))
    found = {log["id"]: log for log in merchant.pages("/webhooks")}
    assert len(found) == 4
    for query in ("event=webhook.test", "status=failed", "event=webhook.test&status=failed"):
        assert merchant.pages("/webhooks", query) == [found[gone]]
        eventually(partial(has_total, merchant, query, 1))
    assert {log["id"] for log in merchant.pages("/webhooks", "status=success")} == found.keys() - {gone}
    [success] = merchant.pages("/webhooks", "event=payment.success")
    assert success == found[success["id"]]
    both = merchant.get("/webhooks?event=webhook.test&status=success").json()
    assert (both["data"], both["total"]) == ([], 0)


def has_total(merchant: Api, query: str, total: int) -> bool:
    """Whether the list reports that total."""
    return bool(merchant.get(f"/webhooks?{query}").json()["total"] == total)


@pytest.mark.parametrize(
    ("query", "field"), [("status=done", "status"), ("event=payment.lost", "event"), ("status=", "status")]
)
def test_an_invalid_filter_value_is_rejected(merchant, query, field):
    error = assert_error(merchant.get(f"/webhooks?{query}"), 400, "BAD_REQUEST_ERROR", field=field)
    assert error["description"].startswith(f"{field} must be one of ")


def test_pages_contain_every_log_once_when_new_ones_arrive(merchant, receiver):
    made = [send_test(merchant) for _ in range(5)]
    eventually(lambda: len(merchant.logs()) == 5)
    first = merchant.get("/webhooks?limit=2").json()
    send_test(merchant)
    rest = merchant.pages("/webhooks", f"limit=2&cursor={first['next_cursor']}")
    assert [log["id"] for log in first["data"] + rest] == [log["id"] for log in merchant.logs()][1:]
    assert {log["id"] for log in first["data"] + rest} == set(made)


@pytest.mark.contract("5", "POST /webhooks/test")
@pytest.mark.contract("8", "webhook.test")
def test_a_test_event_is_a_regular_signed_webhook(merchant, receiver):
    response = merchant.post("/webhooks/test")
    assert response.status_code == 201
    log = response.json()
    assert log == {"id": log["id"], "event": "webhook.test", "status": "pending"}
    [delivery] = receiver.wait_for("webhook.test")
    assert delivery.verified
    assert delivery.webhook_id == log["id"]
    assert {"id", "order_id", "amount", "currency", "method", "status"} <= delivery.payload["data"][
        "payment"
    ].keys()


@pytest.mark.contract("3", "BAD_REQUEST_ERROR")
def test_a_test_event_without_a_url_is_rejected(merchant):
    response = merchant.post("/webhooks/test")
    assert_error(response, 400, "BAD_REQUEST_ERROR", "Webhook URL is not configured", "webhook_url")
    assert merchant.logs() == []


@pytest.mark.contract("5", "POST /webhooks/secret/regenerate")
@pytest.mark.contract("8")
def test_after_a_rotation_both_secrets_sign_and_the_plain_signature_uses_the_new_one(merchant):
    old = merchant.get("/webhooks/config").json()["webhook_secret"]
    response = merchant.post("/webhooks/secret/regenerate")
    assert response.status_code == 200
    new = response.json()["webhook_secret"]
    assert response.json() == {"webhook_secret": new}
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", new)
    assert new != old
    assert merchant.get("/webhooks/config").json()["webhook_secret"] == new
    with Receiver(secret=new) as receiver:
        merchant.send_webhooks_to(receiver.url)
        send_test(merchant)
        [delivery] = receiver.wait_for("webhook.test")
    assert delivery.verified
    signatures = delivery.headers["webhook-signature"].split(" ")
    assert len(signatures) == 2
    assert all(re.fullmatch(r"v1,[A-Za-z0-9+/]{43}=", signature) for signature in signatures)
    assert delivery.headers["X-Webhook-Signature"] == plain_signature(new, delivery.body)
    with Receiver(secret=old) as receiver:
        merchant.send_webhooks_to(receiver.url)
        send_test(merchant)
        [delivery] = receiver.wait_for("webhook.test")
    assert delivery.problem == "X-Webhook-Signature is not that of this body and secret"


def plain_signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
