"""Settings are validated before packaging, so that a deployed stage starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.domain.stage import DEVELOPMENT_STAGES, LOCAL_STAGES
from chalicelib.settings import load_settings
from infra.__main__ import main
from infra.aws import Aws
from infra.deploy import packaging
from infra.deploy.preflight import require_local_endpoint, validate_settings
from infra.errors import InfraError
from infra.project import ROOT
from infra.stage import PASSED_VARIABLES, Stage
from infra.template import kept_logs, queues, tables
from infra.template.functions import environment

OUR_OWN = {
    "STAGE",
    "WEBHOOK_ALLOW_PRIVATE_ADDRESSES",
    *tables.environment(),
    *queues.environment(),
    *kept_logs.environment(Stage("prod")),
}
NONSENSE = ("nonsense", "-1", "1e999", "nan", " ", "9" * 30, "9" * 5000, "٣", "1_0")
WRONG = {
    "TEST_MODE": ("2", "maybe"),
    "UPI_SUCCESS_RATE": ("90", "1.01", "-0.1", "0,9", "90%", "inf"),
    "CARD_SUCCESS_RATE": ("95", "1.0001"),
    "CARD_CHALLENGE_RATE": ("95", "1.0001"),
    "LIST_SHARDS": ("0", "17", "1.5"),
    "REQUEST_LOG_DAYS": ("-1", "31", "7d"),
    "LOG_LEVEL": ("verbose", "TRACE", "10"),
    "PROCESSING_DELAY_MIN": ("20000", "10001", "5s"),
    "PROCESSING_DELAY_MAX": ("86400001",),
    "TEST_PROCESSING_DELAY": ("86400001", "1.5"),
    "RATE_LIMIT_PER_S": ("0", "10001"),
}
CASES = [(name, value) for name in PASSED_VARIABLES for value in (*NONSENSE, *WRONG.get(name, ()))]


class Recording(dict[str, str]):
    """An environment that records the variables that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def get(self, key, default=None):
        self.read.add(key)
        return super().get(key, default)


def variables_that_the_settings_read() -> set[str]:
    recording = Recording()
    recording.update(dict.fromkeys(OUR_OWN, "any") | {"WEBHOOK_ALLOW_PRIVATE_ADDRESSES": "false"})
    load_settings(recording)
    return recording.read


def test_every_variable_of_the_settings_is_passed_on_or_set_by_the_deployment():
    """Verifies that the following cases are complete."""
    assert variables_that_the_settings_read() == OUR_OWN | set(PASSED_VARIABLES)


@pytest.mark.parametrize("test_mode", ["true", "false"])
@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda text: ascii(text[:24]))
def test_the_error_for_an_invalid_value_contains_its_name(name: str, value: str, test_mode: str):
    with pytest.raises(InfraError, match=f"^{name} must ") as refused:
        validate_settings(Stage.of("dev", {"TEST_MODE": test_mode, name: value}))
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("UPI_SUCCESS_RATE", "90", "must be a number from 0 to 1, not '90'"),
        ("LIST_SHARDS", "0", "must be an integer from 1 to 16, not '0'"),
        ("LOG_LEVEL", "verbose", "must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'verbose'"),
        (
            "PROCESSING_DELAY_MIN",
            "20000",
            "must not be greater than PROCESSING_DELAY_MAX (10000), but is 20000",
        ),
        ("PROCESSING_DELAY_MAX", "soon", "must be an integer of milliseconds from 0 to 86400000, not 'soon'"),
        ("TEST_MODE", "maybe", "must be true or false, not 'maybe'"),
    ],
)
def test_the_error_contains_the_allowed_values(name: str, value: str, allowed: str):
    with pytest.raises(InfraError) as refused:
        validate_settings(Stage.of("dev", {name: value}))
    assert f"{name} {allowed}." in str(refused.value)


@pytest.mark.parametrize("maximum", ["0", "4999"])
def test_a_maximum_below_the_default_minimum_is_an_error_with_both_names(maximum: str):
    with pytest.raises(
        InfraError, match=f"PROCESSING_DELAY_MIN .* PROCESSING_DELAY_MAX .{maximum}., but is 5000"
    ):
        validate_settings(Stage.of("dev", {"PROCESSING_DELAY_MAX": maximum}))


