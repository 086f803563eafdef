"""The audit log: who used or changed the access to an account, from where, and with which result."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

import app
from chalicelib.api.request_record import MAX_USER_AGENT_CHARS
from chalicelib.services.audit import NOT_WRITTEN
from tests.api.client import PASSWORD, Api, Http, made, shown
from tests.api.conftest import take_in
from tests.api.test_http_api import http_event
from tests.cloud import CREDENTIALS, Cloud
from tests.cloud import cloud as new_cloud

GROUP = "payment-gateway-test-audit"
FROM = {"User-Agent": "shop/1.0"}

Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module", name="shared_cloud")
def _shared_cloud() -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        with new_cloud(RATE_LIMIT_PER_S="10000", AUDIT_LOG_GROUP=GROUP) as made_cloud:
            logs: Any = boto3.client("logs")
            logs.create_log_group(logGroupName=GROUP)
            logs.create_log_stream(logGroupName=GROUP, logStreamName="api")
            yield made_cloud


@pytest.fixture
def merchant(cloud: Cloud, http: Http, password_hash: str) -> Api:
    return take_in(cloud, http, password_hash)


@pytest.fixture
def events(cloud: Cloud) -> Events:
    """A function that returns the events that were written since its last call."""
    logs: Any = boto3.client("logs")
    seen = 0

    def read() -> list[dict[str, Any]]:
        nonlocal seen
        lines = logs.get_log_events(logGroupName=GROUP, logStreamName="api", startFromHead=True)["events"]
        new, seen = lines[seen:], len(lines)
        return [json.loads(line["message"]) for line in new]

    read()
    return read


def sign_in(merchant: Api, password: str) -> Any:
    body = {"email": merchant.email, "password": password}
    return merchant.anonymous.request("POST", "/sessions", body, headers=FROM)


def test_a_sign_in_and_a_wrong_password_name_the_merchant_and_the_sender(merchant: Api, events: Events):
    assert sign_in(merchant, "wrong").status_code == 401
    made(sign_in(merchant, PASSWORD))
    refused, succeeded = events()
    assert refused == {
        "at": "2026-03-14T15:09:26.000Z",
        "action": "session.create",
        "result": "refused",
        "status": 401,
        "error": "AUTHENTICATION_ERROR",
        "merchant_id": merchant.merchant_id,
        "credential": "password",
        "source_ip": "127.0.0.1",
        "user_agent": "shop/1.0",
        "route": "POST /api/v1/sessions",
    }
    assert (succeeded["result"], succeeded["status"]) == ("success", 201)
    assert succeeded["merchant_id"] == merchant.merchant_id


def test_attempts_above_the_limit_and_for_an_unknown_address_are_recorded(merchant: Api, events: Events):
    for _ in range(11):
        sign_in(merchant, "wrong")
    limited = events()[-1]
    assert (limited["status"], limited["merchant_id"]) == (429, merchant.merchant_id)
    merchant.anonymous.post("/sessions", {"email": "unknown@example.com", "password": "wrong"})
    (unknown,) = events()
    assert unknown["result"] == "refused"
    assert "merchant_id" not in unknown
    assert "unknown@example.com" not in str(unknown)  # could be a password in the wrong field


def test_every_change_of_access_is_recorded_with_its_kind_of_credential(merchant: Api, events: Events):
    shown(merchant.put("/webhooks/config", {"webhook_url": "https://shop.example/hook?token=t0ken"}))
    shown(merchant.post("/webhooks/secret/regenerate"))
    endpoint = made(merchant.post("/webhooks/endpoints", {"url": "https://other.example/"}))["id"]
    shown(merchant.patch(f"/webhooks/endpoints/{endpoint}", {"status": "disabled"}))
    shown(merchant.post(f"/webhooks/endpoints/{endpoint}/secret/regenerate"))
    shown(merchant.delete(f"/webhooks/endpoints/{endpoint}"))
    shown(merchant.put("/merchants/me/return-origins", {"origins": ["https://shop.example"]}))
    shown(merchant.put("/merchants/me/time-zone", {"time_zone": "Asia/Kolkata"}))
    by_key = events()
    session = merchant.bearing(made(sign_in(merchant, PASSWORD))["token"])
    passwords = {"current_password": PASSWORD, "new_password": f"{PASSWORD} 2"}
    shown(session.put("/merchants/me/password", passwords))
    shown(session.delete("/sessions/others"))
    secret = made(session.post("/merchants/me/api-secret"))
    shown(session.delete(f"/merchants/me/api-secret/previous?fingerprint={secret['previous_fingerprint']}"))
    shown(session.delete("/sessions/current"))
    by_session = events()[1:]
    assert [one["action"] for one in by_key] == [
        "webhook_url.change",
        "webhook_secret.regenerate",
        "webhook_endpoint.create",
        "webhook_endpoint.change",
        "webhook_secret.regenerate",
        "webhook_endpoint.delete",
        "return_origins.change",
        "time_zone.change",
    ]
    assert [one["action"] for one in by_session] == [
        "password.change",
        "sessions.end",
        "api_secret.roll",
        "api_secret.end_previous",
        "session.delete",
    ]
    assert {one["credential"] for one in by_key} == {"api_key"}
    assert {one["credential"] for one in by_session} == {"session"}
    assert {one["merchant_id"] for one in by_key + by_session} == {merchant.merchant_id}
    assert [one.get("endpoint_id") for one in by_key[2:6]] == [endpoint] * 4
    written = json.dumps(by_key + by_session)
    assert not [secret for secret in ("t0ken", PASSWORD, "whsec_", secret["api_secret"]) if secret in written]


def test_the_sender_of_an_http_api_is_recorded(cloud: Cloud, http: Http, events: Events):
    body = json.dumps({"email": "unknown@example.com", "password": "wrong"})
    headers = {"content-type": "application/json", "user-agent": "a" * 1_000}
    app.app(http_event("POST /api/v1/sessions", "POST", headers=headers, body=body), None)
    (event,) = events()
    assert (event["source_ip"], event["request_id"]) == ("192.0.2.1", "the-request")
    assert event["user_agent"] == "a" * MAX_USER_AGENT_CHARS


def test_a_refused_change_is_recorded(merchant: Api, events: Events):
    session = merchant.bearing(made(sign_in(merchant, PASSWORD))["token"])
    wrong = {"current_password": "wrong password", "new_password": f"{PASSWORD} 2"}
    assert session.put("/merchants/me/password", wrong).status_code == 400
    assert [(one["action"], one["result"]) for one in events()[1:]] == [("password.change", "refused")]


def test_reads_and_requests_without_valid_credentials_are_not_recorded(
    merchant: Api, anonymous: Api, events: Events
):
    shown(merchant.get("/webhooks/config"))
    merchant.payment()
    assert anonymous.put("/webhooks/config", {"webhook_url": None}).status_code == 401
    assert events() == []


def test_a_failure_of_the_log_does_not_fail_the_request_and_logs_the_event(
    merchant: Api, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    send = BaseClient._make_api_call

    def refuse(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "PutLogEvents":
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, operation)
        return send(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)
    shown(merchant.post("/webhooks/secret/regenerate"))
    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    (lost,) = [line for line in lines if line["message"] == NOT_WRITTEN]
    assert (lost["level"], lost["action"], lost["problem"]) == (
        "ERROR",
        "webhook_secret.regenerate",
        "ClientError",
    )
    assert lost["merchant_id"] == merchant.merchant_id


def test_an_audit_event_is_one_request_to_aws(merchant: Api, aws_requests: list[str]):
    shown(merchant.get("/merchants/me"))  # caches the merchant
    aws_requests.clear()
    shown(merchant.post("/webhooks/secret/regenerate"))
    assert aws_requests.count("PutLogEvents") == 1
    assert not [name for name in aws_requests if name.startswith(("Create", "Describe"))]
