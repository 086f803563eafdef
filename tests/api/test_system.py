"""``/health`` and the test merchant of non-production stages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from chalicelib.services.onboarding import TEST_MERCHANT_ID
from chalicelib.store.database import Database
from chalicelib.store.merchants import MerchantRow
from tests.api.client import TIME, Api, Http, Json, assert_error, shown
from tests.cloud import Cloud


class Silent:
    """A service that does not answer."""

    def __getattr__(self, _operation: str) -> Any:
        raise ConnectTimeoutError(endpoint_url="https://silent.example")


def with_services(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, services: Mapping[str, Any] | None = None
) -> None:
    """Replace the health check with one that has an empty cache and uses ``services`` instead of AWS."""
    client = cloud.gateway.health.client
    health = replace(cloud.gateway.health, client=lambda name: (services or {}).get(name) or client(name))
    gateway = replace(cloud.gateway)
    gateway.health = health
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: gateway)


def health_after(cloud: Cloud, http: Http, wait_s: float) -> Json:
    cloud.time.shift(wait_s)
    health: Json = shown(http.get("/health"))
    return health


@pytest.fixture(autouse=True)
def _empty_cache(cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    with_services(cloud, monkeypatch)


def empty(cloud: Cloud, queue_url: str) -> None:
    """Delete the queue's message, visible or not."""
    cloud.time.shift(3600)
    (message,) = cloud.sqs.receive_message(QueueUrl=queue_url)["Messages"]
    cloud.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def job(cloud: Cloud) -> Iterator[str]:
    """The URL of a queue with one visible job."""
    url = cloud.gateway.settings.queues.refunds.jobs
    cloud.sqs.send_message(QueueUrl=url, MessageBody="waits")
    yield url
    empty(cloud, url)


def test_a_working_stage_is_healthy(http: Http):
    assert shown(http.get("/health")) == {
        "status": "healthy",
        "database": "connected",
        "queue": "connected",
        "worker": "running",
        "timestamp": TIME,
    }


def test_a_check_sends_one_request_for_each_queue_and_none_to_a_control_plane(
    http: Http, aws_requests: list[str]
):
    shown(http.get("/health"))
    assert sorted(aws_requests) == ["GetItem", *["GetQueueAttributes"] * 4]


def test_a_healthy_response_is_cached_for_half_a_minute(cloud: Cloud, http: Http, aws_requests: list[str]):
    first = shown(http.get("/health"))
    asked = len(aws_requests)
    for wait_s in (0, 1, 28.9):
        assert health_after(cloud, http, wait_s) == first, "the timestamp must be the time of the check"
    assert len(aws_requests) == asked
    assert health_after(cloud, http, 0.1)["timestamp"] != first["timestamp"]
    assert len(aws_requests) == 2 * asked


def test_many_requests_run_one_check(http: Http, aws_requests: list[str]):
    for _ in range(50):
        shown(http.get("/health"))
        assert http.request("HEAD", "/health").status_code == 200
    assert len(aws_requests) == 5


def test_a_clock_set_back_does_not_cache_a_response_permanently(
    cloud: Cloud, http: Http, aws_requests: list[str]
):
    shown(http.get("/health"))
    health_after(cloud, http, -3600)
    assert len(aws_requests) == 10


def test_an_unhealthy_response_is_cached_for_only_a_few_seconds(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch
):
    services = {"sqs": Silent()}
    with_services(cloud, monkeypatch, services)
    assert shown(http.get("/health"))["status"] == "degraded"
    services.clear()
    assert health_after(cloud, http, 4.9)["status"] == "degraded"
    assert health_after(cloud, http, 0.2)["status"] == "healthy"


def test_jobs_not_received_for_one_minute_show_stopped_workers(cloud: Cloud, http: Http, job: str):
    assert shown(http.get("/health"))["worker"] == "running", "the job may be new"
    for _ in range(11):
        assert health_after(cloud, http, 5)["worker"] == "running"
    health = health_after(cloud, http, 5)
    assert (health["status"], health["queue"], health["worker"]) == ("degraded", "connected", "stopped")
    cloud.sqs.receive_message(QueueUrl=job)
    assert health_after(cloud, http, 5)["worker"] == "running", "a worker has received the job"


def test_a_check_of_long_ago_does_not_show_stopped_workers(cloud: Cloud, http: Http, job: str):
    shown(http.get("/health"))
    assert health_after(cloud, http, 3600)["worker"] == "running", "the jobs may be different ones"


def test_delayed_jobs_do_not_show_stopped_workers(cloud: Cloud, http: Http):
    url = cloud.gateway.settings.queues.payments.jobs
    cloud.sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
    for _ in range(20):
        assert health_after(cloud, http, 30)["worker"] == "running"
    empty(cloud, url)


def test_a_queue_that_does_not_respond_is_disconnected(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch
):
    with_services(cloud, monkeypatch, {"sqs": Silent()})
    health = shown(http.get("/health"))
    assert (health["status"], health["database"]) == ("degraded", "connected")
    assert (health["queue"], health["worker"]) == ("disconnected", "stopped")


def test_a_database_that_does_not_respond_is_disconnected(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cloud.gateway.merchants.merchants, "_table", Database().bind(MerchantRow, "none"))
    health = shown(http.get("/health"))
    assert (health["status"], health["database"]) == ("degraded", "disconnected")
    assert (health["queue"], health["worker"]) == ("connected", "running")


def test_the_test_merchant_is_returned_without_secrets(anonymous: Api):
    assert shown(anonymous.get("/test/merchant")) == {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "email": "test@example.com",
        "api_key": "key_test_abc123",
        "seeded": True,
    }


@pytest.mark.parametrize("stage", ["prod", "production", "live", "prod-eu", "staging"])
def test_the_test_merchant_does_not_exist_in_production(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch, stage: str
):
    production = replace(cloud.gateway, settings=replace(cloud.gateway.settings, stage=stage))
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: production)
    response = http.get("/api/v1/test/merchant")
    assert_error(response, 404, "NOT_FOUND_ERROR", "Route not found")


def test_seeding_again_changes_nothing(cloud: Cloud):
    cloud.gateway.webhook_endpoints.set_url(TEST_MERCHANT_ID, "https://kept.example/")
    before = cloud.gateway.onboarding.test_merchant()
    cloud.time.shift(1)
    assert cloud.gateway.onboarding.seed_test_merchant() is False
    assert cloud.gateway.onboarding.test_merchant() == before
