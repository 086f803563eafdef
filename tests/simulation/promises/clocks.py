"""The test clock of the merchant."""

from itertools import pairwise

from tests.simulation.world import World


def the_clock_never_runs_backwards(world: World) -> None:
    for before, after in pairwise(world.clock_offsets_ms):
        assert before <= after, f"the clock was {before} ms ahead, then {after} ms"
