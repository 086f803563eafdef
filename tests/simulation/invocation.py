"""One invocation of a Lambda, and its tasks, which end with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, overload

from chalicelib.bootstrap import Gateway
from tests.simulation.scheduler import Scheduler, current_task


@dataclass(eq=False)
class Invocation:
    """A running handler. ``is_struck``: it had a fault, so that it may not have completed its work."""

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
        """Stop immediately: no further line runs, no exception handler and no ``finally`` block."""
        self.is_dead = self.is_struck = True
        self.scheduler.stop(self)

    def time_out(self) -> None:
        """Stop the invocation, as AWS does at the time-out."""
        self.is_timed_out = True
        self.die()

    def get_remaining_time_in_millis(self) -> int:
        """As in Lambda's context."""
        return int((self.deadline - self.scheduler.clock()) / timedelta(milliseconds=1))


@overload
def current_invocation(*, or_none: Literal[True]) -> Invocation | None: ...
@overload
def current_invocation() -> Invocation: ...
def current_invocation(*, or_none: bool = False) -> Invocation | None:
    """The invocation of the current task."""
    task = current_task()
    owner = task.owner if task else None
    if isinstance(owner, Invocation):
        return owner
    assert or_none, "this call requires an invocation"
    return None
