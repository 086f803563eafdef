"""``/webhooks/{id}``, ``/webhooks/test`` and ``/webhooks/secret/regenerate``."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from chalicelib.domain.kept_response import MAX_KEPT_BODY_BYTES, MAX_KEPT_HEADERS
from chalicelib.webhooks.http import DeliveryError, HttpResponse
from tests.api.client import TIME, Api, Json, assert_bad_request, assert_error, made, shown
from tests.api.webhooks import listed, set_url, url_of
from tests.cloud import Cloud

SENT = {
    "Accept",
    "Content-Type",
    "User-Agent",
    "X-Webhook-Signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
}
LONGEST = "x" * MAX_KEPT_BODY_BYTES


def answered(
    body: bytes, *, headers: Mapping[str, str] | None = None, truncated: bool = False
) -> HttpResponse:
    return HttpResponse(code=200, headers=headers or {}, body=body, truncated=truncated)


@pytest.fixture(autouse=True)
def _no_pending_webhooks(cloud: Cloud) -> None:
    """Deliver the pending webhooks of this module's other tests."""
    cloud.run(for_s=15)
    cloud.sender.delivered.clear()
    cloud.time.move_to("2026-03-14T15:09:26Z")


def send_test(cloud: Cloud, merchant: Api) -> Json:
    """Send a test event and return its log after the first attempt."""
    set_url(merchant)
    log = made(merchant.post("/webhooks/test"))
    cloud.run()
    return shown(merchant.get(f"/webhooks/{log['id']}"))


def test_a_test_event_is_a_regular_webhook(cloud: Cloud, merchant: Api):
    set_url(merchant)
    log = made(merchant.post("/webhooks/test"))
    assert log == {"id": log["id"], "event": "webhook.test", "status": "pending"}
    cloud.run()
    [sent] = cloud.sender.delivered
    assert (sent.url, sent.headers["webhook-id"]) == (url_of(merchant), log["id"])
    assert json.loads(sent.body)["data"]["payment"]["status"] == "success"


def test_a_test_event_requested_twice_with_one_key_is_sent_once(cloud: Cloud, merchant: Api):
    set_url(merchant)
    first, again = (merchant.post("/webhooks/test", key="k") for _ in range(2))
    assert made(first) == made(again)
    assert again.headers["Idempotent-Replayed"] == "true"
    cloud.run()
    assert len(cloud.sender.delivered) == 1
    assert made(merchant.post("/webhooks/test", key="another"))["id"] != made(first)["id"]


def test_a_test_event_without_a_url_is_rejected(merchant: Api):
    response = merchant.post("/webhooks/test")
    assert_bad_request(response, "Webhook URL is not configured", "webhook_url")
    assert listed(merchant) == []


def test_a_log_contains_its_list_fields_its_body_and_its_attempts(cloud: Cloud, merchant: Api):
    log = send_test(cloud, merchant)
    [sent] = cloud.sender.delivered
    [line] = listed(merchant)
    [attempt] = log.pop("attempt_log")
    body = sent.body.decode()
    assert log == {**line, "body": body, "payload": json.loads(body)}
    headers = attempt.pop("request_headers")
    assert headers.keys() == SENT
    assert headers.items() <= sent.headers.items()
    assert attempt == {
        "at": TIME,
        "trigger": "scheduled",
        "url": url_of(merchant),
        "latency_ms": 0,
        "response_code": 200,
        "response_headers": {"Content-Type": "text/plain"},
        "response_body": "thanks",
        "response_truncated": False,
        "response_headers_truncated": False,
        "error": None,
    }


def test_an_attempt_without_a_response_has_an_error(cloud: Cloud, merchant: Api):
    cloud.sender.script = [DeliveryError("no complete response within 5 s")]
    [attempt] = send_test(cloud, merchant)["attempt_log"]
    assert attempt["error"] == "no complete response within 5 s"
    answer = ("response_code", "response_headers", "response_body")
    assert [attempt[name] for name in answer] == [None] * 3


