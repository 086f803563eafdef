"""The request that changes the webhook secret of a running receiver."""

from pydantic import BaseModel, ConfigDict, Field

MAX_LENGTH = 255  # several times the length of a secret of the gateway


class Secret(BaseModel):
    """The secret to verify webhooks with."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    secret: str = Field(min_length=1, max_length=MAX_LENGTH, pattern=r"^\S+$")