@pytest.mark.parametrize("stage", ["prod", "production", "live", "prod-eu", "staging", "test2"])
def test_test_mode_is_rejected_in_every_stage_that_is_not_listed(stage: str):
    with pytest.raises(InfraError, match=f"TEST_MODE is refused in production: the stage {stage} is none of"):
        validate_settings(Stage.of(stage, {"TEST_MODE": "true"}))


@pytest.mark.parametrize("stage", sorted(DEVELOPMENT_STAGES))
def test_development_stages_can_have_test_mode(stage: str):
    validate_settings(Stage.of(stage, {"TEST_MODE": "true"}))


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_every_stage_starts_without_variables(stage: str):
    validate_settings(Stage(stage))


@pytest.mark.parametrize(("value", "level"), [("debug", "DEBUG"), ("Warning", "WARNING")])
def test_a_log_level_can_be_lower_case(value: str, level: str):
    known = {name: str(value) for name, value in environment(Stage.of("dev", {"LOG_LEVEL": value})).items()}
    assert load_settings(known).log_level == level


def test_nothing_is_packaged_with_invalid_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(packaging, "BUILD_DIR", tmp_path / "build")
    with pytest.raises(InfraError, match="LIST_SHARDS"):
        packaging.package(Stage.of("dev", {"LIST_SHARDS": "0"}))
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize(
    ("command", "stage", "variables", "named"),
    [
        ("deploy", "prod", {"TEST_MODE": "true"}, "TEST_MODE is refused in production"),
        ("deploy", "dev", {"LOG_LEVEL": "verbose"}, "LOG_LEVEL must be"),
        ("package", "dev", {"UPI_SUCCESS_RATE": "90"}, "UPI_SUCCESS_RATE must be"),
    ],
)
def test_the_command_prints_one_line_and_sends_no_request_to_aws(
    command: str, stage: str, variables: dict[str, str], named: str
):
    done = subprocess.run(
        [sys.executable, "-m", "infra", command, "--stage", stage],
        # No server runs at this address: a request fails with another error.
        env={**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert named in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("stage", sorted(LOCAL_STAGES))
@pytest.mark.parametrize(
    "address",
    [
        None,
        "https://aws.example",
        "http://localhost.attacker.example:4566",
        "http://127.0.0.1.attacker.example",
        "http://127.0.0.1@attacker.example",
        "http://10.0.0.1:4566",
        "http://0.0.0.0:4566",
    ],
)
def test_a_local_stage_is_not_deployed_to_another_machine(
    stage: str, address: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    if address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setattr("infra.deploy.commands.package", reject_packaging)
    assert main(["deploy", "--stage", stage]) == 1
    assert f"The stage {stage} is for this machine only" in capsys.readouterr().err


def reject_packaging(_stage: Stage) -> None:
    raise AssertionError("packaged although deployment is not allowed")


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_CLOUDFORMATION"])
def test_no_service_of_a_local_stage_can_be_remote(variable: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setenv(variable, "https://aws.example")
    with pytest.raises(InfraError, match=r"endpoint is https://aws\.example. Set AWS_ENDPOINT_URL"):
        require_local_endpoint(Stage("test"), Aws())


def test_an_ignored_endpoint_is_not_a_local_endpoint(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    with pytest.raises(InfraError, match="is for this machine only"):
        require_local_endpoint(Stage("test"), Aws())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST", "127.1.2.3"])
def test_a_local_stage_can_be_deployed_to_a_loopback_address(host: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:4566")
    require_local_endpoint(Stage("test"), Aws())
    require_local_endpoint(Stage("local"), Aws(f"http://{host}:4566"))


@pytest.mark.parametrize("stage", ["dev", "prod", "live"])
def test_other_stages_can_be_deployed_anywhere(stage: str):
    require_local_endpoint(Stage(stage), Aws())
