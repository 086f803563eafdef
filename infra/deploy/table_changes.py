"""Changes of tables that CloudFormation rejects halfway through a deployment, found before it starts."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import Aws
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import tables

_RUNBOOK = "See 'Changing a table' in docs/operations.md."
_PROJECTION = ("ProjectionType", "NonKeyAttributes")


def require_possible_changes(stage: Stage, aws: Aws) -> None:
    """Raise InfraError if the template changes a deployed table in a way that DynamoDB does not support.

    DynamoDB creates or deletes one index per update, and changes neither keys nor indexes. One request for
    each table. A table that does not exist is not compared.
    """
    dynamodb = aws.client("dynamodb")
    for resource, name in zip(tables.resources(stage).values(), tables.physical_names(stage), strict=True):
        deployed = _describe(dynamodb, name)
        for problem in _problems(deployed, resource["Properties"]) if deployed else ():
            raise InfraError(f"The table {name} cannot be updated: {problem}. {_RUNBOOK}")


def _describe(dynamodb: Any, name: str) -> dict[str, Any] | None:
    try:
        table: dict[str, Any] = dynamodb.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    return table


def _problems(deployed: dict[str, Any], template: dict[str, Any]) -> Iterator[str]:
    if _keys(deployed) != _keys(template):
        yield f"its key would change from {_text(deployed)} to {_text(template)}, which needs a new table"
    before, after = _indexes(deployed), _indexes(template)
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield f"the index {name} would change, but only a new index can have other keys or attributes"
    created, deleted = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    if len(created) + len(deleted) > 1:
        changes = [f"create {name}" for name in created] + [f"delete {name}" for name in deleted]
        yield f"a deployment can create or delete one index of a table, not {', '.join(changes)}"


def _indexes(table: dict[str, Any]) -> dict[str, Any]:
    return {
        each["IndexName"]: (_keys(each, table), _projection(each["Projection"]))
        for each in table.get("GlobalSecondaryIndexes", ())
    }


def _projection(projection: dict[str, Any]) -> tuple[Any, list[str]]:
    kind, attributes = (projection.get(part) for part in _PROJECTION)
    return kind, sorted(attributes or ())


def _keys(keyed: dict[str, Any], table: dict[str, Any] | None = None) -> dict[str, tuple[str, str]]:
    """The attribute and its type, by kind of key."""
    types = {
        each["AttributeName"]: each["AttributeType"] for each in (table or keyed)["AttributeDefinitions"]
    }
    return {
        each["KeyType"]: (each["AttributeName"], types[each["AttributeName"]]) for each in keyed["KeySchema"]
    }


def _text(table: dict[str, Any]) -> str:
    return " and ".join(f"{name} ({type_})" for _, (name, type_) in sorted(_keys(table).items()))
