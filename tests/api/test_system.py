"""``/health``, and the test merchant outside production."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from chalicelib.services.onboarding import TEST_MERCHANT_ID
from chalicelib.store.database import Database
from chalicelib.store.tables import MerchantRow
from tests.api.client import TIME, Api, Http, assert_error, shown
from tests.cloud import Cloud


class Lambda:
    """A Lambda service whose event sources are all in ``state``."""

    def __init__(self, state: str) -> None:
        self.state = state

    def list_event_source_mappings(self, **_which: Any) -> dict[str, Any]:
        return {"EventSourceMappings": [{"State": self.state}]}


class Silent:
    """A service that does not answer."""

    def __getattr__(self, _operation: str) -> Any:
        raise ConnectTimeoutError(endpoint_url="https://silent.example")


def with_services(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, **services: Any) -> None:
    """Let the gateway's health check ask ``services`` in place of AWS."""
    health = replace(cloud.gateway.health, client=lambda name: services.get(name) or cloud.sqs)
    gateway = replace(cloud.gateway, health=health)
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: gateway)


@pytest.mark.parametrize("state", ["Enabled", "Enabling", "Updating", "Creating"])
def test_all_is_healthy(cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch, state: str):
    with_services(cloud, monkeypatch, **{"lambda": Lambda(state)})
    assert shown(http.get("/health")) == {
        "status": "healthy",
        "database": "connected",
        "queue": "connected",
        "worker": "running",
        "timestamp": TIME,
    }


@pytest.mark.parametrize("state", ["Disabled", "Disabling", "Deleting"])
def test_workers_that_are_switched_off_show_as_stopped(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch, state: str
):
    with_services(cloud, monkeypatch, **{"lambda": Lambda(state)})
    health = shown(http.get("/health"))
    assert (health["status"], health["queue"], health["worker"]) == ("degraded", "connected", "stopped")


def test_a_queue_that_does_not_answer_shows_as_disconnected(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch
):
    with_services(cloud, monkeypatch, sqs=Silent(), **{"lambda": Lambda("Enabled")})
    health = shown(http.get("/health"))
    assert (health["status"], health["database"]) == ("degraded", "connected")
    assert (health["queue"], health["worker"]) == ("disconnected", "stopped")


def test_a_database_that_does_not_answer_shows_as_disconnected(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch
):
    with_services(cloud, monkeypatch, **{"lambda": Lambda("Enabled")})
    monkeypatch.setattr(cloud.gateway.merchants.merchants, "_table", Database().bind(MerchantRow, "none"))
    health = shown(http.get("/health"))
    assert (health["status"], health["database"]) == ("degraded", "disconnected")
    assert (health["queue"], health["worker"]) == ("connected", "running")


def test_the_test_merchant_is_shown_without_its_secrets(anybody: Api):
    assert shown(anybody.get("/test/merchant")) == {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "email": "test@example.com",
        "api_key": "key_test_abc123",
        "seeded": True,
    }


@pytest.mark.parametrize("stage", ["prod", "production", "live", "prod-eu", "staging"])
def test_there_is_no_test_merchant_in_production(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch, stage: str
):
    production = replace(cloud.gateway, settings=replace(cloud.gateway.settings, stage=stage))
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: production)
    response = http.get("/api/v1/test/merchant")
    assert_error(response, 404, "NOT_FOUND_ERROR", "Route not found")


def test_seeding_again_changes_nothing(cloud: Cloud):
    cloud.gateway.merchants.set_webhook_url(TEST_MERCHANT_ID, "https://kept.example/")
    before = cloud.gateway.onboarding.test_merchant()
    cloud.time.shift(1)
    assert cloud.gateway.onboarding.seed_test_merchant() is False
    assert cloud.gateway.onboarding.test_merchant() == before
