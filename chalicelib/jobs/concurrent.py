"""The items of one batch, worked on side by side and for a limited time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_concurrently(
    work: Callable[[Item], Result], items: Sequence[Item], *, at_once: int, timeout_s: float | None
) -> list[Result | None]:
    """The result of ``work`` for each item, None for those without one after ``timeout_s``.

    What has begun by then goes on in its thread, and its result is dropped; what has not begun never does.
    """
    pool = ThreadPoolExecutor(at_once)
    futures = [pool.submit(work, item) for item in items]
    wait(futures, timeout=timeout_s)
    pool.shutdown(wait=False, cancel_futures=True)
    return [future.result() if future.done() and not future.cancelled() else None for future in futures]
