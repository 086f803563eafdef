"""Ways to tell a script: calmly, with one fault at each call, in every order of racers, and at random."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from random import Random

from infra.template.functions import STREAM_MAX_RETRIES
from infra.template.queues import MAX_RECEIVES
from tests.simulation.catalogue import SCRIPTS
from tests.simulation.faults import MAX_FAULTS, Call, Edge, Fault, NoFaults, OneFault, Plan, RandomFaults
from tests.simulation.laboratory import Laboratory
from tests.simulation.promises import IN_CALM, PROMISES, Promise, check
from tests.simulation.promises.answers import every_ask_was_answered_at_once
from tests.simulation.scheduler import Task
from tests.simulation.turns import Turns
from tests.simulation.world import Weather, World

STORM_LENGTH = 8  # beyond the tries of AWS's client, of a transaction and of a message
PASSING = frozenset({Fault.ANSWER_LOST, Fault.UNREACHABLE, Fault.THROTTLED, Fault.CONFLICT})


@dataclass(kw_only=True)
class Telling:
    """How a story went. ``error``: why its end was bad; ``repeat``: the arguments that tell it again."""

    repeat: str
    error: BaseException | None
    calls: list[Call]
    race_at: int
    struck: Counter[tuple[Edge, Fault]]
    trace: list[tuple[datetime, str]]


@dataclass(kw_only=True)
class Explorer:
    """Tells stories in one laboratory."""

    laboratory: Laboratory

    def calmly(self, name: str) -> Telling:
        """Nothing goes wrong; then everything is prompt, too."""
        return self._tell(name, Weather(), f"--script {name} --calm")

    def each_fault(
        self,
        name: str,
        *,
        storms: bool = False,
        from_the_race: bool = False,
        first: int = 0,
        one_of: int = 1,
        where: Callable[[Call, Fault], bool] = lambda call, fault: True,
    ) -> Iterator[Telling]:
        """The calm story; then its every call goes wrong in every way it can, with ``storms`` for long, too.

        For less: only calls since somebody did something at once, only faults that ``where`` accepts, and
        only one fault ``one_of`` so many.
        """
        calm = self.calmly(name)
        yield calm
        since = calm.race_at if from_the_race else 0
        every = [(call, fault) for call in calm.calls[since:] for fault in call.faults if where(call, fault)]
        for call, fault in every[first::one_of]:
            yield self.one_fault(name, call.number, fault)
            if storms and fault in PASSING:
                yield self.one_fault(name, call.number, fault, length=STORM_LENGTH)

    def each_order(self, name: str) -> Iterator[Telling]:
        """Whoever does something at once reaches DynamoDB in every order there is, one a telling."""
        turns: Turns | None = Turns()
        while turns:
            yield self.in_order(name, turns)
            turns = turns.next()

    def in_order(self, name: str, turns: Turns) -> Telling:
        """Nothing goes wrong; who goes first of those at once, ``turns`` says."""
        telling = self._tell(name, Weather(pick=turns.pick), "")
        return replace(telling, repeat=f"--script {name} --turns {turns}")

    def one_fault(self, name: str, number: int, fault: Fault, *, length: int = 1) -> Telling:
        """The calm story, but for one call."""
        plan = OneFault(number=number, fault=fault, length=length)
        repeat = f'--script {name} --call {number} --fault "{fault}"' + (f" --length {length}" * (length > 1))
        return self._tell(name, Weather(plan=plan), repeat)

    def at_random(self, name: str, seed: int) -> Telling:
        """Everything that is left to chance follows from ``seed``, how bad the weather is included."""
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
            max_stream_tries=random.choice([2, 4, STREAM_MAX_RETRIES]),
        )
        return self._tell(name, weather, f"--script {name} --seed {seed}")

    def _tell(self, name: str, weather: Weather, repeat: str) -> Telling:
        world, error = World(self.laboratory, weather), None
        try:
            world.tell(SCRIPTS[name])
            check(world, PROMISES + _besides(world))
        except Exception as broken:
            error = broken
        return Telling(
            repeat=repeat,
            error=error,
            calls=world.wire.calls,
            race_at=world.race_at,
            struck=world.wire.struck,
            trace=world.wire.trace,
        )


def _besides(world: World) -> tuple[Promise, ...]:
    """Where nothing goes wrong all is prompt; one failure of DynamoDB that passes is seen by no merchant."""
    if world.weather == Weather():
        return IN_CALM
    is_unseen = len(world.wire.struck) == 1 and all(
        edge is Edge.DYNAMODB and fault in PASSING and count == 1
        for (edge, fault), count in world.wire.struck.items()
    )
    return (every_ask_was_answered_at_once,) if is_unseen else ()


def _any(random: Random, ready: Sequence[Task]) -> int:
    return random.randrange(len(ready))
