"""The tools of the tests: moto is fast and safe for threads, receivers end, and no loop is endless."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import table

from tests import cloud as module
from tests.cloud import Cloud, Stream
from tests.moto_expressions import expressions_are_parsed_by_moto
from tests.rounds import rounds
from tests.schedule import LONGEST, TOGETHER, WAITING, rank, scope_of
from tests.security.outbound.receivers import LOOPBACK, OK, answering, listening, receiver
from tests.services.shop import pay

ROOT = Path(__file__).parents[1]
THREADS, WRITES = 8, 5
NAMES = {"#c": "c", "#d": "d"}
VALUES = {":one": {"N": "1"}, ":list": {"L": [{"S": "x"}]}, ":set": {"SS": ["x"]}}
ROW = {
    "id": {"S": "1"},
    "a": {"N": "5"},
    "n": {"N": "7"},
    "s": {"SS": ["x", "y"]},
    "l": {"L": [{"S": "first"}, {"S": "second"}, {"S": "third"}]},
    "c": {"M": {"d": {"L": [{"S": "first"}, {"S": "second"}]}}},
}


@pytest.fixture
def _slow_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let other threads run after moto has chosen a sequence number and before it adds the record."""
    record = table.StreamRecord

    def slowly(*given: Any) -> Any:
        time.sleep(0.001)
        return record(*given)

    monkeypatch.setattr(table, "StreamRecord", slowly)


@pytest.mark.sensitive("threads wrote to one table, and a reader looped endlessly")
@pytest.mark.usefixtures("_slow_moto")
def test_concurrent_writes_have_one_record_with_a_unique_number_each(cloud: Cloud):
    cloud.stream_records()
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(lambda _: [pay(cloud) for _ in range(WRITES)], range(THREADS)))
    records = cloud.stream_records(cloud.gateway.settings.tables.payments)
    assert len({record["dynamodb"]["SequenceNumber"] for record in records}) == len(records)
    written = [record["dynamodb"]["Keys"]["id"]["S"] for record in records]
    assert sorted(written) == sorted(one.id for payments in made for one in payments)
    assert cloud.stream_records() == []


def test_a_transaction_that_fails_leaves_motos_rows_and_records_as_they_were(cloud: Cloud):
    """`tests.moto_tables` keeps the rows from before a transaction without a copy of each."""
    payments, client = cloud.gateway.settings.tables.payments, boto3.client("dynamodb")
    first, second = ({"TableName": payments, "Key": {"id": {"S": pay(cloud).id}}} for _ in range(2))
    missing = {"TableName": payments, "Key": {"id": {"S": "pay_none"}}}
    cloud.stream_records(payments)
    before = cloud.rows(payments)
    update = {"UpdateExpression": "SET seen = :yes", "ExpressionAttributeValues": {":yes": {"BOOL": True}}}
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(
            TransactItems=[
                {"Update": first | update},
                {"Delete": second},
                {"ConditionCheck": missing | {"ConditionExpression": "attribute_exists(id)"}},
            ]
        )
    assert cloud.rows(payments) == before
    assert cloud.stream_records(payments) == []
    client.update_item(**first, **update)
    changed = [row for row in cloud.rows(payments) if row not in before]
    assert [row["seen"] for row in changed] == [{"BOOL": True}]
    assert len(cloud.stream_records(payments)) == 1


@pytest.mark.parametrize(
    "expression",
    [
        "SET a = :one",
        "SET #c.#d[1] = :one, b = if_not_exists(b, :one) + :one REMOVE l[0], l[1]",
        "SET l = list_append(l, :list), e = a - :one ADD n :one DELETE s :set",
        "REMOVE #c.#d",
        "SET a = :one, a = :one",
        "SET #c = :one, #c.#d = :one",
        "SET a = :one SET b = :one",
        "SET id = :one",
        "SET missing.field = :one",
        "SET a = :unknown",
        "SET a = l + :one",
        "SET a =",
    ],
)
def test_an_update_expression_has_the_same_result_as_with_motos_own_validation(expression: str):
    """`tests.moto_expressions` replaces moto's validation. An expression can be parsed more than once."""
    quick = [updated_row(expression) for _ in range(2)]
    with expressions_are_parsed_by_moto():
        assert quick == [updated_row(expression)] * 2


