"""A limit for loops in tests, so that a defect causes an error instead of an endless test."""

from collections.abc import Iterator

MAX_PAGES = 100  # of one list; no test has longer lists


def rounds(goal: str, *, at_most: int) -> Iterator[int]:
    """Count the rounds of a loop. AssertionError if it does not reach its ``goal``."""
    yield from range(1, at_most + 1)
    raise AssertionError(f"not after {at_most} rounds: {goal}")
