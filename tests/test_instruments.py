"""The tools of the tests: moto handles one request at a time, and loops and tests have limits."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.dynamodb.models import table

from tests import cloud as module
from tests.cloud import Cloud, Stream
from tests.rounds import rounds
from tests.schedule import LONGEST, TOGETHER, scope_of
from tests.services.shop import order

ROOT = Path(__file__).parents[1]
THREADS, WRITES = 8, 5


@pytest.fixture
def _slow_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run other threads after moto has chosen a sequence number and before it adds the record."""
    record = table.StreamRecord

    def slowly(*given: Any) -> Any:
        time.sleep(0.001)
        return record(*given)

    monkeypatch.setattr(table, "StreamRecord", slowly)


@pytest.mark.sensitive("threads write to one table; a reader once looped endlessly")
@pytest.mark.usefixtures("_slow_moto")
def test_concurrent_writes_create_one_record_with_a_unique_number_per_change(cloud: Cloud):
    cloud.stream_records()
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(lambda _: [order(cloud) for _ in range(WRITES)], range(THREADS)))
    records = cloud.stream_records(cloud.gateway.settings.tables.orders)
    assert len({record["dynamodb"]["SequenceNumber"] for record in records}) == len(records)
    written = [record["dynamodb"]["Keys"]["id"]["S"] for record in records]
    assert sorted(written) == sorted(one.id for orders in made for one in orders)
    assert cloud.stream_records() == []


def test_a_failed_transaction_leaves_rows_and_records_unchanged(cloud: Cloud):
    """`tests.moto_tables` keeps the previous rows of a transaction without copying each row."""
    orders, client = cloud.gateway.settings.tables.orders, boto3.client("dynamodb")
    first, second = ({"TableName": orders, "Key": {"id": {"S": order(cloud).id}}} for _ in range(2))
    missing = {"TableName": orders, "Key": {"id": {"S": "order_none"}}}
    cloud.stream_records(orders)
    before = cloud.rows(orders)
    update = {"UpdateExpression": "SET seen = :yes", "ExpressionAttributeValues": {":yes": {"BOOL": True}}}
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(
            TransactItems=[
                {"Update": first | update},
                {"Delete": second},
                {"ConditionCheck": missing | {"ConditionExpression": "attribute_exists(id)"}},
            ]
        )
    assert cloud.rows(orders) == before
    assert cloud.stream_records(orders) == []
    client.update_item(**first, **update)
    changed = [row for row in cloud.rows(orders) if row not in before]
    assert [row["seen"] for row in changed] == [{"BOOL": True}]
    assert len(cloud.stream_records(orders)) == 1


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


def test_a_loop_that_reaches_its_goal_is_not_an_error():
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


def test_tests_of_a_file_or_of_a_folder_with_processes_share_a_worker():
    assert scope_of("tests/e2e/test_health.py::test_a[x::y]") == "tests/e2e/test_health.py"
    assert {scope_of(f"tests/store/test_{name}.py::test_b") for name in "ab"} == {"tests/store"}


@pytest.mark.parametrize("path", [*TOGETHER, *LONGEST])
def test_the_scheduled_paths_exist(path: str):
    assert (ROOT / path).exists()
