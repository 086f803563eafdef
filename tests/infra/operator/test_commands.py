"""The command line: an error is one sentence that contains the solution."""

import argparse
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.__main__ import command_parser, main
from infra.errors import InfraError
from infra.local.ports import Ports
from infra.operator.deployment import Deployment, use_local_aws
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE

Capture = pytest.CaptureFixture[str]


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The subcommands of a parser."""
    below: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below.update(action.choices)
    return below


@pytest.mark.parametrize("name", commands(command_parser()))
def test_every_command_has_a_description(name: str, capsys: Capture):
    with pytest.raises(SystemExit) as exit_:
        main([name, "--help"])
    assert exit_.value.code == 0
    assert f"python -m infra {name}" in capsys.readouterr().out


def test_a_stage_that_is_not_deployed_is_an_error(capsys: Capture):
    with mock_aws():
        assert main(["doctor", "--stage", "staging"]) == 1
    assert (
        capsys.readouterr().err
        == "The stack payment-gateway-staging does not exist. Deploy the stage first.\n"
    )


def test_an_invalid_stage_name_is_an_error(capsys: Capture):
    assert main(["doctor", "--stage", "No Stage"]) == 1
    assert "is invalid: use 1 to 20 characters" in capsys.readouterr().err


def test_a_local_stage_that_does_not_run_is_an_error():
    port = Ports.free().aws
    with pytest.raises(InfraError, match=f"nothing listens on port {port}. Start it"):
        use_local_aws({"AWS_PORT": str(port)})


def test_a_configured_endpoint_is_not_changed():
    environment = {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_PROFILE": "mine"}
    use_local_aws(environment)
    assert environment == {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_PROFILE": "mine"}


def test_missing_credentials_are_an_error(monkeypatch: pytest.MonkeyPatch, capsys: Capture):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    assert main(["doctor", "--stage", "dev"]) == 1
    assert "AWS credentials not found" in capsys.readouterr().err


@pytest.mark.parametrize("event", ["payment.success", "webhook.test"])
def test_trigger_is_rejected_in_production(event: str, capsys: Capture):
    assert main(["trigger", event, "--stage", "prod"]) == 1
    assert "is not available on production stages" in capsys.readouterr().err


@pytest.mark.usefixtures("deployed")
class TestDeployed:
    """On a stage on moto."""

    @pytest.mark.parametrize("event", ["payment.failed", "refund.failed"])
    def test_a_triggered_failure_is_not_random(self, event: str, capsys: Capture):
        assert main(["trigger", event, "--stage", STAGE]) == 1
        assert "TEST_MODE=true" in capsys.readouterr().err

    def test_a_test_event_without_a_url_is_an_error(self, capsys: Capture):
        assert main(["trigger", "webhook.test", "--stage", STAGE]) == 1
        assert "has no webhook URL to test" in capsys.readouterr().err

    def test_an_unknown_merchant_is_an_error(self, capsys: Capture):
        assert main(["listen", "--stage", STAGE, "--merchant", "unknown"]) == 1
        assert "Merchant unknown does not exist in the stage dev" in capsys.readouterr().err

    def test_a_stage_of_another_version_is_an_error(self, deployed: Deployment, capsys: Capture):
        function: Any = boto3.client("lambda")
        function.update_function_configuration(
            FunctionName=f"payment-gateway-{STAGE}-api", Environment={"Variables": {"STAGE": STAGE}}
        )
        assert main(["merchant", "list", "--stage", STAGE]) == 1
        assert "TABLE_PREFIX is not set). Deploy the stage again" in capsys.readouterr().err


def test_production_has_no_default_merchant(cloud: Cloud, deployment: Deployment):
    production = Deployment(
        stage=type(deployment.stage)("prod"), aws=deployment.aws, outputs={}, gateway=cloud.gateway
    )
    with pytest.raises(InfraError, match="Specify a merchant"):
        production.merchant(None)
