# ruff: noqa: T201 - a command-line program prints
"""`python -m tests.kills`: the trial at full size; exit status 1 when a promise was not kept."""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.environment import isolate
from infra.output import fit_any_encoding
from tests.kills.plan import ALL_MERCHANTS, Plan
from tests.kills.trial import Trial


def main() -> int:
    """Run it on a stack of its own."""
    fit_any_encoding()
    isolate(os.environ)
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--payments", type=int, default=200)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="of the choice whom to kill")
    given = parser.parse_args()
    plan = Plan(
        payments=given.payments,
        kills=given.kills,
        victims=ALL_MERCHANTS,
        kill_every_s=1,
        visibility_s=25,
        receiver_down_s=6,
        restarts=given.restarts,
        finish_within_s=300,
        quiet_s=65,
        seed=given.seed,
    )
    print(f"{plan.payments} payments, while functions, receiver and emulator come and go:", flush=True)
    with TemporaryDirectory(prefix="kills-") as folder:
        broken = Trial(plan, Path(folder)).run()
    for promise in broken:
        print(f"BROKEN: {promise}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
