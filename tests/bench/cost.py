"""The counted figures of one payment, and the dollars of a million. `make cost` shows the details."""

from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.cost.bill import GOALS, Usage, dollars, idle_month
from tests.cost.journey import metered
from tests.cost.processor import efforts

ROUNDS = 15
MAX_WRITE_UNITS = 40


def measure() -> Iterator[Figure]:
    """Units and requests are counted and exact. The duration of the functions is measured."""
    meter = metered()
    usage = Usage.of(meter, efforts(ROUNDS))
    yield Figure(
        metric="write units of a payment", value=usage.write_units, unit="units", goal=MAX_WRITE_UNITS
    )
    yield Figure(metric="read units of a payment", value=usage.read_units, unit="units")
    yield Figure(metric="requests to AWS of a payment", value=len(meter.of_steps()), unit="requests")
    yield Figure(metric="Lambda memory of a payment", value=1_024 * 1_000 * usage.gb_s, unit="MB ms")
    for api in ("rest", "http"):
        yield Figure(
            metric=f"a million payments, {api.upper()} API",
            value=dollars(usage.lines(api)),
            unit="dollars",
            goal=GOALS[api],
        )
    yield Figure(
        metric="a month without payments", value=dollars(idle_month()), unit="dollars", goal=GOALS["idle"]
    )
