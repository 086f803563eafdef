"""The processes of functions in the embedded AWS."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from types import SimpleNamespace
from typing import Any
from unittest.mock import ANY

import pytest

from infra.local.ministack import pool
from infra.local.ministack.pool import Pool


class Process:
    """A process that counts its starts. ``can_start`` delays them."""

    def __init__(self, can_start: Event) -> None:
        self.in_use = True
        self.starts = 0
        self.fails = False
        self._can_start, self._lock = can_start, Lock()

    def _spawn(self) -> None:
        self.starts += 1
        assert self._can_start.wait(10)
        if self.fails:
            raise RuntimeError


class Runtime:
    """MiniStack's module that runs the processes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._workers: dict[str, list[Process]] = {}
        self.can_start = Event()
        self.fails = False

    def _worker_key(self, name: str, _config: object, qualifier: str) -> str:
        return f"{name}:{qualifier}"

    def acquire_worker(self, name: str, config: object, _code: bytes, *, qualifier: str) -> tuple[Any, str]:
        processes = self._workers.setdefault(self._worker_key(name, config, qualifier), [])
        for process in processes:
            if not process.in_use:
                process.in_use = True
                return process, "reused"
        processes.append(Process(self.can_start))
        processes[-1].fails = self.fails
        return processes[-1], "spawn"

    def release_worker(self, process: Any) -> None:
        process.in_use = False


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    monkeypatch.setattr(pool, "GROW_AFTER_S", 0.01)
    monkeypatch.setattr(pool, "START_S", 10.0)
    return Runtime()


@pytest.fixture
def service(runtime: Runtime) -> Any:
    service = SimpleNamespace(acquire_worker=runtime.acquire_worker, release_worker=runtime.release_worker)
    Pool(service, runtime).install()
    return service


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def taken(service: Any, name: str = "api") -> Any:
    process, _ = service.acquire_worker(name, {}, b"")
    return process


def test_the_first_process_is_new(service: Any):
    assert service.acquire_worker("api", {}, b"") == (ANY, "spawn")


def test_a_free_process_is_reused(service: Any):
    first = taken(service)
    service.release_worker(first)

    assert service.acquire_worker("api", {}, b"") == (first, "reused")


def test_a_burst_starts_one_process_and_uses_the_one_that_becomes_free(
    runtime: Runtime, service: Any, threads: ThreadPoolExecutor
):
    first = taken(service)
    waiting = [threads.submit(taken, service) for _ in range(5)]
    until(lambda: len(runtime._workers["api:$LATEST"]) == 2)
    for number in range(1, 6):
        service.release_worker(first)
        until(lambda: sum(each.done() for each in waiting) == number)  # noqa: B023
    runtime.can_start.set()

    assert [each.result() for each in waiting] == [first] * 5
    assert [each.starts for each in runtime._workers["api:$LATEST"]] == [0, 1]


def test_an_invocation_uses_the_process_that_was_started(
    runtime: Runtime, service: Any, threads: ThreadPoolExecutor
):
    first = taken(service)
    waiting = threads.submit(taken, service)
    runtime.can_start.set()

    assert waiting.result(10) is not first
    assert waiting.result().starts == 1


def test_a_process_that_did_not_start_is_returned(
    runtime: Runtime, service: Any, threads: ThreadPoolExecutor
):
    taken(service)
    runtime.fails = True
    waiting = threads.submit(service.acquire_worker, "api", {}, b"")
    runtime.can_start.set()

    process, how = waiting.result(10)
    assert (process.fails, how) == (True, "reused")


def test_an_invocation_starts_a_process_if_the_other_start_takes_too_long(
    runtime: Runtime, service: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pool, "START_S", 0.01)
    taken(service)

    assert service.acquire_worker("api", {}, b"") == (ANY, "spawn")
    assert [each.starts for each in runtime._workers["api:$LATEST"]] == [0, 1, 0]
    runtime.can_start.set()


def test_the_processes_of_another_function_do_not_count(service: Any):
    taken(service)

    assert service.acquire_worker("relay", {}, b"") == (ANY, "spawn")
