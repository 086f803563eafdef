"""State tables: from which states a state is reached."""

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


def test_the_sources_of_a_state_are_all_that_lead_to_it():
    assert sources_of(TABLE, Light.RED) == [Light.GREEN, Light.AMBER]
    assert sources_of(TABLE, Light.GREEN) == [Light.RED]


def test_a_state_that_nothing_leads_to_is_a_bug_that_shows():
    with pytest.raises(AssertionError, match="no state can change to"):
        sources_of(TABLE, Light.BROKEN)
