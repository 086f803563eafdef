"""Concurrency limits of a stage's functions, so that a flood does not use the account's entire quota."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from infra.errors import InfraError

CONCURRENCY_VARIABLES = ("API_CONCURRENCY", "STREAM_CONCURRENCY", "WORKER_CONCURRENCY")

# Reserved in production, out of an account's 1,000. 200 executions of 50 ms serve about 4,000 requests per
# second, four times the throttle of a stage. A stream reader processes up to 10 batches of 100 changes per
# shard concurrently.
API_RESERVED = 200
STREAM_RESERVED = 100
WORKER_MAXIMUM = 50  # per queue; with batches of 10, up to 500 jobs in progress
_MAX_RESERVED = 10_000
_MIN_CONCURRENCY, _MAX_CONCURRENCY = 2, 1_000  # Lambda's limits of an event source's MaximumConcurrency


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Reserved concurrency of the API and of each stream reader (0: none), and the limit of each queue."""

    api: int
    stream: int
    worker: int

    @classmethod
    def of(cls, chosen: Mapping[str, str], *, is_production: bool) -> Self:
        """The values in ``chosen``, or the defaults. Raises InfraError that names an invalid variable."""
        return cls(
            api=_number(chosen, "API_CONCURRENCY", API_RESERVED if is_production else 0, 0, _MAX_RESERVED),
            stream=_number(
                chosen, "STREAM_CONCURRENCY", STREAM_RESERVED if is_production else 0, 0, _MAX_RESERVED
            ),
            worker=_number(chosen, "WORKER_CONCURRENCY", WORKER_MAXIMUM, _MIN_CONCURRENCY, _MAX_CONCURRENCY),
        )


def _number(chosen: Mapping[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    value = chosen.get(name) or str(default)
    is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(maximum))
    if not (is_number and minimum <= int(value) <= maximum):
        raise InfraError(f"{name} must be an integer from {minimum} to {maximum}, not {value[:40]!r}.")
    return int(value)
