"""Sizes of DynamoDB items and the units that they use, by the rules of DynamoDB's documentation."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Item = Mapping[str, Any]
"""An item in DynamoDB JSON."""

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
_CONTAINER_BYTES = 3


def item_bytes(item: Item) -> int:
    """The size of the item: the names and the values of its attributes."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(*versions: Item | None) -> int:
    """The units of writing an item: 1 for each started KB of its larger version, at least 1."""
    return max(1, -(-max(item_bytes(one) if one else 0 for one in versions) // WRITE_UNIT_BYTES))


def read_units(size_bytes: int, *, consistent: bool) -> float:
    """The units of reading items: 1 for each started 4 KB, at least 1, and half of it if not consistent."""
    units = max(1, -(-size_bytes // READ_UNIT_BYTES))
    return float(units) if consistent else units / 2


def _value_bytes(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return _number_bytes(value)
        case "SS":
            return sum(len(one.encode()) for one in value)
        case "M":
            return _CONTAINER_BYTES + len(value) + item_bytes(value)
        case "L":
            return _CONTAINER_BYTES + sum(1 + _value_bytes(one) for one in value)
        case "BOOL" | "NULL":
            return 1
    raise AssertionError(f"no attribute has the type {kind}")


def _number_bytes(number: str) -> int:
    """About one byte for two significant digits, one byte more, and one for a negative sign."""
    sign, digits, _ = Decimal(number).normalize().as_tuple()
    return (len(digits) + 1) // 2 + 1 + sign
