# ruff: noqa: T201 - a command-line program prints
"""`python -m tests.kills`: the trial at full size; exit status 1 if a guarantee does not hold."""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.environment import isolate
from infra.output import fit_any_encoding
from tests.kills.plan import ALL_FUNCTIONS, Plan
from tests.kills.trial import Trial


def main() -> int:
    """Run the trial on a separate stack."""
    fit_any_encoding()
    isolate(os.environ)
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--payments", type=int, default=200)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="seed of the choice of victims")
    given = parser.parse_args()
    plan = Plan(
        payments=given.payments,
        kills=given.kills,
        victims=ALL_FUNCTIONS,
        kill_every_s=1,
        visibility_s=25,
        receiver_down_s=6,
        restarts=given.restarts,
        finish_within_s=300,
        quiet_s=65,
        seed=given.seed,
    )
    print(
        f"{plan.payments} payments, while functions, receiver and emulator are killed or restarted:",
        flush=True,
    )
    with TemporaryDirectory(prefix="kills-") as folder:
        broken = Trial(plan, Path(folder)).run()
    for guarantee in broken:
        print(f"FAILED: {guarantee}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
