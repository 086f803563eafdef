"""Tasks that run one at a time and give way at every call, and a clock that moves only when all of them wait.

A task is a greenlet: ordinary code that is stopped in the middle of a call and goes on later, or never.
Who goes first of those that are ready is the one decision made here, and ``pick`` makes it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from greenlet import GreenletExit, getcurrent, greenlet

MAX_STEPS = 50_000  # the longest story takes some thousand


class EndlessError(AssertionError):
    """The story did not come to rest."""


class Deadline(Protocol):
    """What a task belongs to and ends with."""

    deadline: datetime

    def time_out(self) -> None:
        """Stop the tasks: their time is up."""
        ...


class Task(greenlet):
    """One thread of something that happens.

    ``racer`` numbers those that do something at once; what they start, Lambdas too, has the same number.
    """

    def __init__(self, work: Callable[[], Any], *, owner: Deadline | None, racer: int | None) -> None:
        super().__init__()
        self._work = work
        self.owner = owner
        self.racer = racer
        self.is_at_a_row = False
        self.ready_at: Callable[[], datetime | None] = lambda: None
        self.is_done = False
        self.result: Any = None
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            self.result = self._work()
        except Exception as error:
            self.failure = error
        self.is_done = True

    def outcome(self) -> Any:
        """What the work returned, or its error raised."""
        if self.failure:
            raise self.failure
        return self.result


Pick = Callable[[Sequence[Task]], int]
"""The index of who goes first."""


class Scheduler:
    """All tasks of a story and its clock. ``run`` is called outside of tasks, everything else inside."""

    def __init__(self, start: datetime, pick: Pick) -> None:
        self._now = start
        self._pick = pick
        self._hub = getcurrent()
        self._tasks: list[Task] = []
        self._stopped: list[Task] = []  # kept, because a greenlet that is dropped is unwound
        self.steps = 0

    def clock(self) -> datetime:
        """The time, in whole milliseconds as the gateway's own clock has it."""
        return self._now

    def spawn(
        self, work: Callable[[], Any], *, owner: Deadline | None = None, racer: int | None = None
    ) -> Task:
        """A new task, ready at once; one that a racer starts is part of it."""
        parent = current_task()
        task = Task(work, owner=owner, racer=parent.racer if parent and racer is None else racer)
        task.parent = self._hub
        task.ready_at = lambda: self._now
        self._tasks.append(task)
        return task

    def pause(self, seconds: float = 0.0) -> None:
        """Let others go first, and time pass."""
        until = self._now + timedelta(seconds=seconds)
        self.wait(lambda: until)

    def wait(self, ready_at: Callable[[], datetime | None]) -> None:
        """Let others go until the time that ``ready_at`` says, None being not yet."""
        task = current_task()
        assert task is not None, "only a task can wait"
        task.ready_at = ready_at
        self._hub.switch()

    def join(self, tasks: Sequence[Task]) -> None:
        """Wait until all of ``tasks`` are done or stopped."""
        self.wait(lambda: self._now if all(task.is_done for task in tasks) else None)

    def sleep(self, seconds: float) -> None:
        """``time.sleep`` for what runs in a task; elsewhere nothing waits."""
        if current_task():
            self.pause(seconds)

    def stop(self, owner: Deadline) -> None:
        """No task of ``owner`` takes another step."""
        stopped = [task for task in self._tasks if task.owner is owner]
        self._tasks = [task for task in self._tasks if task.owner is not owner]
        self._stopped += stopped
        for task in stopped:
            task.is_done = True
        if current_task() in stopped:
            self._hub.switch()

    def run(self, *, until: datetime) -> None:
        """Take steps until nothing is to come. Raises EndlessError, and the error of a task nobody owns."""
        while ready := self._soonest():
            if self.steps >= MAX_STEPS or self._now > until:
                raise EndlessError(f"no rest after {self.steps} steps, at {self._now}")
            self.steps += 1
            self._step(ready[self._pick(ready)])

    def close(self) -> None:
        """Unwind what was stopped or still waits."""
        for task in [*self._stopped, *self._tasks]:
            if task:
                task.throw(GreenletExit)

    def _soonest(self) -> list[Task]:
        """The tasks that are ready first, at which the clock then stands."""
        times = [(at, task) for task in self._tasks if (at := self._time_of(task)) is not None]
        if not times:
            return []
        self._now = max(self._now, _whole_ms(min(at for at, _ in times)))
        return [task for at, task in times if at <= self._now]

    def _time_of(self, task: Task) -> datetime | None:
        at = task.ready_at()
        return at if at is None or task.owner is None else min(at, task.owner.deadline)

    def _step(self, task: Task) -> None:
        if task.owner and self._now >= task.owner.deadline:
            task.owner.time_out()
            return
        task.switch()
        if task.is_done:
            self._tasks = [one for one in self._tasks if one is not task]
            if task.failure and task.owner is None:
                raise task.failure


def _whole_ms(moment: datetime) -> datetime:
    """The first whole millisecond from ``moment`` on."""
    return moment + timedelta(microseconds=-moment.microsecond % 1000)


def current_task() -> Task | None:
    """The task this runs in, None outside of all."""
    here = getcurrent()
    return here if isinstance(here, Task) else None
