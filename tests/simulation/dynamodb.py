"""DynamoDB: moto's tables and expressions, with a faster implementation of the operations.

moto's own operations take ten times as long as the tables behind them, and copy whole tables for a
transaction. moto handles all other requests.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from moto.backends import get_backend
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    MultipleTransactionsException,
    TransactionCanceledException,
)
from moto.dynamodb.models.table import Table

from chalicelib.store.write import MAX_ITEMS

Request = Mapping[str, Any]
Json = dict[str, Any]

WRITES = frozenset({"PutItem", "UpdateItem", "TransactWriteItems"})
ACCOUNT, REGION = "123456789012", "us-east-1"


class RejectedError(Exception):
    """An error response of DynamoDB."""

    def __init__(self, body: str) -> None:
        super().__init__(body)
        self.body = body


class DynamoDB:
    """The tables of this process."""

    def __init__(self) -> None:
        backend: Any = get_backend("dynamodb")
        self._backend = backend[ACCOUNT][REGION]
        self.on_update: Callable[[str, Json], None] = lambda table, row: None
        self.applied: Counter[bytes] = Counter()  # writes, by their request
        self.operations: Mapping[str, Callable[[Request], Json]] = {
            "GetItem": self._get_item,
            "BatchGetItem": self._batch_get_item,
            "PutItem": self._put_item,
            "UpdateItem": self._update_item,
            "TransactWriteItems": self._transact_write_items,
        }

    def table(self, name: str) -> Table:
        """moto's table."""
        table: Table = self._backend.get_table(name)
        return table

    def rows(self, name: str) -> list[Json]:
        """All items of a table, as plain values."""
        return [_plain(item.to_json()["Attributes"]) for item in self.table(name).all_items()]

    def changes(self, name: str, since: int = 0) -> list[Json]:
        """The records of a table's stream, oldest first, starting at the index ``since``."""
        shard = self.table(name).stream_shard
        return [item.record for item in shard.items[since:]] if shard else []

    def clear(self) -> None:
        """Empty all tables and streams."""
        self.applied.clear()
        for table in self._backend.tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()

    def answer(self, operation: str, body: bytes) -> str:
        """The body of the response. Raises RejectedError."""
        try:
            answer = json.dumps(self.operations[operation](json.loads(body)))
        except (ConditionalCheckFailed, TransactionCanceledException) as refused:
            raise RejectedError(str(refused.description)) from refused
        self.applied[body] += operation in WRITES
        return answer

    def _get_item(self, request: Request) -> Json:
        item = self._backend.get_item(request["TableName"], request["Key"])
        return {"Item": item.to_json()["Attributes"]} if item else {}

    def _batch_get_item(self, request: Request) -> Json:
        found = {
            name: [
                item.to_json()["Attributes"]
                for key in wanted["Keys"]
                if (item := self._backend.get_item(name, key))
            ]
            for name, wanted in request["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def _put_item(self, request: Request) -> Json:
        self._backend.put_item(
            request["TableName"],
            request["Item"],
            condition_expression=request.get("ConditionExpression"),
            expression_attribute_names=request.get("ExpressionAttributeNames", {}),
            expression_attribute_values=request.get("ExpressionAttributeValues", {}),
            overwrite="ConditionExpression" not in request,
            return_values_on_condition_check_failure=request.get("ReturnValuesOnConditionCheckFailure"),
        )
        return {}

    def _update_item(self, request: Request) -> Json:
        item = self._backend.update_item(
            request["TableName"],
            request["Key"],
            request["UpdateExpression"],
            request.get("ExpressionAttributeNames", {}),
            request.get("ExpressionAttributeValues", {}),
            condition_expression=request.get("ConditionExpression"),
            return_values_on_condition_check_failure=request.get("ReturnValuesOnConditionCheckFailure"),
        )
        row: Json = item.to_json()["Attributes"]
        self.on_update(request["TableName"], row)
        return {"Attributes": row}

    def _delete_item(self, request: Request) -> Json:
        self._backend.delete_item(request["TableName"], request["Key"])
        return {}

    def _transact_write_items(self, request: Request) -> Json:
        """Evaluate all conditions, then apply all writes, without interruption."""
        items = [next(iter(item.items())) for item in request["TransactItems"]]
        assert len(items) <= MAX_ITEMS
        if len({(write["TableName"], str(self._key(write))) for _, write in items}) < len(items):
            raise MultipleTransactionsException
        reasons = [self._reason(write) for _, write in items]
        if any(code for code, _, _ in reasons):
            raise TransactionCanceledException(reasons)
        apply = {"Put": self._put_item, "Update": self._update_item, "Delete": self._delete_item}
        for kind, write in items:
            apply[kind]({name: value for name, value in write.items() if name != "ConditionExpression"})
        return {}

    def _reason(self, write: Request) -> tuple[str | None, str | None, Json | None]:
        """The cancellation reason, as moto reports it."""
        condition = write.get("ConditionExpression")
        current = self._backend.get_item(write["TableName"], self._key(write))
        names, values = write.get("ExpressionAttributeNames"), write.get("ExpressionAttributeValues")
        if not condition or get_filter_expression(condition, names, values).expr(current):
            return None, None, None
        return (
            "ConditionalCheckFailed",
            "The conditional request failed",
            current.to_json()["Attributes"] if current else None,
        )

    def _key(self, write: Request) -> Json:
        if "Key" in write:
            return dict(write["Key"])
        table = self.table(write["TableName"])
        names = (table.hash_key_attr, table.range_key_attr)
        return {name: write["Item"][name] for name in names if name}


def _plain(attributes: Mapping[str, Json]) -> Json:
    return {name: _value(typed) for name, typed in attributes.items()}


def _value(typed: Json) -> Any:
    ((kind, value),) = typed.items()
    match kind:
        case "N":
            return int(value)
        case "M":
            return _plain(value)
        case "L":
            return [_value(one) for one in value]
        case "NULL":
            return None
    return value
