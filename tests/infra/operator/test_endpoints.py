"""The operator's commands for webhook endpoints, from the command line to the row."""

import re

import pytest

from chalicelib.domain.webhook_endpoint import EndpointKey
from infra.__main__ import main
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import MERCHANT_ID, send_test, set_url

pytestmark = pytest.mark.usefixtures("deployed")

Capture = pytest.CaptureFixture[str]
URL = "https://erp.example/webhook"
MERCHANT = "test@example.com"


def run(action: str, *words: str) -> int:
    return main(["endpoint", action, MERCHANT, *words, "--stage", STAGE])


def created(capsys: Capture, *words: str) -> EndpointKey:
    """Create an endpoint and return its key."""
    assert run("create", URL, *words) == 0
    found = re.search(r"^we_\w{16}", capsys.readouterr().out)
    assert found
    return EndpointKey(MERCHANT_ID, found[0])


def test_a_new_endpoint_is_printed_with_its_secret_once(cloud: Cloud, capsys: Capture):
    assert run("create", URL, "--event", "payment.success", "--payload", "thin") == 0
    output = capsys.readouterr().out
    assert "thin" in output
    secret = output.split("Signing secret")[1].strip()
    (_default, endpoint) = cloud.gateway.webhook_endpoints.all(MERCHANT_ID)
    assert (endpoint.secret, set(endpoint.events)) == (secret, {"payment.success"})
    assert run("list") == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    assert [line.split()[0] for line in listed.splitlines()] == ["default", endpoint.id]
    assert "no attempts in 24 h" in listed


def test_an_endpoint_is_disabled_enabled_and_deleted(cloud: Cloud, capsys: Capture):
    key = created(capsys)
    assert run("disable", key.endpoint_id) == 0
    assert cloud.gateway.webhook_endpoints.get(key).disabled_at
    assert run("enable", key.endpoint_id) == 0
    assert not cloud.gateway.webhook_endpoints.get(key).disabled_at
    assert run("delete", key.endpoint_id) == 0
    assert len(cloud.gateway.webhook_endpoints.all(MERCHANT_ID)) == 1


def test_failed_webhooks_are_replayed(cloud: Cloud, capsys: Capture):
    set_url(cloud)
    cloud.sender.script = [410, 410]
    for _ in range(2):
        send_test(cloud)
    cloud.run(for_s=1)
    assert run("replay", "default", "--since", "1h") == 0
    assert capsys.readouterr().out == "2 webhooks replayed.\n"
    cloud.run(for_s=1)
    assert len(cloud.sender.delivered) == 4


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["enable", "we_A1b2C3d4E5f6G7h8"], "Webhook endpoint not found."),
        (["delete", "default"], "The default endpoint cannot be deleted."),
        (["create", "http://localhost/"], "webhook_url must not point to a private or internal address."),
        (["replay", "we_A1b2C3d4E5f6G7h8"], "Webhook endpoint not found."),
    ],
)
def test_an_invalid_request_has_a_reason(capsys: Capture, words: list[str], reason: str):
    assert run(*words) == 1
    assert reason in capsys.readouterr().err


def test_endpoints_are_not_listed_as_merchants(capsys: Capture):
    created(capsys)
    assert main(["merchant", "list", "--stage", STAGE]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
