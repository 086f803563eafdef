"""``/webhooks/endpoints/{endpoint_id}/lab``: checks of the server behind an endpoint."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.lab.check import CheckName
from chalicelib.domain.lab.checks import check_named
from chalicelib.webhooks.endpoint_lab import MAX_CHECKS
from tests.api.client import Api, Json, assert_bad_request, shown
from tests.api.webhooks import set_url, url_of
from tests.cloud import Cloud

LAB = "/webhooks/endpoints/default/lab"


def run(merchant: Api, check: str, **body: str) -> Json:
    return shown(merchant.post(LAB, {"check": check, **body}))


def test_the_checks_are_listed_in_their_order(merchant: Api):
    listed = shown(merchant.get(LAB))["data"]
    assert [one["check"] for one in listed] == [*CheckName]
    assert listed[0] == {
        "check": "valid",
        "purpose": "Accepts a valid webhook",
        "guide": "docs/webhooks.md#verify",
    }


def test_a_check_sends_signed_samples_to_the_url_and_returns_its_result(cloud: Cloud, merchant: Api):
    set_url(merchant)
    result = run(merchant, "duplicate")
    assert result == {
        "check": "duplicate",
        "purpose": "Accepts the same webhook twice",
        "guide": "docs/webhooks.md#twice",
        "status": "pass",
        "reason": "200 for a webhook, 200 for its duplicate",
        "advice": check_named(CheckName.DUPLICATE).advice,
        "latency_ms": result["latency_ms"],
    }
    first, again = cloud.sender.delivered
    assert (first.url, first.body) == (url_of(merchant), again.body)
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.headers["Content-Type"] == "application/json"


def test_a_check_leaves_no_webhook_log(cloud: Cloud, merchant: Api):
    set_url(merchant)
    run(merchant, "valid")
    cloud.run(for_s=10)
    assert shown(merchant.get("/webhooks"))["data"] == []


def test_a_failed_check_is_a_result(merchant: Api):
    set_url(merchant)
    failed = run(merchant, "unsigned")
    assert failed["status"] == "fail"
    assert failed["reason"] == "answered 200 to a webhook without a signature, expected 4xx"


def test_a_check_can_be_skipped_for_receivers_of_the_hex_signature(cloud: Cloud, merchant: Api):
    set_url(merchant)
    assert run(merchant, "old-timestamp", signature="hex")["status"] == "skip"
    assert cloud.sender.delivered == []


def test_an_endpoint_without_a_url_and_an_unknown_check_are_rejected(merchant: Api):
    refused = merchant.post(LAB, {"check": "valid"})
    assert_bad_request(refused, "The endpoint has no URL. Set one, and run the check again", "url")
    assert merchant.post(LAB, {"check": "speed"}).json_body["error"]["field"] == "check"
    assert merchant.post(LAB, {}).json_body["error"]["field"] == "check"


def test_a_merchant_has_a_limit_of_checks_per_hour(cloud: Cloud, merchant: Api, stranger: Api):
    for api in (merchant, stranger):
        set_url(api)
    attempts = cloud.gateway.stores.sessions
    window_ends_at = cloud.gateway.clock().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for _ in range(MAX_CHECKS - 1):
        attempts.count_attempt(f"receiver lab {merchant.merchant_id}", window_ends_at=window_ends_at)
    assert run(merchant, "valid")["status"] == "pass"
    sent = len(cloud.sender.delivered)
    refused = merchant.post(LAB, {"check": "valid"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3_601
    assert len(cloud.sender.delivered) == sent
    assert run(stranger, "valid")["status"] == "pass"
    cloud.time.shift(3_600)
    assert run(merchant, "valid")["status"] == "pass"


def test_the_lab_does_not_exist_in_production(cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch):
    set_url(merchant)
    lab = replace(cloud.gateway.endpoint_lab, is_production=True)
    monkeypatch.setattr(cloud.gateway, "endpoint_lab", lab)
    for response in (merchant.get(LAB), merchant.post(LAB, {"check": "valid"})):
        assert response.status_code == 404
        assert response.json_body["error"]["description"] == "Route not found"
    assert cloud.sender.delivered == []
