"""The processor time of each step, without that of moto, and the bytes of its log."""

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import process_time, thread_time
from typing import Any
from unittest.mock import patch

from moto.core.botocore_stubber import BotocoreStubber

from chalicelib.observability import logger
from tests.cost.journey import Journey, prepared


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What the functions of a step used: their invocations, processor time and bytes of log."""

    invocations: int
    cpu_ms: float
    log_bytes: int


@dataclass
class _Step:
    invocations: int = 0
    cpu_s: float = 0
    log_bytes: int = 0


@dataclass
class _Emulated:
    """The processor time of the AWS services that moto emulates in this process."""

    cpu_s: float = 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        process = BotocoreStubber.process_request

        def timed(stubber: BotocoreStubber, request: Any) -> Any:
            started = thread_time()
            try:
                return process(stubber, request)
            finally:
                self.cpu_s += thread_time() - started

        with patch.object(BotocoreStubber, "process_request", timed):
            yield


@dataclass
class _Round:
    """One journey."""

    emulated: _Emulated
    steps: dict[str, _Step] = field(default_factory=lambda: defaultdict(_Step))

    def around(self, step: str, run: Callable[[], Any]) -> Any:
        text = io.StringIO()
        with patch.object(logger.registered_handler, "stream", text):
            emulated, started = self.emulated.cpu_s, process_time()
            done = run()
            used = process_time() - started - (self.emulated.cpu_s - emulated)
        one = self.steps[step]
        one.invocations += 1
        one.cpu_s += used
        one.log_bytes += len(text.getvalue().encode())
        return done


def efforts(rounds: int) -> Mapping[str, Effort]:
    """The effort of each step of the journey. The processor time is the median of ``rounds`` journeys."""
    emulated, made = _Emulated(), list[_Round]()
    with prepared() as (test, merchant), emulated.measured():
        for _ in range(rounds):
            one = _Round(emulated)
            Journey(test, merchant, one.around).run()
            made.append(one)
    return {
        step: Effort(
            invocations=last.invocations,
            cpu_ms=1_000 * median(one.steps[step].cpu_s for one in made),
            log_bytes=last.log_bytes,
        )
        for step, last in made[-1].steps.items()
    }
