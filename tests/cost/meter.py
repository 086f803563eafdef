"""Counts the requests of the gateway, and the units of those to DynamoDB, from the items before and after."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from tests.cost.schema import Schema, Units
from tests.cost.sizes import Item, item_bytes, read_units

_FREE = frozenset({"CreateTable", "DescribeTable", "UpdateTimeToLive"})
TRANSACTION_FACTOR = 2  # a transaction prepares and commits each item

Parameters = Mapping[str, Any]
Call = Callable[[str, Parameters], Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request to AWS by the step ``step``; the units of one to DynamoDB."""

    step: str
    service: str
    operation: str
    parameters: Parameters
    units: Sequence[Units] = ()


@dataclass
class Meter:
    """The requests that were sent while the meter was on, in order.

    ``step``: what sends them; empty during the preparation.
    """

    step: str = ""
    requests: list[Request] = field(default_factory=list)
    _schemas: dict[str, Schema] = field(default_factory=dict)

    def write_units(self, step: str | None = None) -> Mapping[str, int]:
        """The write units of a step or of all, by table or ``table.index``, without the tables' prefix."""
        used: Counter[str] = Counter()
        for one in self._units(step):
            table = one.table.partition("-")[2].replace("-", "_")
            used[f"{table}.{one.index}" if one.index else table] += one.write
        return {name: units for name, units in used.items() if units}

    def read_units(self, step: str | None = None) -> float:
        """The read units of a step or of all."""
        return sum(one.read for one in self._units(step))

    def _units(self, step: str | None) -> Iterator[Units]:
        return (one for request in self.of_steps(step) for one in request.units)

    def of_steps(self, step: str | None = None) -> list[Request]:
        """The requests of a step, or of all steps without the preparation."""
        return [one for one in self.requests if one.step and step in {None, one.step}]

    @contextmanager
    def on(self) -> Iterator[None]:
        """Count all requests of this process."""
        send, lock = BaseClient._make_api_call, RLock()

        def counted(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            service = client.meta.service_model.service_name

            def call(name: str, arguments: Parameters) -> Any:
                return send(client, name, dict(arguments))

            if operation in _FREE:
                return call(operation, parameters)
            units = list[Units]()
            with lock:  # one request of the worker's threads at a time: another one must not change the items
                try:
                    if service == "dynamodb":
                        return self._measured(call, operation, parameters, units)
                    return call(operation, parameters)
                finally:
                    self._add(service, operation, parameters, units)

        with patch.object(BaseClient, "_make_api_call", counted):
            yield

    def _add(self, service: str, operation: str, parameters: Parameters, units: Sequence[Units]) -> None:
        request = Request(
            step=self.step, service=service, operation=operation, parameters=dict(parameters), units=units
        )
        self.requests.append(request)

    def _measured(self, call: Call, operation: str, parameters: Parameters, units: list[Units]) -> Any:
        """Send the request and add its units, also those of a refused write."""
        match operation:
            case "GetItem" | "BatchGetItem":
                units += self._items_read(call, parameters)
                return call(operation, parameters)
            case "Query":
                response = call(operation, parameters)
                units.append(_queried(parameters, response))
                return response
        return self._written(call, operation, parameters, units)

    def _items_read(self, call: Call, parameters: Parameters) -> Iterator[Units]:
        """Each item is rounded up. One that does not exist uses the minimum."""
        tables = parameters.get("RequestItems") or {
            parameters["TableName"]: {**parameters, "Keys": [parameters["Key"]]}
        }
        for table, asked in tables.items():
            consistent = bool(asked.get("ConsistentRead"))
            sizes = [item_bytes(_item(call, table, key) or {}) for key in asked["Keys"]]
            units = [read_units(size, consistent=consistent) for size in sizes]
            absent = sum(used for used, size in zip(units, sizes, strict=True) if not size)
            yield Units(table=table, read=sum(units), absent=absent)

    def _written(self, call: Call, operation: str, parameters: Parameters, units: list[Units]) -> Any:
        transaction = parameters.get("TransactItems")
        writes = [one for item in transaction for one in item.values()] if transaction else [parameters]
        factor = TRANSACTION_FACTOR if transaction else 1
        schemas = [self._schema(call, write["TableName"]) for write in writes]
        keys = [
            write.get("Key") or schema.key_of(write["Item"])
            for write, schema in zip(writes, schemas, strict=True)
        ]
        before = [_item(call, schema.table, key) for schema, key in zip(schemas, keys, strict=True)]
        try:
            return call(operation, parameters)
        finally:
            for write, schema, key, old in zip(writes, schemas, keys, before, strict=True):
                new = _item(call, schema.table, key)
                units += schema.write_units(old, new, put=write.get("Item"), factor=factor)

    def _schema(self, call: Call, table: str) -> Schema:
        if table not in self._schemas:
            self._schemas[table] = Schema.of(call("DescribeTable", {"TableName": table})["Table"])
        return self._schemas[table]


def _item(call: Call, table: str, key: Item) -> Item | None:
    item: Item | None = call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}).get("Item")
    return item


def _queried(parameters: Parameters, response: Mapping[str, Any]) -> Units:
    """The sum of the items is rounded up. Items that the response does not contain cannot be counted."""
    assert response["ScannedCount"] == len(response.get("Items", ())), "the query reads more than it returns"
    size = sum(item_bytes(item) for item in response["Items"])
    consistent = bool(parameters.get("ConsistentRead"))
    return Units(
        table=parameters["TableName"],
        index=parameters.get("IndexName", ""),
        read=read_units(size, consistent=consistent),
    )
