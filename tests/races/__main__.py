# ruff: noqa: T201 - a command-line program prints
"""`python -m tests.races`: every race at full size on a separate stack; exit status 1 if one fails."""

import sys
from collections.abc import Callable

from tests.e2e.api import Api
from tests.races.crowd import warm_up
from tests.races.race import Race
from tests.races.refunds import refunds_of_one_payment
from tests.races.retries import retries_of_one_log
from tests.races.same_key import impatient_clients, one_payment_requested_concurrently
from tests.stack import merchants_of, temporary_gateway

RACES: tuple[tuple[Callable[[Api, int], Race], int], ...] = (
    (refunds_of_one_payment, 200),
    (one_payment_requested_concurrently, 1_000),
    (impatient_clients, 100),
    (retries_of_one_log, 100),
)


def main() -> int:
    """Run all races in sequence."""
    with temporary_gateway("races") as gateway:
        new_merchant = merchants_of(gateway)
        warm_up(new_merchant())
        return max([_report(run(new_merchant(), count)) for run, count in RACES])


def _report(race: Race) -> int:
    print(race, end="\n\n", flush=True)
    return 1 if race.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
