"""Stages: their names, and what they pass on."""

from typing import Any

import pytest

from chalicelib.domain.stage import DEVELOPMENT_STAGES
from chalicelib.settings import load_settings
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import functions


def variables(stage: Stage) -> dict[str, Any]:
    made: dict[str, Any] = functions.resources(stage)["Relay"]["Properties"]["Environment"]["Variables"]
    return made


@pytest.mark.parametrize("name", ["", "Prod", "1st", "a b", "a_b", "x" * 21, "dev\n"])
def test_a_name_that_no_stack_could_have_is_refused(name):
    with pytest.raises(InfraError, match="is invalid: use 1 to 20 characters"):
        Stage(name)


def test_the_operators_choices_reach_the_functions():
    stage = Stage.of("dev", {"TEST_MODE": "true", "UPI_SUCCESS_RATE": "", "HOME": "/root"})
    assert variables(stage)["TEST_MODE"] == "true"
    assert not {"UPI_SUCCESS_RATE", "HOME"} & set(variables(stage))


@pytest.mark.parametrize(
    ("name", "allowed"), [("local", True), ("demo", True), ("dev", False), ("prod", False)]
)
def test_webhooks_go_to_private_addresses_on_this_machine_only(name, allowed):
    assert ("WEBHOOK_ALLOW_PRIVATE_ADDRESSES" in variables(Stage(name))) is allowed


def test_functions_are_capped_on_this_machine_only():
    assert "ReservedConcurrentExecutions" in functions.resources(Stage("local"))["Relay"]["Properties"]
    assert "ReservedConcurrentExecutions" not in functions.resources(Stage("dev"))["Relay"]["Properties"]


@pytest.mark.parametrize(
    "name", ["prod", "production", "live", "prod-eu", "staging", "dev2", "dev-prod", "tests"]
)
def test_a_name_that_is_not_listed_is_a_production_stage(name: str):
    assert is_production_for_everybody(name) == {True}


@pytest.mark.parametrize("name", sorted(DEVELOPMENT_STAGES))
def test_a_development_stage_is_no_production_stage(name: str):
    assert is_production_for_everybody(name) == {False}


def is_production_for_everybody(name: str) -> set[bool]:
    """What the deployment and the deployed functions take the stage for."""
    stage = Stage(name)
    deployed = {name: str(value) for name, value in variables(stage).items()}
    return {stage.is_production, load_settings(deployed).is_production}
