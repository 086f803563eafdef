"""The start of the local stack and the memory of its processes.

The first start packages the code and has no data. A later start uses the package and the kept data. Downloads
are not included: libraries of the sites that were downloaded before are used.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from chalicelib.domain.signature import new_signing_secret
from infra.deploy import packaging
from infra.local.environment import isolate
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from infra.output import fit_any_encoding
from tests.bench.figures import Figure
from tests.bench.processes import cpu_s_by_kind, memory_by_kind
from tests.bench.receiving import receiving
from tests.bench.throughput import CONNECTIONS, EVENT, orders, payments
from tests.stack import ENVIRONMENT, merchants_of

ROUNDS = 3
PAYMENTS = 100


@dataclass(frozen=True)
class Start:
    """One start: its duration, and the CPU time of all processes."""

    took_s: float
    cpu_s: float


def measure() -> Iterator[Figure]:
    """The figures of ROUNDS new stacks: medians of the starts, and the memory in the last round."""
    fit_any_encoding()
    isolate(os.environ)
    first, later = list[Start](), list[Start]()
    for _ in range(ROUNDS):
        with TemporaryDirectory(prefix="local-stack-") as folder, _unpackaged(Path(folder, "build")):
            state_dir = Path(folder, "state")
            with _started(state_dir, first):
                pass
            with _started(state_dir, later) as gateway:
                figures = list(_memory(gateway))
    for metric, starts in (("first start of the local stack", first), ("later start, with kept data", later)):
        yield Figure(metric=metric, value=median(one.took_s for one in starts), unit="s")
        yield Figure(metric=f"{metric}, CPU", value=median(one.cpu_s for one in starts), unit="s")
    yield from figures


@contextmanager
def _unpackaged(folder: Path) -> Iterator[None]:
    """Packages are made in ``folder``, so that nothing is packaged yet."""
    with (
        patch.object(packaging, "BUILD_DIR", folder),
        patch.object(packaging, "DEPENDENCIES_DIR", folder / "dependencies"),
    ):
        yield


@contextmanager
def _started(state_dir: Path, starts: list[Start]) -> Iterator[LocalGateway]:
    """A gateway that keeps its data in ``state_dir``. Appends its start to ``starts``."""
    began, cpu_s = time.monotonic(), _cpu_s()
    with LocalGateway(
        stage="test", ports=Ports.free(), environment=ENVIRONMENT, state_dir=state_dir, persist=True
    ) as gateway:
        starts.append(Start(took_s=time.monotonic() - began, cpu_s=_cpu_s() - cpu_s))
        yield gateway


def _cpu_s() -> float:
    """The CPU seconds of this process and of the processes that it started, running and ended."""
    ended = os.times()
    return sum(cpu_s_by_kind().values()) + ended.children_user + ended.children_system


def _memory(gateway: LocalGateway) -> Iterator[Figure]:
    """The memory after the start, and after PAYMENTS payments with their webhooks."""
    yield _resident("after the start")
    secret = new_signing_secret(SystemRandom())
    with receiving(secret) as received:
        merchant = merchants_of(gateway)(secret)
        changed = merchant.patch("/webhooks/endpoints/default", {"url": received.url, "events": [EVENT]})
        assert changed.status_code == 200, changed.text
        order_ids = [answer.id for answer in orders(merchant, PAYMENTS)]
        received.wait_for({answer.id for answer in payments(merchant, order_ids, CONNECTIONS).send()})
    yield _resident(f"after {PAYMENTS} payments")
    for kind, memory in sorted(memory_by_kind().items()):
        yield Figure(metric=f"memory of one process, peak: {kind}", value=memory.peak_mb, unit="MB")


def _resident(moment: str) -> Figure:
    kinds = memory_by_kind().values()
    processes = sum(one.processes for one in kinds)
    return Figure(
        metric=f"memory of {processes} processes {moment}",
        value=sum(one.resident_mb for one in kinds),
        unit="MB",
    )
