"""A deployment shows its changes, and makes none of them without a confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from infra.aws import Aws
from infra.deploy.change_set import Change
from infra.deploy.packaging import Package
from infra.deploy.review import ChangeReview
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.stage import Stage

Capture = pytest.CaptureFixture[str]
PROD = Stage("prod")
NAME = PROD.stack_name
FUNCTION = Change(action="Modify", logical_id="Relay", type="AWS::Lambda::Function", replacement="False")
TABLE = "AWS::DynamoDB::Table"
NEW_INDEX = Change(action="Modify", logical_id="OrdersTable", type=TABLE, replacement="Conditional")
LOST_TABLES = [
    Change(action="Remove", logical_id="OrdersTable", type=TABLE),
    Change(action="Modify", logical_id="OrdersTable", type=TABLE, replacement="True"),
]


@dataclass
class CloudFormation:
    """One stack, and the calls that change something. ``reason`` lets the creation of a change set fail."""

    status: str | None
    reason: str | None = None
    changes: Sequence[Change] = (FUNCTION,)
    calls: list[str] = field(default_factory=list)

    def describe_stacks(self, **_request: Any) -> dict[str, Any]:
        if self.status is None:
            error = {"Code": "ValidationError", "Message": "Stack does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status, "Outputs": []}]}

    def create_change_set(self, *, ChangeSetType: str, **request: Any) -> None:  # noqa: N803
        assert request["StackName"] == NAME
        self.calls.append(f"create {ChangeSetType}")
        self.status = self.status or "REVIEW_IN_PROGRESS"

    def describe_change_set(self, **_key: Any) -> dict[str, Any]:
        return {"StatusReason": self.reason}

    def delete_change_set(self, **_key: Any) -> None:
        self.calls.append("delete change set")

    def execute_change_set(self, **_key: Any) -> None:
        self.calls.append("execute")

    def delete_stack(self, **_key: Any) -> None:
        self.calls.append("delete stack")
        self.status = None

    def get_waiter(self, name: str) -> Any:
        return self if name.startswith("change_set") else Succeeds()

    def wait(self, **_request: Any) -> None:
        if self.reason:
            raise WaiterError("ChangeSetCreateComplete", "failed", {})

    def get_paginator(self, name: str) -> "CloudFormation":
        assert name == "describe_change_set"
        return self

    def paginate(self, **_key: Any) -> list[dict[str, Any]]:
        """One page for each change."""
        return [
            {
                "Changes": [
                    {
                        "ResourceChange": {
                            "Action": each.action,
                            "LogicalResourceId": each.logical_id,
                            "ResourceType": each.type,
                            **({"Replacement": each.replacement} if each.replacement else {}),
                        }
                    }
                ]
            }
            for each in self.changes
        ]


class Succeeds:
    """A waiter whose state is reached."""

    def wait(self, **_request: Any) -> None:
        pass


@dataclass(frozen=True)
class FakeAws(Aws):
    cloudformation: CloudFormation | None = None

    def client(self, service: str) -> Any:
        return self.cloudformation if service == "cloudformation" else boto3.client(service)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """A package whose template is uploaded."""
    monkeypatch.setattr("infra.deploy.stack.Artefacts.of", lambda *_: Uploaded())
    monkeypatch.setattr("infra.deploy.stack.protect", lambda *_: None)
    monkeypatch.setattr("infra.deploy.stack.tables.outputs", dict)
    return Package(tmp_path)


class Uploaded:
    def upload(self, _package: Package) -> str:
        return "https://bucket/template.json"


def refuse(_changes: Sequence[Change]) -> None:
    raise InfraError("refused")


def interrupt(_changes: Sequence[Change]) -> None:
    raise KeyboardInterrupt


def deploy(cloudformation: CloudFormation, package: Package, review: Any) -> None:
    Stack(PROD, FakeAws(cloudformation=cloudformation)).deploy(package, review)


def test_the_review_sees_every_page_of_the_changes_before_they_are_made(package: Package):
    seen: list[Change] = []
    cloudformation = CloudFormation("UPDATE_COMPLETE", changes=(FUNCTION, NEW_INDEX))

    def review(changes: Sequence[Change]) -> None:
        seen.extend(changes)
        assert cloudformation.calls == ["create UPDATE"]

    deploy(cloudformation, package, review)
    assert seen == [FUNCTION, NEW_INDEX]
    assert cloudformation.calls == ["create UPDATE", "execute"]


@pytest.mark.parametrize(("review", "error"), [(refuse, InfraError), (interrupt, KeyboardInterrupt)])
def test_a_refused_update_changes_nothing(package: Package, review: Any, error: type[BaseException]):
    cloudformation = CloudFormation("UPDATE_COMPLETE")
    with pytest.raises(error):
        deploy(cloudformation, package, review)
    assert cloudformation.calls == ["create UPDATE", "delete change set"]


def test_a_refused_creation_leaves_no_stack(package: Package):
    cloudformation = CloudFormation(None)
    with pytest.raises(InfraError, match="refused"):
        deploy(cloudformation, package, refuse)
    assert cloudformation.calls == ["create CREATE", "delete change set", "delete stack"]


@pytest.mark.parametrize(
    "reason",
    ["The submitted information didn't contain changes. Submit …", "No updates are to be performed."],
)
def test_without_changes_there_is_nothing_to_review(package: Package, reason: str):
    cloudformation = CloudFormation("UPDATE_COMPLETE", reason)
    deploy(cloudformation, package, refuse)
    assert cloudformation.calls == ["create UPDATE", "delete change set"]


def test_the_reason_of_a_rejected_template_is_reported(package: Package):
    cloudformation = CloudFormation("UPDATE_COMPLETE", "Transform failed")
    with pytest.raises(InfraError, match=f"could not prepare the changes of {NAME}: Transform failed"):
        deploy(cloudformation, package, refuse)


def test_changes_that_lose_data_come_first(capsys: Capture):
    queue = Change(action="Modify", logical_id="Queue", type="AWS::SQS::Queue", replacement="Conditional")
    key = Change(action="Remove", logical_id="Key", type="AWS::KMS::Key")
    alias = Change(action="Modify", logical_id="Alias", type="AWS::Lambda::Alias", replacement="True")
    bucket = Change(action="Modify", logical_id="Bucket", type="AWS::S3::Bucket", replacement="False")
    ChangeReview(stage=PROD, confirmed="prod")([FUNCTION, bucket, NEW_INDEX, queue, alias, key])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ACTION", "RESOURCE", "TYPE", "REPLACEMENT"]
    rows = [" ".join(line.split()) for line in lines[1:]]
    assert rows == [
        "Remove Key AWS::KMS::Key LOSES ITS DATA",
        "Modify Queue AWS::SQS::Queue Conditional may lose its data",
        "Modify Alias AWS::Lambda::Alias True",
        "Modify Bucket AWS::S3::Bucket False",
        "Modify OrdersTable AWS::DynamoDB::Table Conditional",
        "Modify Relay AWS::Lambda::Function False",
    ]


@pytest.mark.parametrize("confirmed", [None, "", "dev"])
def test_without_the_stages_name_the_changes_are_refused(confirmed: str | None, capsys: Capture):
    with pytest.raises(InfraError, match=r"Nothing was changed: .* add --yes prod"):
        ChangeReview(stage=PROD, confirmed=confirmed)([FUNCTION])
    assert "Relay" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["prod", " prod "])
def test_the_name_can_be_typed(monkeypatch: pytest.MonkeyPatch, typed: str):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _prompt: typed)
    ChangeReview(stage=PROD)([FUNCTION])


def test_another_typed_name_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _prompt: "yes")
    with pytest.raises(InfraError, match="Nothing was changed"):
        ChangeReview(stage=PROD)([FUNCTION])


@pytest.mark.parametrize("lost", LOST_TABLES)
@pytest.mark.parametrize("allowed", [None, "dev"])
def test_a_confirmation_is_not_enough_to_lose_a_table(lost: Change, allowed: str | None):
    with pytest.raises(InfraError, match=r"deletes or replaces OrdersTable\. .*--allow-data-loss prod"):
        ChangeReview(stage=PROD, confirmed="prod", data_loss_allowed=allowed)([FUNCTION, lost])


@pytest.mark.parametrize("lost", LOST_TABLES)
def test_the_loss_of_a_table_can_be_allowed_and_still_needs_a_confirmation(lost: Change):
    ChangeReview(stage=PROD, confirmed="prod", data_loss_allowed="prod")([lost])
    with pytest.raises(InfraError, match="not confirmed"):
        ChangeReview(stage=PROD, data_loss_allowed="prod")([lost])


def test_a_local_stage_needs_no_confirmation_and_prints_nothing(capsys: Capture):
    ChangeReview(stage=Stage("local"))([FUNCTION])
    assert capsys.readouterr().out == ""
