"""Stages: their names, and the settings that they pass on."""

from typing import Any

import pytest

from chalicelib.domain.stage import DEVELOPMENT_STAGES
from chalicelib.settings import load_settings
from infra.deploy.preflight import check_snapshots, validate_settings
from infra.errors import InfraError
from infra.stage import Architecture, Stage
from infra.template import functions
from infra.template.lambdas import LAMBDAS


def variables(stage: Stage) -> dict[str, Any]:
    made: dict[str, Any] = functions.resources(stage)["Relay"]["Properties"]["Environment"]["Variables"]
    return made


@pytest.mark.parametrize("name", ["", "Prod", "1st", "a b", "a_b", "x" * 21, "dev\n"])
def test_a_name_that_is_invalid_for_a_stack_is_rejected(name):
    with pytest.raises(InfraError, match="is invalid: use 1 to 20 characters"):
        Stage(name)


def test_the_operators_settings_are_passed_to_the_functions():
    stage = Stage.of("dev", {"TEST_MODE": "true", "UPI_SUCCESS_RATE": "", "HOME": "/root"})
    assert variables(stage)["TEST_MODE"] == "true"
    assert not {"UPI_SUCCESS_RATE", "HOME"} & set(variables(stage))


@pytest.mark.parametrize(
    ("name", "allowed"), [("local", True), ("demo", True), ("dev", False), ("prod", False)]
)
def test_only_local_stages_allow_webhooks_to_private_addresses(name, allowed):
    assert ("WEBHOOK_ALLOW_PRIVATE_ADDRESSES" in variables(Stage(name))) is allowed


def concurrency(stage: Stage) -> tuple[dict[str, int], set[int]]:
    """The reserved concurrency of each function, and the limits of the queues' consumers."""
    made = {name: each["Properties"] for name, each in functions.resources(stage).items()}
    reserved = {
        name: each["ReservedConcurrentExecutions"]
        for name, each in made.items()
        if "ReservedConcurrentExecutions" in each
    }
    sources = [source["Properties"] for each in made.values() for source in each.get("Events", {}).values()]
    return reserved, {
        source["ScalingConfig"]["MaximumConcurrency"] for source in sources if "ScalingConfig" in source
    }


def test_a_local_stage_limits_every_function_by_memory():
    reserved, limits = concurrency(Stage.of("local", {"API_CONCURRENCY": "500", "WORKER_CONCURRENCY": "500"}))
    assert reserved == functions.LOCAL_CONCURRENCY
    assert limits == {2, 4}


def test_a_development_stage_reserves_nothing_by_default():
    assert concurrency(Stage("dev")) == ({}, {50})
    chosen = {"API_CONCURRENCY": "20", "STREAM_CONCURRENCY": "10", "WORKER_CONCURRENCY": "2"}
    assert concurrency(Stage.of("dev", chosen)) == ({"APIHandler": 20, "Relay": 10}, {2})


def test_reserved_concurrency_can_be_disabled_for_a_new_account():
    nothing = {"API_CONCURRENCY": "0", "STREAM_CONCURRENCY": "0", "WORKER_CONCURRENCY": "2"}
    assert concurrency(Stage.of("prod", nothing)) == ({}, {2})


@pytest.mark.parametrize("value", ["-1", "many", "1.5", "99999999999", "٣"])
@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("API_CONCURRENCY", "0 to 10000"),
        ("STREAM_CONCURRENCY", "0 to 10000"),
        ("WORKER_CONCURRENCY", "2 to 1000"),
    ],
)
def test_the_error_for_an_invalid_concurrency_contains_its_name(name: str, allowed: str, value: str):
    with pytest.raises(InfraError, match=f"^{name} must be an integer from {allowed}, not "):
        validate_settings(Stage.of("prod", {name: value}))


@pytest.mark.parametrize("value", ["0", "1", "1001"])
def test_a_limit_that_lambda_rejects_is_rejected_before(value: str):
    with pytest.raises(InfraError, match="WORKER_CONCURRENCY must be an integer from 2 to 1000"):
        validate_settings(Stage.of("dev", {"WORKER_CONCURRENCY": value}))


@pytest.mark.parametrize(
    "name", ["prod", "production", "live", "prod-eu", "staging", "dev2", "dev-prod", "tests"]
)
def test_a_name_that_is_not_listed_is_a_production_stage(name: str):
    assert is_production_for_both(name) == {True}


@pytest.mark.parametrize("name", sorted(DEVELOPMENT_STAGES))
def test_a_development_stage_is_not_a_production_stage(name: str):
    assert is_production_for_both(name) == {False}


def is_production_for_both(name: str) -> set[bool]:
    """Whether the deployment and the deployed functions treat the stage as production."""
    stage = Stage(name)
    deployed = {name: str(value) for name, value in variables(stage).items()}
    return {stage.is_production, load_settings(deployed).is_production}


def test_snapshots_need_versions_and_a_runtime_that_has_them():
    chosen = Stage.of("prod", {"SNAPSTART": "on"})
    assert chosen.has_snapshots
    assert not Stage("prod").has_snapshots
    check_snapshots(chosen, (3, 12))
    check_snapshots(Stage("prod"), (3, 11))
    with pytest.raises(InfraError, match=r"SNAPSTART=on needs Python 3\.12 or later.*: 3\.11\."):
        check_snapshots(chosen, (3, 11))
    with pytest.raises(InfraError, match="SNAPSTART=on needs published versions"):
        _ = Stage.of("dev", {"SNAPSTART": "on"}).has_snapshots
    with pytest.raises(InfraError, match="SNAPSTART must be on or off, not 'yes'"):
        _ = Stage.of("prod", {"SNAPSTART": "yes"}).has_snapshots


def test_functions_run_on_arm_unless_the_operator_chooses_otherwise():
    assert Stage("prod").architecture is Stage("dev").architecture is Architecture.ARM
    assert Stage.of("prod", {"ARCHITECTURE": "x86_64"}).architecture is Architecture.X86
    assert Stage("local").architecture is Architecture.of_this_machine()
    with pytest.raises(InfraError, match="ARCHITECTURE must be arm64 or x86_64, not 'arm'"):
        Stage.of("prod", {"ARCHITECTURE": "arm"})


def test_the_memory_of_each_function_is_the_measured_choice():
    """The reasons are in docs/performance.md."""
    assert {one.handler: one.memory_mb for one in LAMBDAS.values()} == {
        "api_handler": 1024,
        "relay": 512,
        "recorder": 512,
        "payment_worker": 256,
        "refund_worker": 256,
        "webhook_worker": 512,
        "slow_webhook_worker": 512,
    }
