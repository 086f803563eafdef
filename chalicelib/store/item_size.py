"""The size of a DynamoDB item, which counts towards the limit of 400 KB."""

from collections.abc import Mapping
from typing import Any

MAX_NUMBER_BYTES = 21
_CONTAINER_BYTES = 3


def item_bytes(item: Mapping[str, Any]) -> int:
    """An upper bound of the size of ``item`` in DynamoDB JSON. Raises UnicodeError for invalid text."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return MAX_NUMBER_BYTES
        case "M":
            return _CONTAINER_BYTES + len(value) + item_bytes(value)
        case "L":
            return _CONTAINER_BYTES + sum(1 + _value_bytes(one) for one in value)
        case "BOOL" | "NULL":
            return 1
    raise AssertionError(f"no attribute has the type {kind}")
