"""The response body of a merchant's test clock."""

from typing import Annotated, Literal, Self

from pydantic import Field

from chalicelib.api.fields import Timestamp
from chalicelib.api.responses.view import View
from chalicelib.services.merchant_clocks import ClockReading


class ClockView(View):
    """The test clock of the merchant. ``advancing``: ``target`` is not reached yet."""

    status: Literal["idle", "advancing"]
    now: Annotated[Timestamp, Field(description="The time of the merchant")]
    real_time: Timestamp
    ahead_s: Annotated[int, Field(ge=0, description="How far the clock is ahead of the real time")]
    target: Annotated[
        Timestamp | None, Field(description="The end of an unfinished advance: send it as `to` to continue")
    ]
    processed: Annotated[int, Field(ge=0, description="How many jobs this request processed")]

    @classmethod
    def of(cls, reading: ClockReading) -> Self:
        """The fields of ``reading``."""
        target = reading.clock.target
        return cls(
            status="advancing" if target else "idle",
            now=reading.now,
            real_time=reading.real,
            ahead_s=round(reading.clock.offset.total_seconds()),
            target=target,
            processed=reading.jobs,
        )
