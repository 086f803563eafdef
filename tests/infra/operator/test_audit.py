"""The audit events of the operator's commands: who changed what."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from infra.__main__ import main
from infra.operator.deployment import Deployment
from infra.operator.redrive import dead_letters
from tests.cloud import Cloud
from tests.infra.operator import conftest
from tests.infra.operator.conftest import STAGE
from tests.services.shop import MERCHANT_ID, paid

GROUP = "payment-gateway-dev-audit"
MERCHANT = "test@example.com"

Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def events(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Events:
    """A function that returns the events of a stage with an audit log."""
    environment = conftest._environment(deployment) | {"AUDIT_LOG_GROUP": GROUP}
    monkeypatch.setattr(conftest, "_environment", lambda _deployment: environment)
    conftest._make_stack(deployment.outputs)
    conftest._make_function(environment)
    logs: Any = boto3.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="operator")

    def read() -> list[dict[str, Any]]:
        lines = logs.get_log_events(logGroupName=GROUP, logStreamName="operator", startFromHead=True)
        return [json.loads(line["message"]) for line in lines["events"]]

    return read


def run(*words: str) -> None:
    assert main([*words, "--stage", STAGE]) == 0


def test_every_command_that_changes_a_merchant_is_recorded_with_its_caller(cloud: Cloud, events: Events):
    run("merchant", "roll", MERCHANT)
    run("merchant", "password", MERCHANT)
    run("merchant", "sign-out", MERCHANT)
    run("merchant", "deactivate", MERCHANT)
    run("merchant", "reactivate", MERCHANT)
    run("merchant", "acquirer", "set", MERCHANT, "--acquirer", "simulated", "--method", "upi")
    run("endpoint", "create", MERCHANT, "https://erp.example/webhook?token=t0ken")
    (_default, endpoint) = cloud.gateway.webhook_endpoints.all(MERCHANT_ID)
    run("endpoint", "disable", MERCHANT, endpoint.id)
    run("endpoint", "delete", MERCHANT, endpoint.id)
    found = events()
    assert [one["action"] for one in found] == [
        "api_secret.roll",
        "password.change",
        "sessions.end",
        "merchant.deactivate",
        "merchant.reactivate",
        "acquirer.set",
        "webhook_endpoint.create",
        "webhook_endpoint.change",
        "webhook_endpoint.delete",
    ]
    assert {one["merchant_id"] for one in found} == {MERCHANT_ID}
    assert {one["credential"] for one in found} == {"operator"}
    assert {one["actor"].split(":")[2] for one in found} <= {"sts", "iam"}
    assert [one.get("endpoint_id") for one in found[6:]] == [endpoint.id] * 3
    assert "t0ken" not in json.dumps(found)


def test_erasures_replays_and_redrives_are_recorded(
    cloud: Cloud, events: Events, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dead_letters, "WAIT_S", 0)  # moto waits for the time of the test to pass
    payment = paid(cloud)
    run("erase-buyer", "--payment", payment.id, "--dry-run")
    run("redrive", "payments", "--dry-run")
    assert events() == []
    run("erase-buyer", "--payment", payment.id)
    run("endpoint", "replay", MERCHANT, "default")
    run("redrive", "payments", "--limit", "1")
    erased, replayed, redriven = events()
    assert (erased["action"], erased["payment_id"]) == ("buyer.erase", payment.id)
    assert (replayed["action"], replayed["endpoint_id"]) == ("webhooks.replay", "default")
    assert erased["merchant_id"] == replayed["merchant_id"] == MERCHANT_ID
    assert (redriven["action"], redriven["queue"]) == ("dead_letters.redrive", "payments")
    assert redriven["merchant_id"] is None


def test_a_new_merchant_is_recorded(events: Events, capsys: pytest.CaptureFixture[str]):
    run("merchant", "create", "--name", "Acme", "--email", "ops@acme.example")
    (event,) = events()
    assert event["action"] == "merchant.create"
    assert event["merchant_id"] in capsys.readouterr().out


def test_reading_commands_are_not_recorded(events: Events):
    run("merchant", "list")
    run("merchant", "acquirer", "show", MERCHANT)
    run("endpoint", "list", MERCHANT)
    assert events() == []


def test_an_event_that_cannot_be_written_is_printed_and_the_change_is_made(
    cloud: Cloud, events: Events, capsys: pytest.CaptureFixture[str]
):
    boto3.client("logs").delete_log_group(logGroupName=GROUP)
    run("merchant", "deactivate", MERCHANT)
    assert "audit event not written" in capsys.readouterr().err
    merchant = cloud.gateway.onboarding.test_merchant()
    assert merchant
    assert merchant.deactivated_at
