"""Conditional writes: all or none, and a rejection returns the existing row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.models import Model

from chalicelib.store import write, write_ids
from chalicelib.store.counters import CounterRow
from chalicelib.store.sessions import SessionRow
from tests.sleeping import replace_sleep
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import Wire

MAX_ITEM_BYTES = 400 * 1024


@pytest.fixture
def counter(stores: Stores) -> type[CounterRow]:
    return stores.row(CounterRow)


@pytest.fixture
def key() -> str:
    return fresh()


def put(row: CounterRow) -> write.Put:
    return write.Put(row=row, condition=type(row).owner.does_not_exist())


def add(row: CounterRow, *, below: int | None = None) -> write.Update:
    table = type(row)
    condition = None if below is None else table.value < below
    return write.Update(row=table(row.owner, row.name), actions=[table.value.add(1)], condition=condition)


def attributes(row: Model | None) -> dict[str, Any]:
    assert row is not None
    return row.attribute_values


def value_of(row: CounterRow) -> int | None:
    """The stored value under the row's key, or None."""
    try:
        return int(type(row).get(row.owner, row.name, consistent_read=True).value)
    except type(row).DoesNotExist:
        return None


def test_a_rejected_put_returns_the_existing_row(counter: type[CounterRow], key: str):
    old = counter(key, "a", value=1)
    write.put(old, counter.owner.does_not_exist())
    with pytest.raises(write.ConditionFailedError) as refused:
        write.put(counter(key, "a", value=2), counter.owner.does_not_exist())
    assert attributes(refused.value.row) == attributes(old)
    assert value_of(old) == 1


def test_a_put_that_finds_its_own_row_succeeds(stores: Stores, counter: type[CounterRow], key: str):
    with Wire(repeats=True).between(stores):
        write.put(counter(key, "a", value=1), counter.owner.does_not_exist())
    with pytest.raises(write.ConditionFailedError):
        write.put(counter(key, "a", value=1), counter.owner.does_not_exist())


def test_an_update_returns_the_updated_row(stores: Stores, key: str):
    sessions = stores.row(SessionRow)
    write.put(sessions(key, merchant_id="m", attempts=1, expires_at=NOW), sessions.id.does_not_exist())
    after = write.update(sessions(key), [sessions.attempts.add(2)], sessions.attempts == 1)
    assert (after.attempts, after.merchant_id) == (3, "m")


def test_a_rejected_update_returns_the_existing_row(counter: type[CounterRow], key: str):
    write.put(counter(key, "a", value=1), counter.owner.does_not_exist())
    with pytest.raises(write.ConditionFailedError) as refused:
        write.update(counter(key, "a"), [counter.value.add(2)], counter.value == 2)
    assert refused.value.row is not None
    assert refused.value.row.value == 1


def test_an_update_of_a_missing_row_returns_none(counter: type[CounterRow], key: str):
    with pytest.raises(write.ConditionFailedError) as refused:
        write.update(counter(key, "a"), [counter.value.add(2)], counter.owner.exists())
    assert refused.value.row is None
    assert value_of(counter(key, "a")) is None


def test_a_transaction_applies_all_writes(stores: Stores, counter: type[CounterRow], key: str):
    sessions = stores.row(SessionRow)
    session = sessions(key, merchant_id="m", expires_at=NOW.replace(microsecond=0))
    write.transact(
        [
            put(counter(key, "a", value=1)),
            add(counter(key, "b")),
            write.Put(row=session, condition=sessions.id.does_not_exist()),
        ]
    )
    assert (value_of(counter(key, "a")), value_of(counter(key, "b"))) == (1, 1)
    assert attributes(sessions.get(key)) == attributes(session)


def test_a_transaction_applies_no_write_if_one_is_rejected(counter: type[CounterRow], key: str):
    full = counter(key, "full", value=5)
    write.put(full, counter.owner.does_not_exist())
    with pytest.raises(write.ConditionFailedError) as refused:
        write.transact([put(counter(key, "new", value=1)), add(full, below=5)])
    assert refused.value.indexes == [1]
    assert attributes(refused.value.row) == attributes(full)
    assert (value_of(counter(key, "new")), value_of(full)) == (None, 5)


