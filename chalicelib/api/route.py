"""A route: method, path and view, with everything that the router and the OpenAPI document need to know."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any, get_type_hints

from chalicelib.api.input import Input
from chalicelib.api.responses.view import View
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import (
    AuthenticationError,
    BadRequestError,
    GatewayError,
    IdempotencyKeyReusedError,
    NotFoundError,
    RateLimitError,
)


@dataclass(frozen=True)
class Route:
    """One method of one path, and the view that responds to it.

    The signature of the view declares the rest: its second parameter is the request's body or query string,
    its return type is the response. ``public``: needs no authentication. ``session_only``: a key pair is not
    accepted. ``idempotent``: accepts an ``Idempotency-Key``. ``reveals_ids``: an unknown id in the path is
    NotFoundError. ``raises``: errors that do not follow from the other fields. ``audit``: the action in the
    audit log, None for routes that are not in it.
    """

    method: str
    path: str
    view: Callable[..., View]
    public: bool = False
    session_only: bool = False
    idempotent: bool = False
    reveals_ids: bool = True
    raises: tuple[type[GatewayError], ...] = ()
    audit: AuditAction | None = None

    @property
    def name(self) -> str:
        """Method and path: part of the scope of an idempotency key."""
        return f"{self.method} {self.path}"

    @cached_property
    def takes(self) -> type[Input] | None:
        """The model of the body or query string, None if the view takes none."""
        _call, *inputs = signature(self.view).parameters
        return self._hints[inputs[0]] if inputs else None

    @cached_property
    def returns(self) -> type[View]:
        """The model of the response."""
        returned: type[View] = self._hints["return"]
        return returned

    @property
    def refusals(self) -> frozenset[type[GatewayError]]:
        """Every error that the route can respond with."""
        follows: dict[type[GatewayError], Any] = {
            BadRequestError: self.takes or self.idempotent,
            AuthenticationError: not self.public,
            NotFoundError: "{" in self.path and self.reveals_ids,
            IdempotencyKeyReusedError: self.idempotent,
            RateLimitError: True,
        }
        return frozenset(self.raises).union(error for error, does in follows.items() if does)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.view)
