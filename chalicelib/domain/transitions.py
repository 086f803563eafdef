"""State machines as tables: for each state, the states that it can change to."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)
Transitions = Mapping[State, frozenset[State]]


def sources_of(table: Transitions[State], target: State) -> list[State]:
    """The states that can change to ``target``. The condition of the write requires one of them."""
    sources = [source for source, targets in table.items() if target in targets]
    assert sources, f"no state can change to {target!r}"  # noqa: S101 - a bug in the table
    return sources
