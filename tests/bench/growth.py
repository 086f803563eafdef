"""What grows with the number of payments: pages of lists, statistics, the event feed, and `doctor`.

The database is Amazon's DynamoDB Local. GROWTH names the sizes; 100000 takes about ten minutes to load.
"""

import io
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.observability import logger, set_log_level
from infra.local.environment import isolate
from infra.operator.deployment import Deployment
from infra.operator.doctor.acquirer_comparison import AcquirerComparison
from infra.operator.doctor.examination import Examination
from infra.operator.doctor.findings import Finding
from infra.operator.doctor.lateness import GRACE, Lateness
from infra.operator.doctor.row_counter import RowCounter
from infra.stage import Stage
from infra.template.queues import JOB_QUEUES
from tests.bench.consumed import Consumed, consumed
from tests.bench.figures import Figure
from tests.bench.interleaved import medians
from tests.bench.population import Population, populate
from tests.store import engines

SIZES = os.environ.get("GROWTH", "1000,10000")
ROUNDS = 9
ROWS_PER_PAYMENT = 3.1  # that doctor reads: an order, a payment, a webhook log and every tenth refund
PAGES = {
    "orders": "/orders?limit=10",
    "payments": "/payments?limit=10",
    "failed payments": "/payments?limit=10&status=failed",
    "payments after a cursor": "/payments?limit=10&cursor={cursor}",
    "refunds": "/refunds?limit=10",
    "webhook logs": "/webhooks?limit=10",
    "events": "/events?limit=100",
    "statistics": "/stats?days=30",
}


def measure() -> Iterator[Figure]:
    """Populate one gateway for each size, and compare each with the smallest."""
    now = datetime.now(UTC)
    with ExitStack() as cleanup:
        isolate(os.environ)
        folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="growth-")))
        aws = cleanup.enter_context(engines.dynamodb_local(folder))
        set_log_level("ERROR")
        cleanup.callback(logger.setLevel, "INFO")
        smallest: Population | None = None
        for size in map(int, SIZES.split(",")):
            population = populate(aws, size, now=now)
            if smallest:
                yield from compare(smallest, population)
            smallest = smallest or population
            yield from _doctor(population)


def compare(small: Population, large: Population) -> Iterator[Figure]:
    """The time, the requests and the read units of each page of ``large``; the baseline is ``small``."""
    for name, path in PAGES.items():
        pages = [page_of(population, path) for population in (small, large)]
        before, after = medians(*(_timed(page) for page in pages), rounds=ROUNDS)
        yield _figure(f"{name}: time", after * 1000, "ms", before * 1000, large.size)
        least, most = [counted(page) for page in pages]
        yield _figure(
            f"{name}: requests", len(most.operations), "requests", len(least.operations), large.size
        )
        yield _figure(f"{name}: read units", most.units, "units", least.units, large.size)


def counted(page: Callable[[], object]) -> Consumed:
    """The requests and units of ``page``."""
    with consumed() as result:
        page()
    return result


def page_of(population: Population, path: str) -> Callable[[], None]:
    """A function that reads a page as the large merchant."""
    with population.api() as api:
        cursor = api.get("/payments?limit=10").json_body["next_cursor"]

    def read() -> None:
        with population.api() as api:
            response = api.get(path.format(cursor=cursor))
        assert response.status_code == 200, response.body

    return read


def _timed(page: Callable[[], None]) -> Callable[[], float]:
    def seconds() -> float:
        started = time.perf_counter()
        page()
        return time.perf_counter() - started

    return seconds


def _figure(metric: str, value: float, unit: str, baseline: float, size: int) -> Figure:
    return Figure(metric=f"{metric} at {size:,} payments", value=value, unit=unit, baseline=baseline)


def _doctor(population: Population) -> Iterator[Figure]:
    """The processor time of an examination, and in a second one the memory that Python allocates."""
    rows, before = population.size * ROWS_PER_PAYMENT, time.process_time()
    examine(population)
    cpu_s = time.process_time() - before
    yield Figure(
        metric=f"doctor: processor time per 1,000 rows at {population.size:,} payments",
        value=cpu_s * 1_000 / rows * 1_000,
        unit="ms",
    )
    tracemalloc.start()
    examine(population)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    yield Figure(metric=f"doctor: memory at {population.size:,} payments", value=peak / 2**20, unit="MB")


def examine(population: Population) -> None:
    """Examine every row. Raises AssertionError if there is a finding."""
    gateway, findings = population.gateway, list[Finding]()
    now, counter = gateway.clock(), RowCounter(io.StringIO())
    deployment = Deployment(stage=Stage("test"), aws=population.aws, outputs={}, gateway=gateway)
    Examination(
        deployment=deployment,
        lateness=Lateness(now=now, max_delays=dict.fromkeys(JOB_QUEUES, GRACE), report=findings.append),
        comparison=AcquirerComparison(
            gateway=gateway, now=now, limit=0, counter=counter, report=findings.append
        ),
        counter=counter,
        report=findings.append,
        settle_s=0,
    ).run()
    assert findings == []
