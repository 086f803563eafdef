"""One story: the real handlers, their simulated environment, and a merchant with a script."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest
from moto.core.botocore_stubber import BotocoreStubber

from chalicelib.acquirers.base import Acquirer
from chalicelib.acquirers.registry import Registration
from chalicelib.domain.merchant import hash_api_secret
from chalicelib.services.onboarding import TEST_API_SECRET, TEST_MERCHANT_ID, TEST_SIGNING_SECRET
from chalicelib.store import write, write_ids
from infra.template.functions import STREAM_BATCH_SIZE, STREAM_SOURCES, STREAM_WINDOW_S
from infra.template.lambdas import LAMBDAS
from infra.template.queues import JOB_QUEUES, MAX_RECEIVES, VISIBILITY_FACTOR
from tests.cloud import only
from tests.filters import Pattern
from tests.simulation.aws import Aws
from tests.simulation.faults import NoFaults, Plan
from tests.simulation.laboratory import START, Laboratory, chance_of_libraries
from tests.simulation.lambdas import Lambdas
from tests.simulation.merchant import Merchant
from tests.simulation.outside import BANK, Bank, Ledger, Server
from tests.simulation.queues import Queue, QueuePoller, Queues
from tests.simulation.scheduler import Pick, Scheduler
from tests.simulation.streams import LANES, Lane
from tests.simulation.wire import Wire

LONGEST_STORY = timedelta(days=20)
OPERATOR_PAUSE = timedelta(hours=1)
POLLERS = 2  # of a queue: two workers may have the same job


@dataclass(frozen=True, kw_only=True)
class Weather:
    """The random choices. Without ``seed``, there are none: nothing is late, and tasks run in order."""

    seed: str | None = None
    plan: Plan = field(default_factory=NoFaults)
    pick: Pick = lambda ready: 0
    max_receives: int = MAX_RECEIVES
    recorder_down_for: timedelta = timedelta(0)

    def random(self, of: str) -> Random | None:
        """The random numbers of one part of the world, independent of other parts."""
        return None if self.seed is None else Random(f"{self.seed}:{of}")


class World:
    """The complete environment of one story."""

    def __init__(self, laboratory: Laboratory, weather: Weather) -> None:
        self.laboratory, self.weather = laboratory, weather
        self.settings, self.dynamodb = laboratory.settings, laboratory.dynamodb
        self.scheduler = Scheduler(START, weather.pick)
        self.wire = Wire(scheduler=self.scheduler, plan=weather.plan, random=weather.random("latency"))
        self.bank, self.server = Bank(self.wire), Server(self.wire)
        self.ledger: Ledger = self.bank
        self.acquirers = only(self.bank, BANK)
        self.gateway_random = weather.random("gateway") or Random(7)
        self.lambdas = Lambdas(scheduler=self.scheduler, wire=self.wire, processes=laboratory.processes)
        self.merchant = Merchant(wire=self.wire, lambdas=self.lambdas)
        self.queues = {name: self._queue(name) for name in JOB_QUEUES}
        self.lanes = [
            self._lane(reader, table, patterns, number)
            for reader, sources in STREAM_SOURCES.items()
            for table, patterns in sources.values()
            for number in range(LANES)
        ]
        self.feed_readers: list[list[str]] = []  # the ids of the events that each reader received
        self.race_at = 0  # the number of the first call after the start of the race
        self.secrets: list[tuple[datetime, str]] = [(START, TEST_SIGNING_SECRET)]
        self.clock_offsets_ms: list[int] = []  # after each change of the merchant
        self.api_secret_hashes = [(START, hash_api_secret(TEST_API_SECRET))]

    def run(self, script: Callable[["World"], None]) -> None:
        """Run ``script`` and everything that follows from it, until nothing is pending."""
        self.laboratory.world = self
        self.dynamodb.clear()
        self.dynamodb.on_update = self._note_merchant
        self.dynamodb.table(self.settings.tables.merchants).put_item(self.laboratory.merchant_row)
        with self._plugged_in():
            self.scheduler.spawn(partial(script, self))
            for follow in self._background():
                self.scheduler.spawn(follow)
            try:
                self.scheduler.run(until=START + LONGEST_STORY)
            finally:
                self.wire.is_closed = True
                self.scheduler.close()

    def concurrently(self, *works: Callable[[], Any]) -> list[Any]:
        """Run all of the work concurrently; returns the results."""
        self.race_at = self.race_at or len(self.wire.calls)
        tasks = [self.scheduler.spawn(work, racer=number) for number, work in enumerate(works)]
        self.scheduler.join(tasks)
        return [task.outcome() for task in tasks]

    def connect(self, method: str, acquirer: Acquirer, ledger: Ledger) -> None:
        """The merchant uses ``acquirer`` for ``method``, from the start of the story on."""
        registration = Registration(build=lambda _credentials: acquirer)
        registered = {**self.acquirers.registered, acquirer.name: registration}
        self.acquirers = replace(self.acquirers, registered=registered)
        self.ledger = ledger
        uses = {"acquirers": {"M": {method: {"S": acquirer.name}}}}
        table = self.dynamodb.table(self.settings.tables.merchants)
        table.put_item(self.laboratory.merchant_row | uses)

    def payers(self) -> dict[str, dict[str, Any]]:
        """The rows of the payments, by the ``payer`` of their movements."""
        name = "token" if self.ledger is self.bank else "id"
        return {row[name]: row for row in self.rows("payments")}

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, as plain values."""
        return self.dynamodb.rows(getattr(self.settings.tables, table))

    def _note_merchant(self, table: str, row: dict[str, Any]) -> None:
        """Record every secret of the merchant, with the time from which it is valid, and its clock."""
        if table != self.settings.tables.merchants or row["id"]["S"] != TEST_MERCHANT_ID:
            return
        for name, known in (("webhook_secret", self.secrets), ("api_secret_hash", self.api_secret_hashes)):
            secret = row[name]["S"]
            if secret != known[-1][1]:
                known.append((self.scheduler.clock(), secret))
        self.clock_offsets_ms.append(int(row.get("clock_offset_ms", {"N": "0"})["N"]))

    @contextmanager
    def _plugged_in(self) -> Iterator[None]:
        """Replace AWS and the time with those of this world."""
        urls = vars(self.settings.queues)
        by_url = {urls[name].jobs: queue for name, queue in self.queues.items()}
        aws = Aws(wire=self.wire, dynamodb=self.dynamodb, queues=Queues(by_url))

        def answer(stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **_: Any) -> Any:
            return aws.answer(stubber, event_name, request)

        with (
            patch.object(BotocoreStubber, "__call__", answer),
            patch("time.sleep", self.scheduler.sleep),
            patch.object(write, "_jitter", Random(self.weather.seed or "calm")),
            patch.object(write_ids, "_random", Random(self.weather.seed or "calm")),
            chance_of_libraries(self.weather.seed),
        ):
            yield

    def _queue(self, name: str) -> Queue:
        return Queue(
            name=name,
            clock=self.scheduler.clock,
            random=self.weather.random(name),
            visibility_timeout_s=VISIBILITY_FACTOR * LAMBDAS[JOB_QUEUES[name]].timeout_s,
            max_receives=self.weather.max_receives,
        )

    def _lane(self, reader: str, table: str, patterns: Sequence[Pattern], number: int) -> Lane:
        name = getattr(self.settings.tables, table)
        down_for = self.weather.recorder_down_for if reader == "Recorder" else timedelta(0)
        return Lane(
            table=name,
            number=number,
            patterns=patterns,
            window_s=STREAM_WINDOW_S[reader],
            down_until=START + down_for,
            changes=partial(self.dynamodb.changes, name),
            trigger=partial(self.lambdas.trigger, LAMBDAS[reader].handler),
            clock=self.scheduler.clock,
            wait=self.scheduler.wait,
            pause=self.scheduler.pause,
            random=self.weather.random(f"{reader}-{table}-{number}"),
            batch_size=STREAM_BATCH_SIZE,
        )

    def _background(self) -> list[Callable[[], None]]:
        """The tasks that run throughout the story."""
        pollers = [
            QueuePoller(
                queue=queue,
                trigger=partial(self.lambdas.trigger, LAMBDAS[JOB_QUEUES[name]].handler),
                wait=self.scheduler.wait,
            ).follow
            for name, queue in self.queues.items()
            for _ in range(POLLERS)
        ]
        return [*(lane.follow for lane in self.lanes), *pollers, self._operate]

    def _operate(self) -> None:
        """The operator, who redrives dead letters."""
        while True:
            self.scheduler.wait(self._alarm_at)
            self.scheduler.pause(OPERATOR_PAUSE.total_seconds())
            for queue in self.queues.values():
                queue.redrive()

    def _alarm_at(self) -> datetime | None:
        is_ringing = any(queue.dead for queue in self.queues.values())
        return self.scheduler.clock() if is_ringing else None
