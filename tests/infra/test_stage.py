"""Stages: their names, and what they pass on."""

from typing import Any

import pytest

from infra.errors import InfraError
from infra.stage import Stage
from infra.template import functions


def variables(stage: Stage) -> dict[str, Any]:
    made: dict[str, Any] = functions.resources(stage)["Relay"]["Properties"]["Environment"]["Variables"]
    return made


@pytest.mark.parametrize("name", ["", "Prod", "1st", "a b", "a_b", "x" * 21, "dev\n"])
def test_a_name_that_no_stack_could_have_is_refused(name):
    with pytest.raises(InfraError, match="is no name for a stack"):
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
