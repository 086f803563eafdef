"""Every script: those of merchants, of buyers, and of real acquirers."""

from collections.abc import Mapping

from tests.simulation import buyers, razorpay, scripts, stripe
from tests.simulation.scripts import Script

SCRIPTS: Mapping[str, Script] = {**scripts.SCRIPTS, **buyers.SCRIPTS, **razorpay.SCRIPTS, **stripe.SCRIPTS}

RACES = scripts.RACES | buyers.RACES
"""Scripts with concurrent requests."""

RANDOM = scripts.RANDOM | buyers.RANDOM | razorpay.RANDOM | stripe.RANDOM
"""Scripts that depend on the seed."""
