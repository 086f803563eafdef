"""One request, as views see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chalice.app import Request

from chalicelib.api.responses.view import View
from chalicelib.api.route import Route
from chalicelib.bootstrap import Gateway
from chalicelib.domain.idempotency import (
    Idempotency,
    IdempotencyKey,
    StoredResponse,
    fingerprint_of,
    parse_key,
)
from chalicelib.domain.merchant import Merchant

Created = TypeVar("Created")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. ``caller`` is None on public routes. ``routes`` are all routes of the API."""

    request: Request
    path: Mapping[str, str]
    route: Route
    routes: Sequence[Route]
    gateway: Gateway
    caller: Merchant | None

    @property
    def merchant(self) -> Merchant:
        """The authenticated merchant. Not for public routes."""
        assert self.caller is not None, f"{self.route.name} is public"  # noqa: S101 - a bug in the code
        return self.caller

    def idempotency(
        self, request: Mapping[str, Any], view: Callable[[Created], View], *, order_id: str | None = None
    ) -> Idempotency[Created]:
        """The idempotency key of this request, and the response to store for it.

        ``request`` is what distinguishes the request from another one; it must not contain a card number.
        ``order_id`` limits the key to that order: buyers of one merchant do not know each other's keys.
        """
        assert self.route.idempotent, f"{self.route.name} accepts no key"  # noqa: S101 - a bug in the code
        key = parse_key(self.request.headers.get("idempotency-key"))
        scope = f"{self.route.name} {order_id}" if order_id else self.route.name
        return Idempotency(
            key=IdempotencyKey(key=key, scope=scope, fingerprint=fingerprint_of(request)) if key else None,
            respond=lambda created: _stored(view(created)),
        )


def _stored(view: View) -> StoredResponse:
    return StoredResponse(status=view.STATUS, body=view.render())
