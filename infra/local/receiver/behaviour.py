"""How the receiver answers, so that a merchant's bad days can be played."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_DELAY_S = 60  # far past the gateway's own time-out, yet no connection is held for ever


class Behaviour(BaseModel):
    """The test switches; the default answers every verified webhook with 200 at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fail_first: int = Field(default=0, ge=0, description="attempts of each webhook that are answered 500")
    fail_first_overall: int = Field(
        default=0, ge=0, description="deliveries, whatever they carry, answered 500"
    )
    status: int | None = Field(default=None, ge=200, le=599, description="answer this instead of 200")
    redirect_to: str | None = Field(default=None, description="answer 307 with this Location")
    delay_s: float = Field(default=0, ge=0, le=MAX_DELAY_S, description="wait before the answer's headers")
    body: Literal["short", "endless", "dripping"] = Field(
        default="short", description="endless: as fast as it is read; dripping: a byte now and then, for ever"
    )

    def answer_status(self, number: int, attempt: int) -> int:
        """The status for the receiver's `number`th delivery, the webhook's `attempt`th (from 1)."""
        if attempt <= self.fail_first or number <= self.fail_first_overall:
            return 500
        if self.redirect_to is not None:
            return 307
        return self.status or 200
