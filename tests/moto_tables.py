"""Faster copies of moto's tables in transactions, and of its rows in queries and responses.

moto copies every table that a transaction writes to, to restore it if the transaction fails. Copying each row
takes most of a test's time. Here the copy shares the rows, and `UpdateItem`, which changes a row in place,
changes a copy of the row instead. Queries and scans share the rows that they return. For a key-only index,
moto converts the whole row to JSON for each attribute; here it reads only the attributes. moto measures a new
row again after each attribute; here it measures the row once.

For a response, moto searches each attribute value for ten types with several names each; here it reads only
the type that the value has.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend, table
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

MAX_ROW_BYTES = 405_000  # as in moto


@contextmanager
def rows_are_shared() -> Iterator[None]:
    """Make copies of a table share its rows, and do not change rows in place."""
    update_item = DynamoDBBackend.update_item

    def update_copy(backend: DynamoDBBackend, table_name: str, key: Any, *rest: Any, **options: Any) -> Any:
        _replace_by_copy(backend.get_table(table_name), key)
        return update_item(backend, table_name, key, *rest, **options)

    project, serialize = Item.project, BaseJSONSerializer._serialize_type_structure

    def project_flat(row: Any, expressions: list[list[str]]) -> Any:
        return _attributes_of(row, expressions) if _are_flat(expressions) else project(row, expressions)

    def serialize_directly(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name != "AttributeValue" or not isinstance(value, dict):
            serialize(serializer, serialized, value, shape, key)
            return
        attribute: dict[str, Any] = {}
        for kind, content in value.items():
            serializer._serialize(attribute, content, shape.members[kind], kind)
        serializer._default_serialize(serialized, attribute, shape, key)

    with (
        patch.object(table, "copy", SimpleNamespace(copy=copy, deepcopy=_without_rows)),
        patch.object(Item, "__init__", _create),
        patch.object(BaseJSONSerializer, "_serialize_type_structure", serialize_directly),
        patch.object(Table, "__deepcopy__", _copied, create=True),
        patch.object(DynamoDBBackend, "update_item", update_copy),
        patch.object(Item, "project", project_flat),
    ):
        yield


def _create(row: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
    """Create a row. Raises ItemSizeTooLarge."""
    row.hash_key, row.range_key, row.attrs = hash_key, range_key, LimitedSizeDict()
    for name, value in attrs.items():
        dict.__setitem__(row.attrs, name, DynamoType(value))
    if row.size() > MAX_ROW_BYTES:
        raise ItemSizeTooLarge


def _without_rows(value: Any) -> Any:
    """Return a row itself, a new list of the same rows, or a deep copy of anything else."""
    if isinstance(value, list) and all(isinstance(each, Item) for each in value):
        return list(value)
    return value if isinstance(value, Item) else deepcopy(value)


def _copied(table: Any, memo: dict[int, Any]) -> Any:
    """Copy the table, its collections and its stream; share the rows and the stream's records."""
    copied = memo[id(table)] = copy(table)
    copied.items = defaultdict(dict)
    for hash_key, found in table.items.items():
        copied.items[hash_key] = dict(found) if isinstance(found, dict) else found
    if table.stream_shard is not None:
        copied.stream_shard = copy(table.stream_shard)
        copied.stream_shard.table = copied
        copied.stream_shard.items = list(table.stream_shard.items)
    return copied


def _are_flat(expressions: list[list[str]]) -> bool:
    """Whether each expression names an attribute of the row itself."""
    return all(len(names) == 1 and names[0].isidentifier() for names in expressions)


def _attributes_of(row: Any, expressions: list[list[str]]) -> Any:
    """Return a row with those attributes of `row`."""
    projected = Item(row.hash_key, row.range_key, {})
    for (name,) in expressions:
        if name in row.attrs:
            dict.__setitem__(projected.attrs, name, row.attrs[name])
    return projected


def _replace_by_copy(table: Any, key: Any) -> None:
    """Put a copy of the row with that key in its place, if there is such a row."""
    if set(key) != set(table.table_key_attrs):
        return  # moto refuses such a key
    hash_key, *range_keys = (DynamoType(key[name]) for name in table.table_key_attrs)
    row = table.get_item(hash_key, *range_keys)
    if row is None:
        return
    if range_keys:
        table.items[hash_key][range_keys[0]] = deepcopy(row)
    else:
        table.items[hash_key] = deepcopy(row)
