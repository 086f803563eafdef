"""Ways to run a script: without faults, with one fault, in every order of racers, and at random."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from infra.template.queues import MAX_RECEIVES
from tests.cloud import without_test_clocks
from tests.simulation.catalogue import SCRIPTS
from tests.simulation.faults import MAX_FAULTS, Call, Edge, Fault, NoFaults, OneFault, Plan, RandomFaults
from tests.simulation.laboratory import Laboratory
from tests.simulation.promises import PROMISES, WITHOUT_FAULTS, Promise, check
from tests.simulation.promises.answers import every_request_was_answered_on_the_first_try
from tests.simulation.scheduler import Task
from tests.simulation.turns import Turns
from tests.simulation.world import Weather, World

MOVES_THE_CLOCK = frozenset({"retries_with_the_test_clock"})  # other scripts run as in production
STORM_LENGTH = 8  # exceeds the retries of AWS's client, of a transaction and of a message
PASSING = frozenset({Fault.ANSWER_LOST, Fault.UNREACHABLE, Fault.THROTTLED, Fault.CONFLICT})


@dataclass(kw_only=True)
class Run:
    """The result of a story. ``error``: the failure, or None; ``repeat``: the arguments that reproduce it."""

    repeat: str
    error: BaseException | None
    calls: list[Call]
    race_at: int
    struck: Counter[tuple[Edge, Fault]]
    trace: list[tuple[datetime, str]]


@dataclass(kw_only=True)
class Explorer:
    """Runs stories in one laboratory."""

    laboratory: Laboratory

    def without_faults(self, name: str) -> Run:
        """Run without faults and delays."""
        return self._run(name, Weather(), f"--script {name} --calm")

    def without_the_recorder(self, name: str, down_for: timedelta) -> Run:
        """Run without faults, while the recorder is down for some time."""
        return self._run(name, Weather(recorder_down_for=down_for), "")

    def each_fault(
        self,
        name: str,
        *,
        storms: bool = False,
        from_the_race: bool = False,
        first: int = 0,
        one_of: int = 1,
        where: Callable[[Call, Fault], bool] = lambda call, fault: True,
    ) -> Iterator[Run]:
        """Run without faults, and then once for each call and each of its faults.

        ``storms`` repeats the fault at the next calls. Three options reduce the number of stories: only calls
        after the start of the race, only faults that ``where`` accepts, and only one of ``one_of`` faults.
        """
        calm = self.without_faults(name)
        yield calm
        since = calm.race_at if from_the_race else 0
        every = [(call, fault) for call in calm.calls[since:] for fault in call.faults if where(call, fault)]
        for call, fault in every[first::one_of]:
            yield self.one_fault(name, call.number, fault)
            if storms and fault in PASSING:
                yield self.one_fault(name, call.number, fault, length=STORM_LENGTH)

    def each_order(self, name: str) -> Iterator[Run]:
        """Run once for every order in which the racers can reach DynamoDB."""
        turns: Turns | None = Turns()
        while turns:
            yield self.in_order(name, turns)
            turns = turns.next()

    def in_order(self, name: str, turns: Turns) -> Run:
        """Run without faults, with the racers in the order of ``turns``."""
        run = self._run(name, Weather(pick=turns.pick), "")
        return replace(run, repeat=f"--script {name} --turns {turns}")

    def one_fault(self, name: str, number: int, fault: Fault, *, length: int = 1) -> Run:
        """Run with one fault."""
        plan = OneFault(number=number, fault=fault, length=length)
        repeat = f'--script {name} --call {number} --fault "{fault}"' + (f" --length {length}" * (length > 1))
        return self._run(name, Weather(plan=plan), repeat)

    def at_random(self, name: str, seed: int) -> Run:
        """Run with all random choices, including the rate of faults, derived from ``seed``."""
        random = Random(seed)
        plan: Plan = NoFaults()
        if random.random() < 0.9:
            plan = RandomFaults(
                random=Random(f"{seed}:faults"),
                rate=random.choice([0.01, 0.03, 0.1, 0.3]),
                budget=random.choice([1, 5, 20, MAX_FAULTS]),
            )
        weather = Weather(
            seed=str(seed),
            plan=plan,
            pick=partial(_any, Random(f"{seed}:turns")),
            max_receives=random.choice([2, MAX_RECEIVES]),
            recorder_down_for=random.choice([timedelta(0), timedelta(hours=1)]),
        )
        return self._run(name, weather, f"--script {name} --seed {seed}")

    def _run(self, name: str, weather: Weather, repeat: str) -> Run:
        world, error = World(self.laboratory, weather), None
        try:
            with nullcontext() if name in MOVES_THE_CLOCK else without_test_clocks():
                world.run(SCRIPTS[name])
            check(world, PROMISES + _additional_promises(world))
        except Exception as broken:
            error = broken
        return Run(
            repeat=repeat,
            error=error,
            calls=world.wire.calls,
            race_at=world.race_at,
            struck=world.wire.struck,
            trace=world.wire.trace,
        )


def _additional_promises(world: World) -> tuple[Promise, ...]:
    """Without faults, nothing is late. One transient failure of DynamoDB is invisible to the merchant."""
    if world.weather == Weather():
        return WITHOUT_FAULTS
    is_unseen = len(world.wire.struck) == 1 and all(
        edge is Edge.DYNAMODB and fault in PASSING and count == 1
        for (edge, fault), count in world.wire.struck.items()
    )
    return (every_request_was_answered_on_the_first_try,) if is_unseen else ()


def _any(random: Random, ready: Sequence[Task]) -> int:
    return random.randrange(len(ready))
