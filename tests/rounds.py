"""A limit for the loops of the tests, so that a defect causes an error and not an endless test."""

from collections.abc import Iterator

MAX_PAGES = 100  # of one list; no test writes more


def rounds(goal: str, *, at_most: int) -> Iterator[int]:
    """Count the rounds of a loop. AssertionError when its ``goal`` is not reached in the last one."""
    yield from range(1, at_most + 1)
    raise AssertionError(f"not after {at_most} rounds: {goal}")
