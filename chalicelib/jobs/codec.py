"""The JSON of a message: the fields of a dataclass, whose types are checked.

The types are text, whole numbers, booleans, times with a UTC offset, text enumerations, and each of them or
None. Only this gateway writes the messages, and pydantic takes a quarter of the cold start of a worker.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from chalicelib.domain.times import iso

MessageT = TypeVar("MessageT")


class UnreadableFieldsError(Exception):
    """The text is not JSON of the type. The error contains the names of the fields, not the text."""


def write_fields(message: Any, **more: str) -> str:
    """The JSON object of the fields of ``message``, and of ``more``."""
    known = {one.name: _written(getattr(message, one.name)) for one in fields(message)}
    return json.dumps(more | known, separators=(",", ":"), ensure_ascii=False)


def read_fields(text: str, kind_of: Callable[[Mapping[str, Any]], type[MessageT]]) -> MessageT:
    """The message in ``text``, of the type that ``kind_of`` returns for its JSON object.

    Fields that the type does not have are ignored. Raises UnreadableFieldsError, also for a KeyError or
    TypeError of ``kind_of``.
    """
    try:
        known = json.loads(text)
        kind: Any = kind_of(known)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnreadableFieldsError("not a JSON object of a known type") from None
    read: dict[str, Any] = {}
    wrong: list[str] = []
    for one, types in _types(kind):
        if one.name not in known:
            if one.default is MISSING:
                wrong.append(one.name)
            continue
        try:
            read[one.name] = _read(known[one.name], types)
        except ValueError:
            wrong.append(one.name)
    if wrong:
        raise UnreadableFieldsError(", ".join(wrong))
    message: MessageT = kind(**read)
    return message


@cache
def _types(kind: type[Any]) -> list[tuple[Field[Any], tuple[type[Any], ...]]]:
    """The fields, and the types of each."""
    hints = get_type_hints(kind)
    return [(one, get_args(hints[one.name]) or (hints[one.name],)) for one in fields(kind)]


def _read(value: Any, types: tuple[type[Any], ...]) -> Any:
    """The value as one of ``types``. Raises ValueError."""
    if value is None and NoneType in types:
        return None
    kind = types[0]
    if type(value) is kind:
        return value
    if isinstance(value, str) and issubclass(kind, StrEnum):
        return kind(value)
    if isinstance(value, str) and kind is datetime and (time := datetime.fromisoformat(value)).tzinfo:
        return time
    raise ValueError


def _written(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value
