"""One request, as views see it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from chalice.app import Request
from pydantic import ValidationError

from chalicelib.api.errors import bad_request_of
from chalicelib.api.requests import Body
from chalicelib.api.responses import View
from chalicelib.bootstrap import Gateway
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.idempotency import IdempotencyKey, StoredResponse, fingerprint_of, parse_key
from chalicelib.domain.merchant import Merchant
from chalicelib.services.once import Once

MAX_BODY_BYTES = 64 * 1024
_INTEGER = re.compile(r"-?[0-9]{1,9}")

BodyT = TypeVar("BodyT", bound=Body)
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. ``caller`` is None on public routes."""

    request: Request
    path: Mapping[str, str]
    route: str
    gateway: Gateway
    caller: Merchant | None

    @property
    def merchant(self) -> Merchant:
        """Who calls; only authenticated routes ask."""
        assert self.caller is not None, f"{self.route} is public"  # noqa: S101 - a bug of ours
        return self.caller

    def body(self, model: type[BodyT]) -> BodyT:
        """The body as ``model``; raises BadRequestError naming what is wrong."""
        raw = self.request.raw_body
        if len(raw) > MAX_BODY_BYTES:
            raise BadRequestError(f"The body must be at most {MAX_BODY_BYTES} bytes")
        if not _is_json(self.request.headers.get("content-type", "application/json")):
            raise BadRequestError("Content-Type must be application/json", field="Content-Type")
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            raise bad_request_of(error, model.TEXTS) from None  # the cause holds the input

    def query(self, name: str) -> str | None:
        """A parameter of the query string, the last one where it came twice."""
        parameters = self.request.query_params
        return parameters.get(name) if parameters else None

    def query_integer(self, name: str, *, default: int, minimum: int, maximum: int) -> int:
        """A whole number of the query string; raises BadRequestError outside the bounds."""
        text = self.query(name)
        if text is None:
            return default
        number = int(text) if _INTEGER.fullmatch(text) else None
        if number is None or not minimum <= number <= maximum:
            raise BadRequestError(f"{name} must be an integer from {minimum} to {maximum}", field=name)
        return number

    def once(self, request: Mapping[str, Any], view: Callable[[Made], View]) -> Once[Made]:
        """How to answer a request that creates, under the idempotency key it came with.

        ``request`` is its meaning; it must hold nothing that may not be kept.
        """
        key = parse_key(self.request.headers.get("idempotency-key"))
        return Once(
            key=IdempotencyKey(key=key, route=self.route, fingerprint=fingerprint_of(request))
            if key
            else None,
            respond=lambda made: _stored(view(made)),
        )


def _stored(view: View) -> StoredResponse:
    return StoredResponse(status=view.STATUS, body=view.render())


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"
