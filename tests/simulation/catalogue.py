"""Every script: those of merchants and those of buyers."""

from collections.abc import Mapping

from tests.simulation import buyers, scripts
from tests.simulation.scripts import Script

SCRIPTS: Mapping[str, Script] = {**scripts.SCRIPTS, **buyers.SCRIPTS}

RACES = scripts.RACES | buyers.RACES
"""Scripts with concurrent requests."""

RANDOM = scripts.RANDOM | buyers.RANDOM
"""Scripts that depend on the seed."""
