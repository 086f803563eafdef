"""State machines as tables: from each state, the states that may follow."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)
Transitions = Mapping[State, frozenset[State]]


def sources_of(table: Transitions[State], target: State) -> list[State]:
    """The states from which ``target`` may be reached: what the condition of its write is made of."""
    sources = [source for source, targets in table.items() if target in targets]
    assert sources, f"nothing leads to {target!r}"  # noqa: S101 - a table without it is our own bug
    return sources
