"""The processes of functions in the embedded AWS."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Lock
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.ministack import pool
from infra.local.ministack.pool import Pool


class Runtime:
    """Processes that start immediately."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._workers: dict[str, list[Any]] = {}
        self._numbers = count(1)

    def _worker_key(self, name: str, _config: object, qualifier: str) -> str:
        return f"{name}:{qualifier}"

    def acquire_worker(self, name: str, config: object, _code: bytes, *, qualifier: str) -> tuple[Any, str]:
        processes = self._workers.setdefault(self._worker_key(name, config, qualifier), [])
        for process in processes:
            if not process.in_use:
                process.in_use = True
                return process, "reused"
        processes.append(SimpleNamespace(number=next(self._numbers), in_use=True))
        return processes[-1], "spawn"

    def release_worker(self, process: Any) -> None:
        process.in_use = False


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(pool, "WAIT_S", 5.0)
    runtime = Runtime()
    service = SimpleNamespace(acquire_worker=runtime.acquire_worker, release_worker=runtime.release_worker)
    Pool(service, runtime).install()
    return service


def test_the_first_process_starts_immediately(service: Any) -> None:
    assert service.acquire_worker("api", {}, b"")[1] == "spawn"


def test_an_invocation_waits_for_a_process_that_becomes_free(service: Any) -> None:
    first, _ = service.acquire_worker("api", {}, b"")
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(service.acquire_worker, "api", {}, b"") for _ in range(3)]
        for _ in waiting:
            service.release_worker(first)
            while not first.in_use and not all(each.done() for each in waiting):
                pass
        taken = [each.result() for each in waiting]

    assert taken == [(first, "reused")] * 3


def test_another_process_starts_if_none_becomes_free(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WAIT_S", 0.01)
    first, _ = service.acquire_worker("api", {}, b"")

    second, how = service.acquire_worker("api", {}, b"")

    assert how == "spawn"
    assert second is not first


def test_the_processes_of_another_function_do_not_count(service: Any) -> None:
    service.acquire_worker("api", {}, b"")

    assert service.acquire_worker("relay", {}, b"")[1] == "spawn"