def updated_row(expression: str) -> Any:
    """A row after `expression`, or the message of the error."""
    with mock_aws():
        client = boto3.client("dynamodb")
        client.create_table(
            TableName="rows",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client.put_item(TableName="rows", Item=ROW)
        names, values = (
            {key: value for key, value in given.items() if key in expression} for given in (NAMES, VALUES)
        )
        optional = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
        try:
            client.update_item(
                TableName="rows",
                Key={"id": ROW["id"]},
                UpdateExpression=expression,
                **{name: given for name, given in optional.items() if given},
            )
        except client.exceptions.ClientError as error:
            return str(error)
        return client.get_item(TableName="rows", Key={"id": ROW["id"]})["Item"]


@pytest.mark.parametrize("family", LOOPBACK)
def test_a_receiver_accepts_no_connection_after_its_end(family: socket.AddressFamily):
    """A browser tries `::1` first. It reached such a receiver in place of a server on 127.0.0.1."""
    with receiver(answering(OK), family=family) as url:
        address = LOOPBACK[family], urlsplit(url).port or 0
        time.sleep(0.1)  # until the receiver waits for a connection
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_receiver_uses_no_port_of_another_server(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []

    def is_taken_once(port: int) -> bool:
        asked.append(port)
        return len(asked) == 1

    monkeypatch.setattr("tests.security.outbound.receivers.is_taken", is_taken_once)
    with listening(socket.AF_INET6) as server:
        assert [server.getsockname()[1]] == asked[1:]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK[socket.AF_INET6], asked[0]))


def test_a_second_record_with_the_same_number_is_an_error():
    stream = Stream(arn="orders", shard_id="1")
    stream.advance("1100")
    with pytest.raises(AssertionError, match="orders: a record has the sequence number 1100 after 1100"):
        stream.advance("1100")


def test_endless_work_is_an_error(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Cloud, "work", lambda _: True)
    monkeypatch.setattr(module, "MAX_ROUNDS", 10)
    with pytest.raises(AssertionError, match="not after 10 rounds: nothing more is due within 60 s"):
        cloud.run(for_s=60)


def test_a_loop_that_reaches_its_goal_succeeds():
    def pages() -> Iterator[int]:
        for page in rounds("the last page is read", at_most=3):
            yield page
            if page == 3:
                return

    assert list(pages()) == [1, 2, 3]


@pytest.mark.timeout(0.2, func_only=True)
def test_a_test_that_hangs_fails():
    with pytest.raises(pytest.fail.Exception, match="Timeout"):
        time.sleep(600)


def test_every_test_has_a_time_limit(pytestconfig: pytest.Config):
    assert 0 < float(pytestconfig.getini("timeout")) <= 300


def test_the_tests_of_a_file_or_of_a_folder_with_processes_share_a_worker():
    assert scope_of("tests/e2e/test_health.py::test_a[x::y]") == "tests/e2e/test_health.py"
    assert {scope_of(f"tests/store/test_{name}.py::test_b") for name in "ab"} == {"tests/store"}


@pytest.mark.parametrize("path", [*TOGETHER, *WAITING, *LONGEST])
def test_every_path_of_the_schedule_exists(path: str):
    assert (ROOT / path).exists()


def test_a_worker_prefers_tests_that_compute_or_tests_that_wait():
    scopes = ["tests/domain/test_money.py", "tests/simulation/test_stories.py", "tests/kills/test_kills.py"]
    computing = sorted(scopes, key=lambda scope: rank(scope, computes=True))
    waiting = sorted(scopes, key=lambda scope: rank(scope, computes=False))
    assert computing == [
        "tests/simulation/test_stories.py",
        "tests/domain/test_money.py",
        "tests/kills/test_kills.py",
    ]
    assert waiting == [
        "tests/kills/test_kills.py",
        "tests/simulation/test_stories.py",
        "tests/domain/test_money.py",
    ]
