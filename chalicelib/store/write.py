"""Conditional writes of one item, or of several items in a transaction.

pynamodb builds the requests. They are sent with its boto3 client, because a failed condition must return the
old row (``ALL_OLD``), so that the reason is known without another read. Every write is applied once: if the
client sends a write again because the response was lost, the write id shows that it was applied.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, Generic, TypeVar

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.store import write_ids

Row = TypeVar("Row", bound=Model)

MAX_ITEMS = 100  # of a transaction; the limit of DynamoDB
MAX_TRIES = 8  # a conflict lasts as long as the other transaction: milliseconds
_FIRST_PAUSE_S = 0.02
_PAUSE_GROWTH = 2.0
_CONDITION_FAILED = "ConditionalCheckFailed"
_TRANSIENT = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_TRANSIENT_ERRORS = frozenset({"TransactionConflictException", "TransactionInProgressException"})

_jitter = SystemRandom()  # not seeded: processes restored from one snapshot must retry at different times


class ConditionFailedError(Exception, Generic[Row]):
    """A condition failed. ``row`` is the current row, None if it does not exist.

    In a transaction, ``indexes`` are the writes whose condition failed, and ``row`` is that of the first.
    """

    def __init__(self, row: Row | None, indexes: Sequence[int] = (0,)) -> None:
        super().__init__("the condition of the row failed")
        self.row = row
        self.indexes = indexes


class BusyError(Exception):
    """Too many concurrent writes of the same row. Nothing was written; a later retry can succeed."""


@dataclass(frozen=True, kw_only=True)
class Put:
    """A new row, written if ``condition`` holds. The condition must be false for the new row."""

    row: Model
    condition: Condition

    def request(self, write_id: str | None) -> dict[str, Any]:
        """The parameters of the request, which stores ``write_id`` if there is one."""
        request = self.row.get_save_kwargs_from_instance(self.condition, "ALL_OLD")
        if write_id:
            request["Item"] |= write_ids.attributes(write_id)
        return request


@dataclass(frozen=True, kw_only=True)
class Update:
    """An update of the row that has the key of ``row``, applied if ``condition`` holds."""

    row: Model
    actions: Sequence[Action]
    condition: Condition | None = None

    def request(self, write_id: str | None) -> dict[str, Any]:
        """The parameters of the request, which is applied once per ``write_id`` if there is one."""
        actions, condition = list(self.actions), self.condition
        if write_id:
            actions += write_ids.stamp(write_id)
            new = write_ids.is_not_applied(write_id)
            condition = new if condition is None else condition & new
        return self.row.get_update_kwargs_from_instance(actions, condition, "ALL_OLD")


@dataclass(frozen=True, kw_only=True)
class Delete:
    """The removal of the row that has the key of ``row``. It cannot be the first write of a transaction."""

    row: Model

    def request(self, write_id: str | None) -> dict[str, Any]:
        """The parameters of the request. A removed row cannot store ``write_id``."""
        if write_id:
            raise AssertionError("the first write of a transaction must store the write id")
        return self.row.get_delete_kwargs_from_instance(None, "ALL_OLD")


Write = Put | Update | Delete


def set_or_remove(attribute: Any, value: object) -> Action:
    """The action that sets the attribute to ``value``, or removes it if ``value`` is None."""
    action: Action = attribute.remove() if value is None else attribute.set(value)
    return action


def put(row: Row, condition: Condition) -> None:
    """Write ``row`` if ``condition`` holds. One request.

    Raises ConditionFailedError with the current row, and BusyError.
    """
    write_id = write_ids.new_write_id()
    try:
        _call(row, "put_item", Put(row=row, condition=condition).request(write_id))
    except ClientError as error:
        item = _current_item(error)
        if not write_ids.is_applied(write_id, item):
            raise ConditionFailedError(_row(type(row), item)) from error


def update(
    key: Row, actions: Sequence[Action], condition: Condition | None, *, is_repeatable: bool = False
) -> Row:
    """Update the row of ``key`` if ``condition`` holds and return the new row. One request.

    Without a condition, a row that does not exist is created.

    If the client had to repeat the write, the returned row can contain later changes by other writes.
    ``is_repeatable``: the write is idempotent and its result is not used, so it stores no id. For frequent
    writes, whose ids would displace those of other writes.
    Raises ConditionFailedError with the current row, and BusyError.
    """
    write_id = None if is_repeatable else write_ids.new_write_id()
    request = Update(row=key, actions=actions, condition=condition).request(write_id)
    try:
        item = _call(key, "update_item", {**request, "ReturnValues": "ALL_NEW"})["Attributes"]
    except ClientError as error:
        item = _current_item(error)
        if not write_ids.is_applied(write_id, item):
            raise ConditionFailedError(_row(type(key), item)) from error
    return type(key).from_raw_data(item)


def transact(writes: Sequence[Write]) -> None:
    """Apply all of ``writes`` or none, in one transaction. One request.

    The first of ``writes`` stores the write id, so it should be the row with the fewest changes by others.
    Raises ConditionFailedError with the current row of the first write whose condition failed, and BusyError.
    """
    write_id = write_ids.new_write_id()
    first, *others = writes
    requests = [(first, first.request(write_id)), *((one, one.request(None)) for one in others)]
    items = [{type(one).__name__: request} for one, request in requests]
    try:
        _call(first.row, "transact_write_items", {"TransactItems": items})
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        failed = [index for index, reason in enumerate(reasons) if reason.get("Code") == _CONDITION_FAILED]
        if not failed:
            raise
        if write_ids.is_applied(write_id, reasons[0].get("Item")):
            return
        row = _row(type(writes[failed[0]].row), reasons[failed[0]].get("Item"))
        raise ConditionFailedError(row, failed) from error


def _current_item(error: ClientError) -> dict[str, Any] | None:
    """The item on which a condition failed, in DynamoDB JSON. Raises ``error`` if it is another error."""
    if _code(error) != "ConditionalCheckFailedException":
        raise error
    item: dict[str, Any] | None = error.response.get("Item")
    return item


def _call(row: Model, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Send the request and retry it after transient errors. Single writes also conflict with transactions.

    Raises BusyError if the conflict remains after MAX_TRIES.
    """
    client = row._get_connection().connection.client  # noqa: SLF001 - pynamodb has no public attribute
    pause_s = _FIRST_PAUSE_S
    for tries_left in reversed(range(MAX_TRIES)):
        try:
            response: dict[str, Any] = getattr(client, operation)(**request)
        except ClientError as error:
            if not _is_transient(error):
                raise
            if not tries_left:
                raise BusyError from error
            time.sleep(pause_s * _jitter.uniform(0.5, 1.5))
            pause_s *= _PAUSE_GROWTH
        else:
            return response
    raise AssertionError("unreachable")


def _is_transient(error: ClientError) -> bool:
    """Whether a retry of the same write can succeed."""
    if _code(error) in _TRANSIENT_ERRORS:
        return True
    codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
    return _CONDITION_FAILED not in codes and bool(codes & _TRANSIENT)


def _row(model: type[Row], item: dict[str, Any] | None) -> Row | None:
    return model.from_raw_data(item) if item else None


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
