"""DynamoDB's behaviour at the limits that the stores use, and the known differences of the other engines.

DynamoDB's documentation and DynamoDB Local are the reference. The differences are asserted too, so that a new
or resolved one fails a test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.store.write import MAX_ITEMS
from tests.store.stores import Stores, fresh

TABLE = "test-stats"
REJECTED = "ValidationException"
MAX_DIGITS = 38


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A request, DynamoDB's result, and the different results of other engines."""

    send: Callable[[Any], object]
    expected: object
    differences: Mapping[str, object] = field(default_factory=dict)


def item(owner: str, name: str = "a", **attributes: dict[str, Any]) -> dict[str, Any]:
    return {"owner": {"S": owner}, "name": {"S": name}, **attributes}


def value_after(client: Any, number: str, *added: str) -> object:
    """The stored number after additions."""
    owner = fresh()
    client.put_item(TableName=TABLE, Item=item(owner, value={"N": number}))
    for one in added:
        client.update_item(TableName=TABLE, **addition(owner, one))
    return client.get_item(TableName=TABLE, Key=item(owner))["Item"]["value"]["N"]


def addition(owner: str, number: str = "1") -> dict[str, Any]:
    return {
        "Key": item(owner),
        "UpdateExpression": "ADD #value :number",
        "ExpressionAttributeNames": {"#value": "value"},
        "ExpressionAttributeValues": {":number": {"N": number}},
    }


def transact(client: Any, *items: dict[str, Any]) -> str:
    client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": one}} for one in items])
    return "accepted"


def names_of(client: Any, owner: str, condition: str = "", **options: Any) -> Any:
    names = {"#owner": "owner"} | ({"#name": "name"} if condition else {})
    values = options.pop("values", {}) | {":owner": {"S": owner}}
    return client.query(
        TableName=TABLE,
        KeyConditionExpression="#owner = :owner" + condition,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
        **options,
    )


def in_order(client: Any) -> list[str]:
    owner = fresh()
    for name in ("\U0001f600", "\uffee", "é", "z", "a", "Z", "#", "~"):
        client.put_item(TableName=TABLE, Item=item(owner, name))
    return [row["name"]["S"] for row in names_of(client, owner)["Items"]]


def query_from_b_to_a(client: Any) -> object:
    between = " AND #name BETWEEN :from AND :to"
    return names_of(client, fresh(), between, values={":from": {"S": "b"}, ":to": {"S": "a"}})["Items"]


def has_a_next_key_after_all_rows(client: Any) -> bool:
    owner = fresh()
    transact(client, item(owner, "a"), item(owner, "b"))
    return "LastEvaluatedKey" in names_of(client, owner, Limit=2)


def sent_twice(client: Any) -> object:
    owner, token = fresh(), fresh()
    for _ in range(2):
        write = {"Update": {"TableName": TABLE, **addition(owner)}}
        client.transact_write_items(TransactItems=[write], ClientRequestToken=token)
    return client.get_item(TableName=TABLE, Key=item(owner))["Item"]["value"]["N"]


def why_a_row_cannot_grow(client: Any) -> object:
    owner = fresh()
    client.put_item(TableName=TABLE, Item=item(owner, batch={"S": "x" * 300_000}))
    grown = {
        "TableName": TABLE,
        "Key": item(owner),
        "UpdateExpression": "SET more = :more",
        "ExpressionAttributeValues": {":more": {"S": "x" * 150_000}},
    }
    try:
        client.transact_write_items(TransactItems=[{"Update": grown}])
    except client.exceptions.TransactionCanceledException as error:
        return error.response["CancellationReasons"][0]["Code"]
    return "accepted"


def in_an_index(client: Any, key: str) -> object:
    """Whether an index accepts a row with ``key``."""
    keys = {"payment_id": {"S": key}, "list_key": {"S": "list"}, "sort_key": {"S": "sort"}}
    client.put_item(TableName="test-webhook_logs", Item={"id": {"S": fresh()}, **keys})
    return "accepted"


