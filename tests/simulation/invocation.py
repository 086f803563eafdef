"""One invocation of a Lambda: its tasks live as long as it does, and end with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, overload

from chalicelib.bootstrap import Gateway
from tests.simulation.scheduler import Scheduler, current_task


@dataclass(eq=False)
class Invocation:
    """A handler at work. ``is_struck``: a fault met it, so that it need not have done what it began."""

    name: str
    gateway: Gateway
    scheduler: Scheduler
    timeout_s: float
    is_struck: bool = False
    is_dead: bool = False
    is_timed_out: bool = False

    def __post_init__(self) -> None:
        self.started_at: datetime = self.scheduler.clock()
        self.deadline: datetime = self.started_at + timedelta(seconds=self.timeout_s)

    def die(self) -> None:
        """End here and now: not one more line of it runs, no handler of exceptions, no ``finally``."""
        self.is_dead = self.is_struck = True
        self.scheduler.stop(self)

    def time_out(self) -> None:
        """AWS stops what takes too long."""
        self.is_timed_out = True
        self.die()

    def get_remaining_time_in_millis(self) -> int:
        """What Lambda's context says."""
        return int((self.deadline - self.scheduler.clock()) / timedelta(milliseconds=1))


@overload
def current_invocation(*, or_none: Literal[True]) -> Invocation | None: ...
@overload
def current_invocation() -> Invocation: ...
def current_invocation(*, or_none: bool = False) -> Invocation | None:
    """The invocation this runs in."""
    task = current_task()
    owner = task.owner if task else None
    if isinstance(owner, Invocation):
        return owner
    assert or_none, "only an invocation has calls like this one"
    return None
