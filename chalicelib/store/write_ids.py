"""Write ids: how a write recognises itself when AWS's client sends it again because the response was lost.

Every write stores a random id. The ids of the last KEPT writes stay in the row, because another writer may
change the row before the repeat arrives. A condition that fails on a row with the write's own id means
that the write was applied before. Rows without ids, from earlier versions, are valid: no id is in them.
"""

from collections.abc import Mapping
from itertools import pairwise
from random import Random, SystemRandom
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

KEPT = 4  # ids per row; measured with the simulator, docs/decisions/0014
_ID_BITS = 64  # about 20 bytes of a row each; an id must differ only from the others of its row
_NONE = ""

_random: Random = SystemRandom()  # not seeded: two processes restored from one snapshot must differ


def new_write_id() -> str:
    """An id that no other write has."""
    return f"{_random.getrandbits(_ID_BITS):016x}"


def stamp(write_id: str) -> list[Action]:
    """The actions that store ``write_id`` in a row and keep the ids before it, the oldest excepted."""
    newest, *_ = names = _names()
    kept = [Path(older).set(Path(newer) | _NONE) for newer, older in pairwise(names)]
    return [*reversed(kept), Path(newest).set(write_id)]


def attributes(write_id: str) -> dict[str, Any]:
    """What ``stamp`` stores in a new row, in DynamoDB's JSON."""
    return {_names()[0]: {"S": write_id}}


def is_not_applied(write_id: str) -> Condition:
    """The condition that the row does not have ``write_id``."""
    first, *others = (Path(name) != write_id for name in _names())
    condition: Condition = first
    for other in others:
        condition &= other
    return condition


def is_applied(write_id: str | None, item: Mapping[str, Any] | None) -> bool:
    """Whether ``item``, in DynamoDB's JSON, has ``write_id``. A write without an id never knows."""
    return item is not None and write_id is not None and _holds(item, write_id)


def _holds(item: Mapping[str, Any], write_id: str) -> bool:
    return any(item.get(name) == {"S": write_id} for name in _names())


def _names() -> list[str]:
    """The attributes that hold the ids, newest first."""
    return ["write_id", *(f"write_id_{number}" for number in range(2, KEPT + 1))]
