"""The units of a payment, and the counting of units, compared with Amazon's DynamoDB Local."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chalicelib.store.tables import TABLES
from tests.cost import journey
from tests.cost.journey import STEPS, metered
from tests.cost.meter import Meter, Request
from tests.store.stores import Stores

WRITE_UNITS = {
    journey.CREATE_ORDER: {"orders": 1, "orders.by_merchant": 1},
    journey.CREATE_PAYMENT: {
        "payments": 2,
        "payments.by_merchant": 1,
        "payments.by_order": 1,
        "orders": 2,
        "orders.by_merchant": 1,
    },
    journey.RELAY: {"webhook_logs": 3, "webhook_logs.by_merchant": 3, "webhook_logs.by_payment": 3},
    journey.RECORD: {"events": 6, "events.by_merchant": 3, "stats": 4},
    journey.RELAY_LOGS: {},
    journey.SETTLE: {
        "payments": 2,
        "payments.by_merchant": 1,
        "payments.by_order": 1,
        "orders": 2,
        "orders.by_merchant": 1,
    },
    journey.DELIVER: {
        "webhook_logs": 6,
        "webhook_logs.by_merchant": 3,
        "webhook_logs.by_payment": 3,
        "webhook_attempts": 3,
        "webhook_health": 2,
    },
    journey.POLL: {},
}
READ_UNITS = {
    journey.CREATE_PAYMENT: 1,
    journey.RELAY: 2,
    journey.RECORD: 3,
    journey.DELIVER: 3,
    journey.POLL: 1,
}


@pytest.fixture(scope="module")
def meter() -> Meter:
    return metered()


def test_one_payment_uses_these_write_units(meter: Meter):
    used = {step: dict(meter.write_units(step)) for step in STEPS}
    assert used == WRITE_UNITS
    assert sum(meter.write_units().values()) == 55


def test_the_log_of_api_requests_adds_these_write_units(meter: Meter):
    added = Counter(metered(log_days=7).write_units()) - Counter(meter.write_units())
    assert added == {"api_requests": 3, "api_requests.by_merchant": 3, "api_requests.by_payment": 2}


def test_one_payment_uses_these_read_units(meter: Meter):
    assert {step: meter.read_units(step) for step in STEPS if meter.read_units(step)} == READ_UNITS


def test_one_payment_sends_these_requests(meter: Meter):
    sent = Counter((one.service, one.operation) for one in meter.of_steps())
    assert sent == {
        ("dynamodb", "PutItem"): 7,
        ("dynamodb", "UpdateItem"): 8,
        ("dynamodb", "TransactWriteItems"): 4,
        ("dynamodb", "GetItem"): 4,
        ("dynamodb", "BatchGetItem"): 8,
        ("sqs", "SendMessageBatch"): 3,
    }


def test_dynamodb_local_counts_the_same_units(meter: Meter, on_dynamodb_local: Stores):
    """All requests are sent again, to Amazon's engine, which returns the units of each.

    Two rules differ from those of the service: the engine doubles the units of an index in a transaction, and
    counts no units for items that do not exist.
    """
    for request in meter.requests:
        if request.service == "dynamodb":
            assert counted(request) == replayed(on_dynamodb_local.client, request), request.operation


def counted(request: Request) -> dict[str, float]:
    """The units by table and index, as DynamoDB Local counts them."""
    in_transaction = request.operation == "TransactWriteItems"
    units: dict[str, float] = {}
    for one in request.units:
        name, factor = _name(_underscored(one.table), one.index), 2 if in_transaction and one.index else 1
        absent = one.absent if request.operation == "BatchGetItem" else 0
        units[name] = units.get(name, 0) + factor * (one.write + one.read - absent)
    return {name: used for name, used in units.items() if used}


def replayed(client: Any, request: Request) -> dict[str, float]:
    """The units that DynamoDB Local returns, by table and index.

    Of a transaction with several items of one table, it returns the units of one item, so each item is sent
    in a separate transaction.
    """
    send = getattr(client, _METHODS[request.operation])
    parameters = json.loads(_underscored(json.dumps(request.parameters)))
    parameters["ReturnConsumedCapacity"] = "INDEXES"
    units: dict[str, float] = {}
    for item in parameters.pop("TransactItems", [None]):
        consumed = send(**parameters, **({"TransactItems": [item]} if item else {}))["ConsumedCapacity"]
        for one in consumed if isinstance(consumed, list) else [consumed]:
            for name, used in _consumed(one):
                units[name] = units.get(name, 0) + used
    return {name: used for name, used in units.items() if used}


def _consumed(consumed: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    table = consumed["TableName"]
    yield table, consumed["Table"]["CapacityUnits"]
    for index, used in consumed.get("GlobalSecondaryIndexes", {}).items():
        yield _name(table, index), used["CapacityUnits"]


def _underscored(text: str) -> str:
    """The names of the tables of the store tests."""
    for row in TABLES:
        text = text.replace("test-" + row.Meta.table_name.replace("_", "-"), f"test-{row.Meta.table_name}")
    return text


def _name(table: str, index: str) -> str:
    return f"{table}.{index}" if index else table


_METHODS = {
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "TransactWriteItems": "transact_write_items",
    "GetItem": "get_item",
    "BatchGetItem": "batch_get_item",
    "Query": "query",
}
