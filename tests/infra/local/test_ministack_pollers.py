"""The readers of queues and streams: each has its own thread, and takes one batch at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.local.ministack import pollers as module
from infra.local.ministack.pollers import SPACING_S, WINDOW, Bell, Pollers

TIMEOUT_S = 20.0
IDLE_S = 1.0
QUEUE = {"UUID": "queue", "EventSourceArn": "arn:aws:sqs:region:account:jobs", "BatchSize": 10}
STREAM = {
    "UUID": "stream",
    "EventSourceArn": "arn:aws:dynamodb:region:account:table/t/stream/1",
    "BatchSize": 100,
}
OTHER = {**STREAM, "UUID": "other"}


class Positions(dict[str, int]):
    def get_scoped(self, _account: str, _region: str, id_: str) -> int | None:
        return self.get(id_)


@dataclass
class Service:
    """MiniStack's modules for Lambda, SQS and DynamoDB."""

    mappings: list[dict[str, Any]]
    on_poll: Callable[[str], bool] = lambda _id: False
    messages: list[dict[str, float]] = field(default_factory=list)
    unread: int = 0
    polls: list[tuple[str, str, float]] = field(default_factory=list)  # the source, the thread and the time
    esm_wake: Any = None
    _queues_lock: threading.Lock = field(default_factory=threading.Lock)
    _dynamodb_stream_positions: Positions = field(default_factory=Positions)

    def _iter_all_esms(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        return iter([("account", "region", source) for source in self.mappings])

    def _poll_sqs(self) -> bool:
        return self._poll("sqs")

    def _poll_dynamodb_streams(self) -> bool:
        return self._poll("dynamodb")

    def _queue_by_arn(self, _arn: str) -> dict[str, Any]:
        return {"messages": self.messages}

    def stream_end_position(self, _table: str, **_scope: str) -> int:
        return self.unread

    def _poll(self, service: str) -> bool:
        is_taken = False
        for _, _, source in self._iter_all_esms():
            if f":{service}:" in source["EventSourceArn"]:
                self.polls.append((source["UUID"], threading.current_thread().name, time.monotonic()))
                is_taken |= self.on_poll(source["UUID"])
        return is_taken

    def times(self, id_: str) -> list[float]:
        return [at for source, _, at in self.polls if source == id_]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", IDLE_S)


@pytest.fixture
def running() -> Iterator[Callable[..., Service]]:
    """A function that starts the readers of a service. They end after the test."""
    services = list[Service]()

    def start(*mappings: dict[str, Any], started: bool = True, **options: Any) -> Service:
        service = Service(list(mappings), **options)
        services.append(service)
        pollers = Pollers(service=service, queues=service, streams=service)
        pollers.install()
        if started:
            pollers.start()
        return service

    yield start
    for service in services:
        service.mappings.clear()


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_blocked_reader_does_not_delay_the_others(running: Callable[..., Service]):
    is_released = threading.Event()
    service = running(
        STREAM, OTHER, QUEUE, on_poll=lambda id_: id_ == "stream" and is_released.wait(TIMEOUT_S)
    )
    until(lambda: service.times("stream"))
    until(lambda: len(service.times("other")) > 1 and len(service.times("queue")) > 1)
    assert len(service.times("stream")) == 1  # one batch at a time
    assert len({thread for _, thread, _ in service.polls}) == 3
    is_released.set()
    until(lambda: len(service.times("stream")) > 1)


def test_nothing_is_read_before_the_start(running: Callable[..., Service]):
    service = running(STREAM, QUEUE, started=False)
    service._ensure_poller()  # type: ignore[attr-defined]
    time.sleep(0.05)
    assert service.polls == []


def test_a_new_source_gets_a_reader_and_a_deleted_one_loses_it(running: Callable[..., Service]):
    service = running(STREAM)
    service.mappings.append(QUEUE)
    service._ensure_poller()  # type: ignore[attr-defined]
    until(lambda: service.times("queue"))
    service.mappings.remove(QUEUE)
    until(lambda: not any("queue" in thread.name for thread in threading.enumerate()))
    assert service.times("stream")


def test_a_delayed_message_is_read_when_it_is_due(running: Callable[..., Service]):
    due = time.time() + IDLE_S / 5
    service = running(QUEUE, messages=[{"visible_at": due}])
    until(lambda: len(service.times("queue")) > 1)
    assert service.times("queue")[1] - service.times("queue")[0] < IDLE_S


def test_a_new_message_wakes_the_reader(running: Callable[..., Service]):
    service = running(QUEUE, STREAM)
    until(lambda: service.times("queue") and service.times("stream"))
    began = time.monotonic()
    service.esm_wake.set()
    until(lambda: max(service.times("queue") + service.times("stream")) > began)
    assert time.monotonic() - began < IDLE_S


def test_batches_are_spaced_unless_the_next_is_complete(running: Callable[..., Service]):
    partial = running(STREAM, on_poll=lambda _: True, unread=99)
    complete = running({**STREAM, WINDOW: 60}, on_poll=lambda _: True, unread=100)
    until(lambda: len(partial.polls) > 2 and len(complete.polls) > 2)
    assert partial.polls[2][2] - partial.polls[0][2] >= 2 * SPACING_S
    complete.unread = 0


def test_a_reader_continues_after_an_error(running: Callable[..., Service]):
    def poll(_id: str) -> bool:
        if len(service.polls) == 1:
            raise RuntimeError
        return False

    service = Service([STREAM], on_poll=poll)
    pollers = Pollers(service=service, queues=service, streams=service)
    pollers.install()
    pollers.start()
    until(lambda: len(service.polls) > 1)
    service.mappings.clear()


def test_a_ring_before_the_wait_is_not_missed():
    bell = Bell()
    rings = bell.rings
    bell.set()
    assert bell.wait(rings, 0)
    assert not bell.wait(bell.rings, 0)
