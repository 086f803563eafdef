"""A route's declaration: the router carries it out, and the OpenAPI document tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.api.input import Input
from chalicelib.api.responses.view import View
from chalicelib.domain.errors import (
    AuthenticationError,
    BadRequestError,
    GatewayError,
    IdempotencyKeyReusedError,
    NotFoundError,
    RateLimitError,
)
from chalicelib.services.once import Answer


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method of one address, and the view that answers it.

    ``once``: an ``Idempotency-Key`` is honoured. ``session_only``: a key pair is not enough. ``raises`` are
    errors that do not follow from the rest.
    """

    method: str
    path: str
    view: Callable[..., View | Answer]
    returns: type[View]
    takes: type[Input] | None = None
    public: bool = False
    session_only: bool = False
    once: bool = False
    raises: tuple[type[GatewayError], ...] = ()

    @property
    def route(self) -> str:
        """What idempotency keys are scoped to, besides the merchant."""
        return f"{self.method} {self.path}"

    @property
    def refusals(self) -> frozenset[type[GatewayError]]:
        """Every error a request may be refused with."""
        follows: dict[type[GatewayError], Any] = {
            BadRequestError: self.takes or self.once,
            AuthenticationError: not self.public,
            NotFoundError: "{" in self.path,
            IdempotencyKeyReusedError: self.once,
            RateLimitError: True,
        }
        return frozenset(self.raises).union(error for error, does in follows.items() if does)
