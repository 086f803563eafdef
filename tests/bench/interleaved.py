"""Interleaved rounds, so that a slow moment of the machine affects both sides of a comparison."""

from collections.abc import Callable
from statistics import median


def medians(*sides: Callable[[], float], rounds: int) -> tuple[float, ...]:
    """The median of each side after ``rounds`` rounds. Every round measures each side once.

    Every second round goes through the sides in reverse, so that no side always comes first.
    """
    results: list[list[float]] = [[] for _ in sides]
    for number in range(rounds):
        order = list(zip(sides, results, strict=True))
        for measure, values in order if number % 2 == 0 else reversed(order):
            values.append(measure())
    return tuple(median(values) for values in results)
