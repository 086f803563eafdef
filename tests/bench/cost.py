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
    yield _figure("write units of a payment", usage.write_units, "units", MAX_WRITE_UNITS)
    yield _figure("read units of a payment", usage.read_units, "units")
    yield _figure("requests to AWS of a payment", len(meter.of_steps()), "requests")
    yield _figure("Lambda memory of a payment", 1_024 * 1_000 * usage.gb_s, "MB ms")
    for api in ("rest", "http"):
        yield _figure(
            f"a million payments, {api.upper()} API", dollars(usage.lines(api)), "dollars", GOALS[api]
        )
    yield _figure("a month without payments", dollars(idle_month()), "dollars", GOALS["idle"])


def _figure(metric: str, value: float, unit: str, goal: float | None = None) -> Figure:
    """A figure that should be at most ``goal``."""
    if goal is None:
        return Figure(metric=metric, value=value, unit=unit)
    return Figure(metric=metric, value=value, unit=unit, goal=f"<= {goal}", met=value <= goal)
