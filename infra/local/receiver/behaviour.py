"""Test switches that simulate failures of a merchant's server."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_DELAY_S = 60  # far above the gateway's time-out, but connections do not stay open indefinitely


class Behaviour(BaseModel):
    """The test switches. By default, every verified webhook gets an immediate 200."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fail_first: int = Field(
        default=0, ge=0, description="respond with 500 to the first N attempts of each webhook"
    )
    fail_first_overall: int = Field(
        default=0, ge=0, description="respond with 500 to the first N deliveries of any webhook"
    )
    status: int | None = Field(default=None, ge=200, le=599, description="respond with this status, not 200")
    redirect_to: str | None = Field(default=None, description="respond with 307 and this Location")
    delay_s: float = Field(
        default=0, ge=0, le=MAX_DELAY_S, description="seconds to wait before the response headers"
    )
    body: Literal["short", "endless", "dripping"] = Field(
        default="short",
        description="response body: short, endless (full speed) or dripping (endless, a byte at a time)",
    )

    def response_status(self, number: int, attempt: int) -> int:
        """The status for the receiver's `number`th delivery, which is the webhook's `attempt`th (from 1)."""
        if attempt <= self.fail_first or number <= self.fail_first_overall:
            return 500
        if self.redirect_to is not None:
            return 307
        return self.status or 200