@pytest.mark.parametrize(
    ("answer", "kept", "is_cut"),
    [
        (answered(LONGEST.encode()), LONGEST, False),
        (answered(LONGEST.encode() + b"x"), LONGEST, True),
        (answered(b"short", truncated=True), "short", True),
        (answered(b"\xff\x00"), "\ufffd\x00", False),
    ],
    ids=["complete", "long", "truncated by the reader", "binary"],
)
def test_a_long_response_body_is_truncated_and_marked(
    cloud: Cloud, merchant: Api, answer: HttpResponse, kept: str, is_cut: bool
):
    cloud.sender.script = [answer]
    [attempt] = send_test(cloud, merchant)["attempt_log"]
    assert (attempt["response_body"], attempt["response_truncated"]) == (kept, is_cut)


def test_too_many_response_headers_are_truncated(cloud: Cloud, merchant: Api):
    headers = {f"X-{number}": "v" * 10_000 for number in range(1_000)}
    cloud.sender.script = [answered(b"", headers=headers)]
    [attempt] = send_test(cloud, merchant)["attempt_log"]
    assert 0 < len(attempt["response_headers"]) <= MAX_KEPT_HEADERS
    assert attempt["response_headers_truncated"]
    assert not attempt["response_truncated"]
    assert all(len(value) == 200 for value in attempt["response_headers"].values())


def test_a_retry_keeps_the_earlier_attempts(cloud: Cloud, merchant: Api):
    cloud.sender.script = [500]
    log = send_test(cloud, merchant)
    cloud.time.shift(1)
    shown(merchant.post(f"/webhooks/{log['id']}/retry"))
    cloud.run()
    after = shown(merchant.get(f"/webhooks/{log['id']}"))
    assert (after["status"], after["attempts"]) == ("success", 1)
    assert [(one["trigger"], one["response_code"]) for one in after["attempt_log"]] == [
        ("scheduled", 500),
        ("manual", 200),
    ]


def test_a_log_of_another_merchant_has_the_same_error_as_an_unknown_log(
    cloud: Cloud, merchant: Api, stranger: Api
):
    log = send_test(cloud, merchant)
    for log_id in (log["id"], "00000000-0000-0000-0000-000000000000", "none", "x" * 3_000):
        response = stranger.get(f"/webhooks/{log_id}")
        assert_error(response, 404, "NOT_FOUND_ERROR", "Webhook log not found")


def test_both_secrets_sign_for_one_day(cloud: Cloud, merchant: Api):
    old = shown(merchant.get("/webhooks/config"))["webhook_secret"]
    new = shown(merchant.post("/webhooks/secret/regenerate"))["webhook_secret"]
    assert new not in {old, ""}
    assert shown(merchant.get("/webhooks/config"))["webhook_secret"] == new
    send_test(cloud, merchant)
    cloud.time.shift(timedelta(hours=24))
    send_test(cloud, merchant)
    during, after = (sent for sent in cloud.sender.delivered if sent.url == url_of(merchant))
    assert [len(sent.headers["webhook-signature"].split()) for sent in (during, after)] == [2, 1]
    Webhook(new).verify(after.body, dict(after.headers))


def test_a_disabled_endpoint_has_a_reason_until_its_url_is_saved(cloud: Cloud, merchant: Api):
    set_url(merchant)
    cloud.sender.script = [500] * 100
    for _ in range(6):
        made(merchant.post("/webhooks/test"))
        cloud.run(for_s=timedelta(days=1).total_seconds())
    config = shown(merchant.get("/webhooks/config"))
    assert config["disabled_at"] == "2026-03-19T15:09:26.000Z"
    assert config["disabled_reason"] == (
        "Nearly all webhooks failed since 2026-03-14T15:00:00.000Z. Save the URL to enable webhooks again."
    )
    set_url(merchant)
    config = shown(merchant.get("/webhooks/config"))
    assert (config["disabled_at"], config["disabled_reason"]) == (None, None)
