"""One request, as views see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from chalice.app import Request

from chalicelib.api.endpoint import Endpoint
from chalicelib.api.responses.view import View
from chalicelib.bootstrap import Gateway
from chalicelib.domain.idempotency import IdempotencyKey, StoredResponse, fingerprint_of, parse_key
from chalicelib.domain.merchant import Merchant
from chalicelib.services.once import Once

Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. ``caller`` is None on public routes."""

    request: Request
    path: Mapping[str, str]
    endpoint: Endpoint
    gateway: Gateway
    caller: Merchant | None

    @property
    def merchant(self) -> Merchant:
        """Who calls; only authenticated routes ask."""
        assert self.caller is not None, f"{self.endpoint.route} is public"  # noqa: S101 - a bug of ours
        return self.caller

    def once(
        self, request: Mapping[str, Any], view: Callable[[Made], View], *, order_id: str | None = None
    ) -> Once[Made]:
        """How to answer a request that creates, under the idempotency key it came with.

        ``request`` is its meaning; it must hold nothing that may not be kept. ``order_id`` limits the key to
        that order, because buyers of one merchant do not know each other's keys.
        """
        assert self.endpoint.once, f"{self.endpoint.route} takes no key"  # noqa: S101 - a bug of ours
        key = parse_key(self.request.headers.get("idempotency-key"))
        scope = f"{self.endpoint.route} {order_id}" if order_id else self.endpoint.route
        return Once(
            key=IdempotencyKey(key=key, scope=scope, fingerprint=fingerprint_of(request)) if key else None,
            respond=lambda made: _stored(view(made)),
        )


def _stored(view: View) -> StoredResponse:
    return StoredResponse(status=view.STATUS, body=view.render())
