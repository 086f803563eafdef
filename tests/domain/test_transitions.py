"""Transition tables: the source states of a state."""

from enum import StrEnum

import pytest

from chalicelib.domain.transitions import Transitions, sources_of


class Light(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BROKEN = "broken"


TABLE: Transitions[Light] = {
    Light.GREEN: frozenset({Light.AMBER, Light.RED}),
    Light.AMBER: frozenset({Light.RED}),
    Light.RED: frozenset({Light.GREEN}),
    Light.BROKEN: frozenset(),
}


def test_the_sources_of_a_state_are_all_states_that_lead_to_it():
    assert sources_of(TABLE, Light.RED) == [Light.GREEN, Light.AMBER]
    assert sources_of(TABLE, Light.GREEN) == [Light.RED]


def test_a_state_without_sources_is_a_bug():
    with pytest.raises(AssertionError, match="no state can change to"):
        sources_of(TABLE, Light.BROKEN)
