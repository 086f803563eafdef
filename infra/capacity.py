"""How many of a stage's functions may run at once: no flood takes all of the account's concurrency."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from infra.errors import InfraError

CONCURRENCY_VARIABLES = ("API_CONCURRENCY", "STREAM_CONCURRENCY", "WORKER_CONCURRENCY")

# Reserved in production, of an account's 1,000: about 4,000 requests a second at 50 ms, which is four times
# the throttle of a stage. A stream's readers take up to 10 batches of 100 changes a shard.
API_RESERVED = 200
STREAM_RESERVED = 100
WORKER_MAXIMUM = 50  # for each queue; with batches of 10, 500 jobs in hand
_MOST_RESERVED = 10_000
_FEWEST_AT_ONCE, _MOST_AT_ONCE = 2, 1_000  # what Lambda allows as an event source's MaximumConcurrency


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """``api`` and ``stream`` (per stream reader) are reserved, 0: nothing; ``worker`` limits each queue."""

    api: int
    stream: int
    worker: int

    @classmethod
    def of(cls, chosen: Mapping[str, str], *, is_production: bool) -> Self:
        """The defaults with what the operator chose; InfraError names the variable at fault."""
        return cls(
            api=_number(chosen, "API_CONCURRENCY", API_RESERVED if is_production else 0, 0, _MOST_RESERVED),
            stream=_number(
                chosen, "STREAM_CONCURRENCY", STREAM_RESERVED if is_production else 0, 0, _MOST_RESERVED
            ),
            worker=_number(chosen, "WORKER_CONCURRENCY", WORKER_MAXIMUM, _FEWEST_AT_ONCE, _MOST_AT_ONCE),
        )


def _number(chosen: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = chosen.get(name) or str(default)
    is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(most))
    if not (is_number and least <= int(value) <= most):
        raise InfraError(f"{name} must be an integer from {least} to {most}, not {value[:40]!r}.")
    return int(value)
