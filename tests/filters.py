"""The filters of event sources, as Lambda applies them, with the operators that the template uses."""

from collections.abc import Mapping, Sequence
from typing import Any

Pattern = Mapping[str, Any]


def matches(record: Mapping[str, Any], patterns: Sequence[Pattern]) -> bool:
    """Whether Lambda passes the record to the function: it matches one of the patterns."""
    return any(_matches(record, pattern) for pattern in patterns)


def _matches(value: Any, pattern: Any) -> bool:
    """All fields of a pattern must match; a list contains the accepted values."""
    if isinstance(pattern, Mapping):
        fields = value if isinstance(value, Mapping) else {}
        return all(name in fields and _matches(fields[name], one) for name, one in pattern.items())
    return any(_accepts(accepted, value) for accepted in pattern)


def _accepts(accepted: Any, value: Any) -> bool:
    if isinstance(accepted, Mapping):
        ((operator, excluded),) = accepted.items()
        assert operator == "anything-but", f"the operator {operator} is not known"
        return value not in excluded
    return bool(value == accepted)
