"""Every script: those of merchants and those of buyers."""

from collections.abc import Mapping

from tests.simulation import buyers, scripts
from tests.simulation.scripts import Script

SCRIPTS: Mapping[str, Script] = {**scripts.SCRIPTS, **buyers.SCRIPTS}

RACES = scripts.RACES | buyers.RACES
"""Scripts in which several programs act at the same time."""

LEFT_TO_CHANCE = scripts.LEFT_TO_CHANCE | buyers.LEFT_TO_CHANCE
"""Scripts that are different with every seed."""