def test_every_rejected_write_is_reported_in_the_given_order(
    stores: Stores, counter: type[CounterRow], key: str
):
    sessions = stores.row(SessionRow)
    sessions(key, merchant_id="first", expires_at=NOW).save()
    counter(key, "a", value=5).save()
    another = sessions(key, merchant_id="second", expires_at=NOW)
    with pytest.raises(write.ConditionFailedError) as refused:
        write.transact(
            [
                add(counter(key, "fine")),
                write.Put(row=another, condition=sessions.id.does_not_exist()),
                add(counter(key, "fine too")),
                add(counter(key, "a"), below=5),
                add(counter(key, "missing"), below=5),
            ]
        )
    assert refused.value.indexes == [1, 3, 4]
    assert isinstance(refused.value.row, SessionRow)
    assert refused.value.row.merchant_id == "first"


def test_a_transaction_with_a_missing_row_returns_none(counter: type[CounterRow], key: str):
    with pytest.raises(write.ConditionFailedError) as refused:
        write.transact([add(counter(key, "missing"), below=5), add(counter(key, "fine"))])
    assert (refused.value.row, refused.value.indexes) == (None, [0])


def test_a_repeated_transaction_is_applied_once(stores: Stores, counter: type[CounterRow], key: str):
    with Wire(repeats=True).between(stores):
        write.transact([put(counter(key, "mark")), add(counter(key, "a"))])
        write.transact([add(counter(key, "a")), add(counter(key, "b"))])
    assert (value_of(counter(key, "a")), value_of(counter(key, "b"))) == (2, 1)


def test_a_transaction_with_anothers_row_is_rejected(counter: type[CounterRow], key: str):
    write.transact([put(counter(key, "mark", value=1)), add(counter(key, "a"))])
    with pytest.raises(write.ConditionFailedError) as refused:
        write.transact([put(counter(key, "mark", value=1)), add(counter(key, "a"))])
    assert refused.value.row is not None
    assert refused.value.row.value == 1
    assert value_of(counter(key, "a")) == 1


def test_a_repeated_update_is_applied_once_and_returns_the_row(
    stores: Stores, counter: type[CounterRow], key: str
):
    write.put(counter(key, "a", value=1), counter.owner.does_not_exist())
    with Wire(repeats=True).between(stores):
        after = write.update(counter(key, "a"), [counter.value.add(2)], counter.value < 3)
        again = write.update(counter(key, "a"), [counter.value.add(2)], counter.owner.exists())
    assert (after.value, again.value) == (3, 5)


@pytest.mark.parametrize("others", [write_ids.KEPT - 1, write_ids.KEPT])
def test_a_repeated_write_recognises_itself_until_all_its_kept_ids_are_replaced(
    stores: Stores, counter: type[CounterRow], key: str, others: int
):
    def change() -> None:
        write.update(counter(key, "a"), [counter.value.add(1)], counter.owner.exists())

    write.put(counter(key, "a", value=0), counter.owner.does_not_exist())
    with Wire(repeats=True, between_repeats=[change] * others).between(stores):
        after = write.update(counter(key, "a"), [counter.value.add(100)], counter.owner.exists())
    is_forgotten = others == write_ids.KEPT
    assert after.value == value_of(counter(key, "a")) == (200 if is_forgotten else 100) + others


def test_a_repeated_put_is_recognised_in_a_row_that_was_updated(
    stores: Stores, counter: type[CounterRow], key: str
):
    def change() -> None:
        write.update(counter(key, "a"), [counter.value.add(1)], counter.owner.exists())

    with Wire(repeats=True, between_repeats=[change]).between(stores):
        write.put(counter(key, "a", value=0), counter.owner.does_not_exist())
    assert value_of(counter(key, "a")) == 1


def test_a_transaction_accepts_max_items_writes(counter: type[CounterRow], key: str):
    write.transact([add(counter(key, str(number))) for number in range(write.MAX_ITEMS)])
    assert len(list(counter.query(key))) == write.MAX_ITEMS


