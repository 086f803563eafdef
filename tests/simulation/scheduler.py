"""Tasks that run one at a time and yield at every call, and a clock that advances only when all tasks wait.

A task is a greenlet: ordinary code that is stopped at a call and resumes later, or never. The only decision
here is which of the ready tasks runs next, and ``pick`` makes it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from greenlet import GreenletExit, getcurrent, greenlet

MAX_STEPS = 50_000  # the longest story needs some thousand


class EndlessError(AssertionError):
    """The story did not end."""


class Deadline(Protocol):
    """The owner of a task; a task ends with its owner."""

    deadline: datetime

    def time_out(self) -> None:
        """Stop the tasks because their time is up."""
        ...


class Task(greenlet):
    """One thread.

    ``racer`` numbers concurrent requests. Everything that a racer starts, including Lambdas, has the same
    number.
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
        """The result of the work; raises its error."""
        if self.failure:
            raise self.failure
        return self.result


Pick = Callable[[Sequence[Task]], int]
"""Returns the index of the task that runs next."""


class Scheduler:
    """All tasks of a story and its clock. ``run`` is called outside of tasks, everything else inside."""

    def __init__(self, start: datetime, pick: Pick) -> None:
        self._now = start
        self._pick = pick
        self._hub = getcurrent()
        self._tasks: list[Task] = []
        self._stopped: list[Task] = []  # kept, because a greenlet without references is unwound
        self.steps = 0

    def clock(self) -> datetime:
        """The time in whole milliseconds, as in the gateway's clock."""
        return self._now

    def spawn(
        self, work: Callable[[], Any], *, owner: Deadline | None = None, racer: int | None = None
    ) -> Task:
        """Start a task, which is ready immediately. A task that a racer starts belongs to the racer."""
        parent = current_task()
        task = Task(work, owner=owner, racer=parent.racer if parent and racer is None else racer)
        task.parent = self._hub
        task.ready_at = lambda: self._now
        self._tasks.append(task)
        return task

    def pause(self, seconds: float = 0.0) -> None:
        """Let other tasks run, and advance the time."""
        until = self._now + timedelta(seconds=seconds)
        self.wait(lambda: until)

    def wait(self, ready_at: Callable[[], datetime | None]) -> None:
        """Let other tasks run until the time that ``ready_at`` returns; None means not yet."""
        task = current_task()
        assert task is not None, "only a task can wait"
        task.ready_at = ready_at
        self._hub.switch()

    def join(self, tasks: Sequence[Task]) -> None:
        """Wait until all of ``tasks`` are done or stopped."""
        self.wait(lambda: self._now if all(task.is_done for task in tasks) else None)

    def sleep(self, seconds: float) -> None:
        """``time.sleep`` for tasks; elsewhere it returns immediately."""
        if current_task():
            self.pause(seconds)

    def stop(self, owner: Deadline) -> None:
        """Stop all tasks of ``owner``."""
        stopped = [task for task in self._tasks if task.owner is owner]
        self._tasks = [task for task in self._tasks if task.owner is not owner]
        self._stopped += stopped
        for task in stopped:
            task.is_done = True
        if current_task() in stopped:
            self._hub.switch()

    def run(self, *, until: datetime) -> None:
        """Run until no task is left. Raises EndlessError, and the error of a task without an owner."""
        while ready := self._soonest():
            if self.steps >= MAX_STEPS or self._now > until:
                raise EndlessError(f"no end after {self.steps} steps, at {self._now}")
            self.steps += 1
            self._step(ready[self._pick(ready)])

    def close(self) -> None:
        """Unwind all stopped and waiting tasks."""
        for task in [*self._stopped, *self._tasks]:
            if task:
                task.throw(GreenletExit)

    def _soonest(self) -> list[Task]:
        """The tasks that are ready first; advances the clock to that time."""
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
    """The first whole millisecond at or after ``moment``."""
    return moment + timedelta(microseconds=-moment.microsecond % 1000)


def current_task() -> Task | None:
    """The current task, or None outside of tasks."""
    here = getcurrent()
    return here if isinstance(here, Task) else None
