"""Destroying a stage requires a confirmation, and keeps the tables of a production stage."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.__main__ import main
from infra.aws import Aws
from infra.deploy.stack import Stack
from infra.stage import Stage
from infra.template import sites

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def protected_stack() -> "ProtectedStack":
    return ProtectedStack()


@dataclass
class ProtectedStack:
    """CloudFormation with one stack, which cannot be deleted while it is protected."""

    is_protected: bool = True
    is_there: bool = True

    def describe_stacks(self, **_request: Any) -> dict[str, Any]:
        stack = {"StackStatus": "CREATE_COMPLETE", "EnableTerminationProtection": self.is_protected}
        return {"Stacks": [stack | {"Outputs": []}]}

    def update_termination_protection(self, *, EnableTerminationProtection: bool, **_request: Any) -> None:  # noqa: N803
        self.is_protected = EnableTerminationProtection

    def delete_stack(self, **_request: Any) -> None:
        if self.is_protected:
            raise ClientError({"Error": {"Code": "ValidationError"}}, "DeleteStack")
        self.is_there = False

    def get_waiter(self, _name: str) -> "ProtectedStack":
        return self

    def wait(self, **_request: Any) -> None:
        assert not self.is_there


@dataclass(frozen=True)
class FakeAws(Aws):
    cloudformation: ProtectedStack | None = None

    def client(self, service: str) -> Any:
        return self.cloudformation


def make_stack(stage: str) -> Any:
    cloudformation: Any = boto3.client("cloudformation")
    name = Stage(stage).stack_name
    template = {
        "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {
            f"{table}Table": {"Value": f"{name}-{table.lower()}"} for table in ("Orders", "Payments")
        },
    }
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    return cloudformation


def states(cloudformation: Any) -> list[str]:
    return [stack["StackStatus"] for stack in cloudformation.list_stacks()["StackSummaries"]]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("typed", [[], ["--yes", "prod"]])
def test_it_requires_the_stages_name(typed: list[str], capsys: Capture):
    cloudformation = make_stack("dev")
    assert main(["destroy", "--stage", "dev", *typed]) == 1
    assert "Nothing was deleted" in capsys.readouterr().err
    assert states(cloudformation) == ["CREATE_COMPLETE"]


@pytest.mark.usefixtures("cloud")
def test_with_the_name_the_stack_is_deleted(capsys: Capture):
    cloudformation = make_stack("dev")
    assert main(["destroy", "--stage", "dev", "--yes", "dev"]) == 0
    assert states(cloudformation) == ["DELETE_COMPLETE"]
    assert "tables are kept" not in capsys.readouterr().out


@pytest.mark.usefixtures("cloud")
def test_in_production_the_kept_tables_are_printed(capsys: Capture):
    make_stack("prod")
    assert main(["destroy", "--stage", "prod", "--yes", "prod"]) == 0
    output = capsys.readouterr().out
    assert "Its tables are kept" in output
    assert "payment-gateway-prod-orders" in output


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("stage", "kept"), [("prod", ["CheckoutBucket"]), ("dev", [])])
def test_in_production_the_bucket_of_the_checkout_is_kept_with_its_files(
    stage: str, kept: list[str], capsys: Capture
):
    """Shops still load scripts from it, and another account must not get its name."""
    s3, ssm = boto3.client("s3"), boto3.client("ssm")
    template: dict[str, Any] = {"Resources": {}, "Outputs": {}}
    for id_ in ("CheckoutBucket", "DashboardBucket"):
        policy = sites.resources(Stage(stage))[id_].get("DeletionPolicy", "Delete")
        template["Resources"][id_] = {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": policy.removesuffix("ExceptOnCreate"),
        }
        template["Resources"][id_]["Properties"] = {"BucketName": id_.lower()}
        template["Outputs"][id_] = {"Value": id_.lower()}
    name = Stage(stage).stack_name
    boto3.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))
    for id_ in template["Resources"]:
        s3.put_object(Bucket=id_.lower(), Key="checkout.js")
    ssm.put_parameter(Name=f"/{name}/page-inventory", Value="{}", Type="String")
    assert main(["destroy", "--stage", stage, "--yes", stage]) == 0
    objects = {
        id_: s3.list_objects_v2(Bucket=id_.lower())["KeyCount"]
        for id_ in template["Resources"]
        if id_.lower() in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    }
    assert [id_ for id_, number in objects.items() if number] == kept
    assert ("can use its name: checkoutbucket" in capsys.readouterr().out) is bool(kept)
    parameters = ssm.describe_parameters()["Parameters"]
    assert len(parameters) == (0 if stage == "prod" else 1)  # only production stages have an inventory


def test_a_protected_stack_is_deleted(protected_stack: ProtectedStack):
    Stack(Stage("prod"), FakeAws(cloudformation=protected_stack)).delete()
    assert not protected_stack.is_there


def make_payments_table(*, rows: int) -> None:
    name, key = "payment-gateway-prod-payments", "id"
    dynamodb: Any = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(rows):
        dynamodb.put_item(TableName=name, Item={key: {"S": f"pay_{number}"}})


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("rows", "option"), [(0, []), (2, ["--with-payments"])])
def test_a_production_stage_without_payments_is_deleted(rows: int, option: list[str]):
    cloudformation = make_stack("prod")
    make_payments_table(rows=rows)
    assert main(["destroy", "--stage", "prod", "--yes", "prod", *option]) == 0
    assert states(cloudformation) == ["DELETE_COMPLETE"]


@pytest.mark.usefixtures("cloud")
def test_a_production_stage_with_payments_is_kept(capsys: Capture):
    cloudformation = make_stack("prod")
    make_payments_table(rows=2)
    assert main(["destroy", "--stage", "prod", "--yes", "prod"]) == 1
    error = capsys.readouterr().err
    assert "Nothing was deleted: the production stage prod has payments" in error
    assert "add --with-payments" in error
    assert states(cloudformation) == ["CREATE_COMPLETE"]
