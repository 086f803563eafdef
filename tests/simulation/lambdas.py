"""Lambda: the handlers of ``app.py`` as AWS calls them, in processes that are warm, cold or crashed."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from types import ModuleType
from typing import Any

from chalice.test import Client

from chalicelib.bootstrap import Gateway
from infra.project import ROOT
from infra.template.lambdas import LAMBDAS
from tests.simulation.faults import Edge, Fault
from tests.simulation.invocation import Invocation, current_invocation
from tests.simulation.scheduler import Scheduler
from tests.simulation.wire import NoAnswerError, Wire

OPERATOR = "operator"
_TIMEOUTS_S = {one.handler: float(one.timeout_s) for one in LAMBDAS.values()} | {OPERATOR: 600.0}
HAND_OVER_PATIENCE_S = 1.0

Json = dict[str, Any]


def load_program(number: int) -> ModuleType:
    """``app.py`` for one process: it keeps the current request in a global variable."""
    spec = importlib.util.spec_from_file_location(f"simulated_app_{number}", ROOT / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["gateway"] = running_gateway
    vars(module)["http"] = Client(module.app).http
    return module


def running_gateway() -> Gateway:
    """The gateway of the current process."""
    return current_invocation().gateway


@dataclass(frozen=True, kw_only=True)
class Process:
    """A started Lambda: the program and its memory."""

    program: ModuleType
    gateway: Gateway

    def forget(self) -> None:
        """Return to the initial state, because a real start takes longer than a story."""
        self.gateway.merchants._cache.clear()
        self.gateway.limiter._buckets.clear()


@dataclass(frozen=True)
class Processes:
    """All processes that were started; the next story reuses them."""

    build: Callable[[], Gateway]
    _started: list[Process] = field(default_factory=list)

    def __getitem__(self, index: int) -> Process:
        while index >= len(self._started):
            program = load_program(len(self._started))
            self._started.append(Process(program=program, gateway=self.build()))
        return self._started[index]


@dataclass(kw_only=True)
class Lambdas:
    """All functions. A process that crashed or raised an exception is not reused."""

    scheduler: Scheduler
    wire: Wire
    processes: Processes
    _warm: dict[str, list[Process]] = field(default_factory=dict)
    _started: int = 0
    timed_out: int = 0

    def trigger(self, handler: str, records: list[Json]) -> Mapping[str, Any] | None:
        """Deliver ``records`` like a queue or stream. Returns None after an error or a lost response."""

        def once() -> list[Any]:
            event = {"Records": records}
            return [
                self._invoke(handler, lambda program: getattr(program, handler)(event, current_invocation()))
            ]

        def twice() -> list[Any]:
            tasks = [self.scheduler.spawn(once) for _ in range(2)]
            self.scheduler.join(tasks)
            first: list[Any] = tasks[0].outcome()
            return first

        operation = f"{handler} of {len(records)}"
        try:
            (answer,) = self.wire.exchange(
                Edge.TRIGGER, operation, once, patience_s=HAND_OVER_PATIENCE_S, instead={Fault.TWICE: twice}
            )
        except NoAnswerError:
            return None
        return answer  # type: ignore[no-any-return]

    def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        """Send one request to the API; returns Chalice's response, or None when the Lambda crashed."""
        return self._invoke(
            "api_handler",
            lambda program: program.http.request(method, path, headers=dict(headers), body=body),
        )

    def command(self, work: Callable[[Gateway], Any]) -> Any:
        """Run a command of the operator in a separate process. Returns None if it crashed or raised."""
        return self._invoke(OPERATOR, lambda _: work(running_gateway()))

    def _invoke(self, handler: str, work: Callable[[ModuleType], Any]) -> Any:
        """The result of the handler; None if it crashed or raised."""
        process = self._process(handler)
        invocation = Invocation(
            name=handler,
            gateway=process.gateway,
            scheduler=self.scheduler,
            timeout_s=_TIMEOUTS_S[handler],
        )
        task = self.scheduler.spawn(lambda: work(process.program), owner=invocation)
        self.scheduler.join([task])
        self.timed_out += invocation.is_timed_out
        if invocation.is_dead or task.failure:
            self.wire.note(f"      {handler} {f'raised {task.failure!r}' if task.failure else 'died'}")
            return None
        self._warm[handler].append(process)
        return task.result

    def _process(self, handler: str) -> Process:
        warm = self._warm.setdefault(handler, [])
        if warm:
            return warm.pop()
        process = self.processes[self._started]
        self._started += 1
        process.forget()
        return process


def simulated_concurrently(
    work: Callable[[Any], Any], items: Sequence[Any], *, max_workers: int, timeout_s: float | None
) -> list[Any]:
    """``run_concurrently`` for a story. Threads are tasks of the invocation and outlive the time-out."""
    assert len(items) <= max_workers
    invocation = current_invocation()
    scheduler = invocation.scheduler
    tasks = [scheduler.spawn(partial(work, item), owner=invocation) for item in items]
    until = None if timeout_s is None else scheduler.clock() + timedelta(seconds=timeout_s)
    scheduler.wait(lambda: scheduler.clock() if all(task.is_done for task in tasks) else until)
    return [task.outcome() if task.is_done else None for task in tasks]