def test_a_row_that_is_too_large_is_an_error_and_nothing_is_written(
    stores: Stores, counter: type[CounterRow], key: str
):
    sessions = stores.row(SessionRow)
    is_new = sessions.id.does_not_exist()
    large = sessions(key, merchant_id="x" * MAX_ITEM_BYTES, expires_at=NOW)
    with pytest.raises(ClientError):
        write.put(large, is_new)
    with pytest.raises(ClientError):
        write.transact([write.Put(row=large, condition=is_new), add(counter(key, "a"))])
    assert list(counter.query(key)) == []
    assert list(sessions.query(key)) == []


def test_a_row_that_an_update_makes_too_large_is_unchanged(stores: Stores, key: str):
    sessions = stores.row(SessionRow)
    half = "x" * (MAX_ITEM_BYTES // 2)
    write.put(sessions(key, merchant_id=half, expires_at=NOW), sessions.id.does_not_exist())
    with pytest.raises(ClientError):
        write.update(sessions(key), [sessions.merchant_id.set(half * 2)], sessions.id.exists())
    assert sessions.get(key).merchant_id == half


# DynamoDB's response to conflicting writes, simulated because no local engine produces it.

CONFLICT = "TransactionConflict"
Answers = Callable[..., None]


@pytest.fixture
def conflicts(on_moto: Stores, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Reject the next ``times`` writes of the stores on moto for the given reasons."""
    pauses: list[float] = []
    replace_sleep(monkeypatch, write, pauses.append)
    client: Any = on_moto.row(CounterRow)._get_connection().connection.client

    def reject(*reasons: str, times: int) -> None:
        call = client._make_api_call
        left = [times]

        def answer(operation: str, arguments: dict[str, Any]) -> Any:
            if not left[0]:
                return call(operation, arguments)
            left[0] -= 1
            is_single = operation != "TransactWriteItems"
            code = "TransactionConflictException" if is_single else "TransactionCanceledException"
            answered: Any = {"Error": {"Code": code, "Message": ""}}
            if not is_single:
                answered["CancellationReasons"] = [{"Code": reason} for reason in reasons]
            raise ClientError(answered, operation)

        monkeypatch.setattr(client, "_make_api_call", answer)

    return reject


def write_each_way(table: type[CounterRow], key: str) -> dict[str, Callable[[], object]]:
    return {
        "put": lambda: write.put(table(key, "a", value=1), table.owner.does_not_exist()),
        "update": lambda: write.update(table(key, "a"), [table.value.add(1)], table.owner.does_not_exist()),
        "transact": lambda: write.transact([add(table(key, "a")), add(table(key, "b"))]),
    }


@pytest.mark.parametrize("way", ["put", "update", "transact"])
def test_a_write_that_conflicts_with_a_transaction_is_retried(
    on_moto: Stores, conflicts: Answers, key: str, way: str
):
    table = on_moto.row(CounterRow)
    conflicts("None", CONFLICT, times=write.MAX_TRIES - 1)
    write_each_way(table, key)[way]()
    assert value_of(table(key, "a")) == 1


@pytest.mark.parametrize("way", ["put", "update", "transact"])
def test_a_write_that_conflicts_repeatedly_fails_and_is_not_applied(
    on_moto: Stores, conflicts: Answers, key: str, way: str
):
    table = on_moto.row(CounterRow)
    conflicts("None", CONFLICT, times=write.MAX_TRIES)
    with pytest.raises(write.BusyError):
        write_each_way(table, key)[way]()
    assert value_of(table(key, "a")) is None


def test_a_failed_condition_is_not_retried_despite_a_conflict(on_moto: Stores, conflicts: Answers, key: str):
    table = on_moto.row(CounterRow)
    conflicts("ConditionalCheckFailed", CONFLICT, times=1)
    with pytest.raises(write.ConditionFailedError) as refused:
        write.transact([add(table(key, "a")), add(table(key, "b"))])
    assert refused.value.indexes == [0]


def test_the_pause_between_retries_grows_and_the_total_is_a_few_seconds():
    pauses = [write._FIRST_PAUSE_S * write._PAUSE_GROWTH**number for number in range(write.MAX_TRIES - 1)]
    assert timedelta(seconds=sum(pauses) * 1.5) < timedelta(seconds=5)
