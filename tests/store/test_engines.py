"""What DynamoDB does at the edges the stores come near, and where an engine is known to do something else.

The truth is DynamoDB's, as its documentation and DynamoDB Local have it. Where another engine differs, the
difference is asserted too: one that goes away, or a new one, is to be noticed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.store.write import MAX_ITEMS
from tests.store.stores import Stores, fresh

TABLE = "test-stats"
REFUSED = "ValidationException"
MAX_DIGITS = 38


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A question, DynamoDB's answer, and the answers of engines that have another."""

    ask: Callable[[Any], object]
    truth: object
    elsewhere: Mapping[str, object] = field(default_factory=dict)


def item(owner: str, name: str = "a", **attributes: dict[str, Any]) -> dict[str, Any]:
    return {"owner": {"S": owner}, "name": {"S": name}, **attributes}


def value_after(client: Any, number: str, *added: str) -> object:
    """What is read of a number after others were added to it."""
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
    return "taken"


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


def from_b_to_a(client: Any) -> object:
    between = " AND #name BETWEEN :from AND :to"
    return names_of(client, fresh(), between, values={":from": {"S": "b"}, ":to": {"S": "a"}})["Items"]


def goes_on_after_all(client: Any) -> bool:
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
    return "taken"


def in_an_index(client: Any, key: str) -> object:
    """Whether a row can stand in an index under ``key``."""
    keys = {"payment_id": {"S": key}, "list_key": {"S": "list"}, "sort_key": {"S": "sort"}}
    client.put_item(TableName="test-webhook_logs", Item={"id": {"S": fresh()}, **keys})
    return "taken"


def expiring(client: Any, table: str) -> object:
    return client.describe_time_to_live(TableName=table)["TimeToLiveDescription"].get("AttributeName")


EDGES = {
    "a number keeps 38 digits": Edge(
        ask=lambda client: value_after(client, "9" * MAX_DIGITS), truth="9" * MAX_DIGITS
    ),
    "a number of more digits is refused": Edge(
        ask=lambda client: value_after(client, "1" * (MAX_DIGITS + 1)),
        truth=REFUSED,
        elsewhere={"moto": "1" * (MAX_DIGITS + 1)},
    ),
    "a sum of 38 digits is exact": Edge(
        ask=lambda client: value_after(client, "1" + "0" * 36 + "1", "1"),
        truth="1" + "0" * 36 + "2",
        elsewhere={"ministack": "1" + "0" * 37},  # reckons with Python's default of 28 digits
    ),
    "a sum of 28 digits is exact": Edge(
        ask=lambda client: value_after(client, "9" * 27 + "8", "1"), truth="9" * 28
    ),
    "a number comes back in its shortest form": Edge(
        ask=lambda client: value_after(client, "007.50"), truth="7.5", elsewhere={"moto": "007.50"}
    ),
    "keys sort by their UTF-8": Edge(
        ask=in_order, truth=["#", "Z", "a", "z", "~", "é", "\uffee", "\U0001f600"]
    ),
    "a range that ends before it begins is refused": Edge(
        ask=from_b_to_a, truth=REFUSED, elsewhere={"moto": []}
    ),
    "a page as long as the list says that it may go on": Edge(
        ask=goes_on_after_all, truth=True, elsewhere={"moto": False}
    ),
    "a transaction that is sent twice with its token is done once": Edge(
        ask=sent_twice, truth="1", elsewhere={"moto": "2"}
    ),
    "a transaction has each row once": Edge(
        ask=lambda client: transact(client, item("twice"), item("twice")), truth=REFUSED
    ),
    "a transaction has no more writes than we put into one": Edge(
        ask=lambda client: transact(client, *(item(fresh()) for _ in range(MAX_ITEMS + 1))), truth=REFUSED
    ),
    "a transaction has at most 4 MB": Edge(
        ask=lambda client: transact(client, *(item(fresh(), batch={"S": "x" * 390_000}) for _ in range(12))),
        truth=REFUSED,
        elsewhere={"moto": "taken"},
    ),
    "a transaction that makes a row too large says which": Edge(
        ask=why_a_row_cannot_grow, truth="ValidationError", elsewhere={"moto": REFUSED}
    ),
    "a key is not empty": Edge(ask=lambda client: transact(client, item("")), truth=REFUSED),
    "an index's key is not empty": Edge(ask=lambda client: in_an_index(client, ""), truth=REFUSED),
    "a sort key has at most 1,024 bytes": Edge(
        ask=lambda client: client.put_item(TableName=TABLE, Item=item(fresh(), "é" * 512 + "x")),
        truth=REFUSED,
    ),
    "idempotency keys expire": Edge(
        ask=lambda client: expiring(client, "test-idempotency_keys"), truth="expires_at"
    ),
    "sessions expire": Edge(ask=lambda client: expiring(client, "test-sessions"), truth="expires_at"),
    "webhook logs expire": Edge(ask=lambda client: expiring(client, "test-webhook_logs"), truth="expires_at"),
    "marks expire": Edge(ask=lambda client: expiring(client, TABLE), truth="expires_at"),
    "payments do not expire": Edge(ask=lambda client: expiring(client, "test-payments"), truth=None),
}


@pytest.mark.parametrize("edge", EDGES)
def test_at_the_edges_an_engine_does_what_is_known_of_it(stores: Stores, edge: str):
    asked = EDGES[edge]
    try:
        answer = asked.ask(stores.client)
    except ClientError as error:
        answer = error.response["Error"]["Code"]
    assert answer == asked.elsewhere.get(stores.engine, asked.truth)


def test_the_measure_is_never_elsewhere():
    assert not any("dynamodb_local" in edge.elsewhere for edge in EDGES.values())