def expiring(client: Any, table: str) -> object:
    return client.describe_time_to_live(TableName=table)["TimeToLiveDescription"].get("AttributeName")


EDGES = {
    "a number keeps 38 digits": Edge(
        send=lambda client: value_after(client, "9" * MAX_DIGITS), expected="9" * MAX_DIGITS
    ),
    "a number with more digits is rejected": Edge(
        send=lambda client: value_after(client, "1" * (MAX_DIGITS + 1)),
        expected=REJECTED,
        differences={"moto": "1" * (MAX_DIGITS + 1)},
    ),
    "a sum of 38 digits is exact": Edge(
        send=lambda client: value_after(client, "1" + "0" * 36 + "1", "1"),
        expected="1" + "0" * 36 + "2",
        differences={"ministack": "1" + "0" * 37},  # calculates with Python's default of 28 digits
    ),
    "a sum of 28 digits is exact": Edge(
        send=lambda client: value_after(client, "9" * 27 + "8", "1"), expected="9" * 28
    ),
    "a number is returned in its shortest form": Edge(
        send=lambda client: value_after(client, "007.50"), expected="7.5", differences={"moto": "007.50"}
    ),
    "keys sort by their UTF-8": Edge(
        send=in_order, expected=["#", "Z", "a", "z", "~", "é", "\uffee", "\U0001f600"]
    ),
    "a range that ends before it starts is rejected": Edge(
        send=query_from_b_to_a, expected=REJECTED, differences={"moto": []}
    ),
    "a page of the list's size has a next key": Edge(
        send=has_a_next_key_after_all_rows, expected=True, differences={"moto": False}
    ),
    "a transaction that is sent twice with its token is applied once": Edge(
        send=sent_twice, expected="1", differences={"moto": "2"}
    ),
    "a transaction contains each row once": Edge(
        send=lambda client: transact(client, item("twice"), item("twice")), expected=REJECTED
    ),
    "a transaction is limited to MAX_ITEMS writes": Edge(
        send=lambda client: transact(client, *(item(fresh()) for _ in range(MAX_ITEMS + 1))),
        expected=REJECTED,
    ),
    "a transaction has at most 4 MB": Edge(
        send=lambda client: transact(client, *(item(fresh(), batch={"S": "x" * 390_000}) for _ in range(12))),
        expected=REJECTED,
        differences={"moto": "accepted"},
    ),
    "a transaction with a row that is too large reports the row": Edge(
        send=why_a_row_cannot_grow, expected="ValidationError", differences={"moto": REJECTED}
    ),
    "a key is not empty": Edge(send=lambda client: transact(client, item("")), expected=REJECTED),
    "an index's key is not empty": Edge(send=lambda client: in_an_index(client, ""), expected=REJECTED),
    "a sort key has at most 1,024 bytes": Edge(
        send=lambda client: client.put_item(TableName=TABLE, Item=item(fresh(), "é" * 512 + "x")),
        expected=REJECTED,
    ),
    "idempotency keys expire": Edge(
        send=lambda client: expiring(client, "test-idempotency_keys"), expected="expires_at"
    ),
    "sessions expire": Edge(send=lambda client: expiring(client, "test-sessions"), expected="expires_at"),
    "webhook logs expire": Edge(
        send=lambda client: expiring(client, "test-webhook_logs"), expected="expires_at"
    ),
    "marks expire": Edge(send=lambda client: expiring(client, TABLE), expected="expires_at"),
    "payments do not expire": Edge(send=lambda client: expiring(client, "test-payments"), expected=None),
}


@pytest.mark.parametrize("edge", EDGES)
def test_the_engine_has_the_known_behaviour_at_its_limits(stores: Stores, edge: str):
    asked = EDGES[edge]
    try:
        answer = asked.send(stores.client)
    except ClientError as error:
        answer = error.response["Error"]["Code"]
    assert answer == asked.differences.get(stores.engine, asked.expected)


def test_the_reference_has_no_differences():
    assert not any("dynamodb_local" in edge.differences for edge in EDGES.values())
