"""Functions and the receiver are killed while payments run. `make kills` also restarts the emulator."""

from pathlib import Path

import pytest

from tests.kills.plan import WORKERS, Plan
from tests.kills.trial import Trial


@pytest.mark.sensitive("kills functions at random times")
def test_every_payment_ends_and_has_its_webhooks_despite_kills(tmp_path: Path):
    plan = Plan(
        payments=20,
        kills=6,
        victims=WORKERS,
        kill_every_s=0.5,
        visibility_s=8,
        receiver_down_s=2,
        restarts=0,
        finish_within_s=120,
        quiet_s=0,
        seed=1,
    )
    assert Trial(plan, tmp_path).run() == []
