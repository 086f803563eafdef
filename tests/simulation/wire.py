"""Every call between components: the points where other tasks run, time passes, and faults occur."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from types import MappingProxyType
from typing import Any, TypeVar

from greenlet import GreenletExit

from tests.simulation.faults import Call, Edge, Fault, Plan
from tests.simulation.invocation import current_invocation
from tests.simulation.scheduler import Scheduler, current_task

Answer = TypeVar("Answer")

MAX_LATENCY_S = 0.04
_NOTHING: Mapping[Fault, Callable[[], Any]] = MappingProxyType({})


class NoAnswerError(Exception):
    """The caller received no response. Whether the call took effect is unknown."""


@dataclass(kw_only=True)
class Wire:
    """Carries calls. ``random`` draws the duration of each; without it, calls take no time."""

    scheduler: Scheduler
    plan: Plan
    random: Random | None
    calls: list[Call] = field(default_factory=list)
    struck: Counter[tuple[Edge, Fault]] = field(default_factory=Counter)
    trace: list[tuple[datetime, str]] = field(default_factory=list)
    is_closed: bool = False

    def exchange(
        self,
        edge: Edge,
        operation: str,
        act: Callable[[], Answer],
        *,
        patience_s: float,
        instead: Mapping[Fault, Callable[[], Answer]] = _NOTHING,
    ) -> Answer:
        """Return the result of ``act``, unless a fault occurs.

        ``instead`` contains the results of faults that have a response. Raises NoAnswerError after
        ``patience_s``. Does not return if the caller crashes.
        """
        if self.is_closed:
            raise GreenletExit
        self._wait_for_its_turn(edge)
        call = Call(number=len(self.calls), edge=edge, operation=operation)
        self.calls.append(call)
        fault = self.plan.strike(call)
        self._trace_call(call, fault)
        if fault and fault in instead:
            return instead[fault]()
        if fault is Fault.DIES_BEFORE:
            current_invocation().die()
        answer = None if fault is Fault.UNREACHABLE else act()
        if fault is Fault.DIES_AFTER:
            current_invocation().die()
        if answer is None or fault is Fault.ANSWER_LOST:
            self.scheduler.pause(patience_s)
            raise NoAnswerError
        return answer

    def _wait_for_its_turn(self, edge: Edge) -> None:
        task = current_task()
        assert task is not None
        task.is_at_a_row = edge is Edge.DYNAMODB
        self.scheduler.pause(self._latency_s())
        task.is_at_a_row = False

    def note(self, text: str) -> None:
        """Add a line to the trace."""
        self.trace.append((self.scheduler.clock(), text))

    def _latency_s(self) -> float:
        """Zero for every other call, so that some events are simultaneous."""
        if self.random is None or self.random.random() < 0.5:
            return 0.0
        return self.random.uniform(0, MAX_LATENCY_S)

    def _trace_call(self, call: Call, fault: Fault | None) -> None:
        invocation = current_invocation(or_none=True)
        who = f"{invocation.name:<18}" if invocation else " " * 18
        self.note(f"{call.number:>5} {who} {call.edge}: {call.operation}{f'   *** {fault}' if fault else ''}")
        if fault:
            self.struck[call.edge, fault] += 1
            if invocation:
                invocation.is_struck = True
