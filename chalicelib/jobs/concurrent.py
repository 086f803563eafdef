"""Concurrent processing of the items of a batch, for a limited time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_concurrently(
    work: Callable[[Item], Result], items: Sequence[Item], *, max_workers: int, timeout_s: float | None
) -> list[Result | None]:
    """The result of ``work`` for each item. None if there is no result after ``timeout_s``.

    After the timeout, running calls continue in their threads and their results are discarded. Other calls
    are cancelled.
    """
    pool = ThreadPoolExecutor(max_workers)
    futures = [pool.submit(work, item) for item in items]
    wait(futures, timeout=timeout_s)
    pool.shutdown(wait=False, cancel_futures=True)
    return [future.result() if future.done() and not future.cancelled() else None for future in futures]
