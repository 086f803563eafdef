# ruff: noqa: T201 - a command-line program prints
"""`python -m tests.cost`: the dollars of a million payments, from counted figures and a list of prices.

One payment is an order, its payment by UPI, three webhooks that are accepted at the first attempt, and one
poll.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping

from tests.cost.bill import GOALS, PRICES, Line, Usage, dollars, idle_month
from tests.cost.journey import STEPS, metered
from tests.cost.meter import Meter
from tests.cost.processor import Effort, efforts

ROUNDS = 15


def main() -> int:
    """Print the table of the steps, and the bills."""
    parser = argparse.ArgumentParser(prog="python -m tests.cost", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="journeys whose processor time is measured (%(default)s)"
    )
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("--rounds must be at least 1")
    meter, measured = metered(), efforts(rounds)
    usage = Usage.of(meter, measured)
    print(f"Prices of {PRICES['date']}, {PRICES['region']}, without free tiers and stored data\n")
    _print_steps(meter, measured)
    rest = usage.lines("rest")
    _print_bill("A million payments with the REST API", rest, GOALS["rest"])
    http = dollars(usage.lines("http"))
    print(f"  {'the same with an HTTP API':<42}{http:>9.2f}   goal {GOALS['http']}\n")
    logged = sum(metered(log_days=7).write_units().values()) - sum(meter.write_units().values())
    price = PRICES["dollars"]["dynamodb_million_write_units"]
    print(f"The log of API requests adds {logged} write units to a payment: {logged * price:.2f} dollars.\n")
    _print_bill("A month without payments", idle_month(), GOALS["idle"])
    print(f"Processor time: the median of {rounds} journeys on this machine, which is not a Lambda function.")
    return 0


def _print_steps(meter: Meter, measured: Mapping[str, Effort]) -> None:
    print(f"  {'step':<22}{'write units':>12}{'read units':>12}{'requests':>10}{'runs':>6}{'CPU ms':>8}")
    for step in STEPS:
        one, requests = measured[step], len(meter.of_steps(step))
        writes, reads = sum(meter.write_units(step).values()), meter.read_units(step)
        units = f"{writes:>12}{reads:>12g}"
        print(f"  {step:<22}{units}{requests:>10}{one.invocations:>6}{one.cpu_ms:>8.1f}")
    print()


def _print_bill(title: str, lines: Iterable[Line], goal: int) -> None:
    lines = list(lines)
    print(f"  {title:<42}{'dollars':>9}")
    for line in lines:
        print(f"  {line.service:<22}{line.quantity:>10,.5g} {line.unit:<9}{line.dollars:>9.2f}")
    print(f"  {'total':<42}{dollars(lines):>9.2f}   goal {goal}\n")


if __name__ == "__main__":
    sys.exit(main())
