"""Write ids: detect that a write was applied when boto3 sends it again because the response was lost.

Every write stores a random id. The ids of the last KEPT writes stay in the row, because another write can
change the row before the repeated write arrives. If a condition fails on a row that contains the id of the
write, the write was applied before. Rows of earlier versions have no ids and are valid.
"""

from collections.abc import Mapping
from itertools import pairwise
from random import Random, SystemRandom
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

KEPT = 4  # ids per row; measured with the simulator, docs/decisions/0014
_ID_BITS = 64  # about 20 bytes of the row for each id; an id must be unique only in its row
_NONE = ""

_random: Random = SystemRandom()  # not seeded: two processes restored from one snapshot must differ


def new_write_id() -> str:
    """A new random id."""
    return f"{_random.getrandbits(_ID_BITS):016x}"


def stamp(write_id: str) -> list[Action]:
    """The actions that store ``write_id`` in a row and remove the oldest of the other ids."""
    newest, *_ = names = _names()
    kept = [Path(older).set(Path(newer) | _NONE) for newer, older in pairwise(names)]
    return [*reversed(kept), Path(newest).set(write_id)]


def attributes(write_id: str) -> dict[str, Any]:
    """The attributes of ``write_id`` in a new row, in DynamoDB JSON."""
    return {_names()[0]: {"S": write_id}}


def is_not_applied(write_id: str) -> Condition:
    """The condition that the row does not have ``write_id``."""
    first, *others = (Path(name) != write_id for name in _names())
    condition: Condition = first
    for other in others:
        condition &= other
    return condition


def is_applied(write_id: str | None, item: Mapping[str, Any] | None) -> bool:
    """Whether ``item``, in DynamoDB JSON, contains ``write_id``. False for a write without an id."""
    return item is not None and write_id is not None and _holds(item, write_id)


def _holds(item: Mapping[str, Any], write_id: str) -> bool:
    return any(item.get(name) == {"S": write_id} for name in _names())


def _names() -> list[str]:
    """The names of the attributes with the ids, newest first."""
    return ["write_id", *(f"write_id_{number}" for number in range(2, KEPT + 1))]
