"""Deletion protection is enabled after the first success, so that a failed deployment can be repeated."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from moto import mock_aws

from infra.aws import Aws
from infra.deploy.packaging import Package
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import tables


@dataclass
class CloudFormation:
    """One stack, whose creation fails while ``fails`` is set."""

    fails: bool = False
    status: str | None = None
    is_protected: bool = False
    is_unchanged: bool = False
    outputs: list[dict[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def describe_stacks(self, **_request: Any) -> dict[str, Any]:
        if self.status is None:
            error = {"Code": "ValidationError", "Message": "Stack does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        stack = {"StackStatus": self.status, "EnableTerminationProtection": self.is_protected}
        return {"Stacks": [stack | {"Outputs": self.outputs}]}

    def create_change_set(self, *, ChangeSetType: str, **_request: Any) -> None:  # noqa: N803
        assert (self.status is None) is (ChangeSetType == "CREATE")
        self.calls.append(ChangeSetType.lower())
        self.is_unchanged = ChangeSetType == "UPDATE"

    def describe_change_set(self, **_key: Any) -> dict[str, Any]:
        return {"StatusReason": "No updates are to be performed."}

    def delete_change_set(self, **_key: Any) -> None:
        pass

    def execute_change_set(self, **_key: Any) -> None:
        self.status = "ROLLBACK_COMPLETE" if self.fails else "CREATE_COMPLETE"

    def delete_stack(self, **_request: Any) -> None:
        assert not self.is_protected
        self.calls.append("delete")
        self.status = None

    def update_termination_protection(self, *, EnableTerminationProtection: bool, **_request: Any) -> None:  # noqa: N803
        self.is_protected = EnableTerminationProtection

    def get_waiter(self, _name: str) -> "CloudFormation":
        return self

    def wait(self, **_request: Any) -> None:
        if self.is_unchanged or self.status == "ROLLBACK_COMPLETE":
            raise WaiterError("x", "failed", {})

    def get_paginator(self, _name: str) -> "CloudFormation":
        return self

    def paginate(self, **_request: Any) -> list[dict[str, Any]]:
        return [{"StackEvents": [], "Changes": []}]


@dataclass(frozen=True)
class PartlyReal(Aws):
    cloudformation: CloudFormation = field(default_factory=CloudFormation)

    def client(self, service: str) -> Any:
        return self.cloudformation if service == "cloudformation" else super().client(service)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[PartlyReal]:
    """An account on moto, except for CloudFormation and bucket policies, whose conditions moto ignores."""
    monkeypatch.setattr("infra.deploy.artefacts.protect", lambda *_: None)
    with mock_aws():
        yield PartlyReal()


@pytest.fixture
def package(tmp_path: Path) -> Package:
    (tmp_path / "sam.json").write_text(json.dumps({"Resources": {}}))
    return Package(tmp_path)


def with_tables(aws: PartlyReal, stage: Stage) -> Stack:
    dynamodb: Any = boto3.client("dynamodb")
    for id_, name in zip(tables.outputs(), tables.physical_names(stage), strict=True):
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        aws.cloudformation.outputs.append({"OutputKey": id_, "OutputValue": name})
    return Stack(stage, aws)


def protected(stage: Stage) -> list[bool]:
    dynamodb: Any = boto3.client("dynamodb")
    described = [dynamodb.describe_table(TableName=name)["Table"] for name in tables.physical_names(stage)]
    return [table["DeletionProtectionEnabled"] for table in described]


PROD = Stage("prod")
UNPROTECTED, PROTECTED = [False] * len(tables.outputs()), [True] * len(tables.outputs())


def test_a_failed_first_deployment_protects_nothing_and_the_next_one_replaces_it(
    aws: PartlyReal, package: Package
):
    stack = with_tables(aws, PROD)
    aws.cloudformation.fails = True
    with pytest.raises(InfraError, match="could not change the stack"):
        stack.deploy(package)
    assert (aws.cloudformation.is_protected, protected(PROD)) == (False, UNPROTECTED)
    aws.cloudformation.fails = False
    stack.deploy(package)
    assert aws.cloudformation.calls == ["create", "delete", "create"]
    assert (aws.cloudformation.is_protected, protected(PROD)) == (True, PROTECTED)


@pytest.mark.parametrize("protected_before_it_died", [0, 1, 3])
def test_protection_that_an_interrupted_deployment_left_incomplete_is_completed_by_the_next(
    aws: PartlyReal, package: Package, protected_before_it_died: int
):
    stack = with_tables(aws, PROD)
    aws.cloudformation.status = "CREATE_COMPLETE"
    for name in tables.physical_names(PROD)[:protected_before_it_died]:
        aws.client("dynamodb").update_table(TableName=name, DeletionProtectionEnabled=True)
    stack.deploy(package)
    assert aws.cloudformation.calls == ["update"]
    assert (aws.cloudformation.is_protected, protected(PROD)) == (True, PROTECTED)


@pytest.mark.parametrize("name", ["live", "prod-eu", "staging"])
def test_every_stage_that_is_not_listed_is_protected(aws: PartlyReal, package: Package, name: str):
    stage = Stage(name)
    with_tables(aws, stage).deploy(package)
    assert (aws.cloudformation.is_protected, protected(stage)) == (True, PROTECTED)


def test_a_development_stage_is_not_protected(aws: PartlyReal, package: Package):
    stage = Stage("dev")
    with_tables(aws, stage).deploy(package)
    assert (aws.cloudformation.is_protected, protected(stage)) == (False, UNPROTECTED)
