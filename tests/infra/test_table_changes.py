"""Changes of a table that fail halfway through a deployment are rejected before it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.aws import Aws
from infra.deploy.readiness import require_ready
from infra.deploy.table_changes import require_possible_changes
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import tables

STAGE = Stage("dev")
ORDERS = f"{STAGE.stack_name}-orders"
Properties = dict[str, Any]


@pytest.fixture(autouse=True)
def _moto() -> Iterator[None]:
    with mock_aws():
        yield


def deploy(change: Callable[[Properties], None] = lambda _orders: None) -> None:
    """Create the tables of an earlier commit, whose table of orders differs by ``change``."""
    dynamodb = boto3.client("dynamodb")
    for resource, name in zip(tables.resources(STAGE).values(), tables.physical_names(STAGE), strict=True):
        properties = json.loads(json.dumps(resource["Properties"]))
        if name == ORDERS:
            change(properties)
        parts = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        schema = {part: properties[part] for part in parts if properties.get(part)}
        dynamodb.create_table(TableName=name, **schema)


def rejection() -> str:
    with pytest.raises(InfraError, match=r"See 'Changing a table' in docs/operations\.md\.$") as raised:
        require_possible_changes(STAGE, Aws())
    return str(raised.value)


def without_indexes(orders: Properties) -> None:
    used = {key["AttributeName"] for key in orders["KeySchema"]}
    orders["AttributeDefinitions"] = [
        each for each in orders["AttributeDefinitions"] if each["AttributeName"] in used
    ]
    del orders["GlobalSecondaryIndexes"]


def with_indexes(*names: str) -> Callable[[Properties], None]:
    def change(orders: Properties) -> None:
        (index,) = orders["GlobalSecondaryIndexes"]
        orders["GlobalSecondaryIndexes"] = [index | {"IndexName": name} for name in names]

    return change


def test_the_same_tables_and_new_ones_are_accepted():
    require_possible_changes(STAGE, Aws())
    deploy()
    require_possible_changes(STAGE, Aws())


@pytest.mark.parametrize("before", [without_indexes, with_indexes("by_merchant", "by_receipt")])
def test_one_index_can_be_created_or_deleted(before: Callable[[Properties], None]):
    deploy(before)
    require_possible_changes(STAGE, Aws())


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        (("by_receipt",), "create by_merchant, delete by_receipt"),
        (("by_merchant", "by_receipt", "by_time"), "delete by_receipt, delete by_time"),
    ],
)
def test_two_changes_of_indexes_are_rejected(before: tuple[str, ...], changes: str):
    deploy(with_indexes(*before))
    message = f"The table {ORDERS} cannot be updated: a deployment can create or delete one index of a table"
    assert rejection().startswith(f"{message}, not {changes}.")


def test_another_key_is_rejected():
    def change(orders: Properties) -> None:
        orders["KeySchema"] = [{"AttributeName": "number", "KeyType": "HASH"}]
        unused = next(each for each in orders["AttributeDefinitions"] if each["AttributeName"] == "id")
        unused |= {"AttributeName": "number", "AttributeType": "N"}

    deploy(change)
    assert "its key would change from number (N) to id (S), which needs a new table" in rejection()


@pytest.mark.parametrize(
    "other",
    [
        {"Projection": {"ProjectionType": "KEYS_ONLY"}},
        {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["receipt"]}},
    ],
)
def test_another_form_of_an_index_is_rejected(other: Properties):
    def change(orders: Properties) -> None:
        (index,) = orders["GlobalSecondaryIndexes"]
        orders["GlobalSecondaryIndexes"] = [index | other]

    deploy(change)
    assert "the index by_merchant would change" in rejection()


def test_a_deployment_checks_the_tables_of_its_stack():
    deploy(with_indexes("by_receipt", "by_time"))
    with pytest.raises(InfraError, match="some of its tables do"):
        require_ready(STAGE, Aws())
    template = '{"Resources": {"Anything": {"Type": "AWS::SQS::Queue"}}}'
    boto3.client("cloudformation").create_stack(StackName=STAGE.stack_name, TemplateBody=template)
    with pytest.raises(InfraError, match="can create or delete one index"):
        require_ready(STAGE, Aws())
