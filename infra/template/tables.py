"""The DynamoDB tables, made from the models that the code reads and writes them with."""

from typing import Any

from pynamodb.attributes import TTLAttribute
from pynamodb.models import Model

from chalicelib.store.tables import TABLES
from infra.stage import Stage
from infra.template.names import logical_id, output, physical_name, ref


def table_id(name: str) -> str:
    """The logical id of the table ``name``."""
    return f"{logical_id(name)}Table"


def environment() -> dict[str, Any]:
    """The variable from which the functions derive the names of the tables."""
    return {"TABLE_PREFIX": physical_name("")}


def physical_names(stage: Stage) -> list[str]:
    """The tables' names in DynamoDB."""
    return [f"{stage.stack_name}-{_suffix(row)}" for row in TABLES]


def resources(stage: Stage) -> dict[str, Any]:
    """Every table."""
    return {table_id(row.Meta.table_name): _table(row, stage) for row in TABLES}


def outputs() -> dict[str, Any]:
    """Every table's name."""
    ids = {row.Meta.table_name: table_id(row.Meta.table_name) for row in TABLES}
    return {id_: output(ref(id_), f"The table of {name.replace('_', ' ')}") for name, id_ in ids.items()}


def _table(row: type[Model], stage: Stage) -> dict[str, Any]:
    schema: Any = row._get_schema()  # noqa: SLF001 - what pynamodb itself creates the table from
    properties: dict[str, Any] = {
        "TableName": physical_name(_suffix(row)),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": schema["attribute_definitions"],
        "KeySchema": _keys(schema),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True},
    }
    if schema["global_secondary_indexes"]:
        properties["GlobalSecondaryIndexes"] = [_index(index) for index in schema["global_secondary_indexes"]]
    if stream_view_type := getattr(row.Meta, "stream_view_type", None):
        properties["StreamSpecification"] = {"StreamViewType": stream_view_type}
    if expiry := _expiry(row):
        properties["TimeToLiveSpecification"] = {"AttributeName": expiry, "Enabled": True}
    return {
        "Type": "AWS::DynamoDB::Table",
        # Retained, unless the deployment that creates it fails: it would block every next one.
        "DeletionPolicy": "RetainExceptOnCreate" if stage.is_production else "Delete",
        "UpdateReplacePolicy": "Retain" if stage.is_production else "Delete",
        "Properties": properties,
    }


def _suffix(row: type[Model]) -> str:
    name: str = row.Meta.table_name
    return name.replace("_", "-")


def _keys(schema: dict[str, Any]) -> list[dict[str, str]]:
    """The hash key before the range key, as CloudFormation wants them."""
    return sorted(schema["key_schema"], key=lambda key: str(key["KeyType"]))


def _index(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": schema["index_name"],
        "KeySchema": _keys(schema),
        "Projection": schema["projection"],
    }


def _expiry(row: type[Model]) -> str | None:
    """The attribute that DynamoDB's TTL reads, if the model has one."""
    attributes = row.get_attributes().values()
    return next((each.attr_name for each in attributes if isinstance(each, TTLAttribute)), None)
