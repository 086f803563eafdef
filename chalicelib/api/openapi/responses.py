"""The responses of a route, by status."""

from chalicelib.api.errors import INTERNAL_ERROR, status_of
from chalicelib.api.input import Body
from chalicelib.api.openapi.schemas import Json, Schemas
from chalicelib.api.responses.error import ErrorView
from chalicelib.api.responses.view import View
from chalicelib.api.route import Route
from chalicelib.domain.errors import (
    AuthenticationError,
    BadRequestError,
    IdempotencyKeyReusedError,
    NotFoundError,
    RateLimitError,
)

CONFLICT = 409
TOO_MANY = 429
FAULT = 500
TOO_LARGE = 413  # returned by API Gateway; the request does not reach the code

DESCRIPTIONS = {
    200: "Success",
    201: "Created",
    400: "The request is malformed, or the state of the object does not allow it",
    401: "The credentials are missing or not valid",
    404: "The object does not exist or belongs to another merchant",
    CONFLICT: "The state of the order does not allow a payment",
    TOO_LARGE: "The body is larger than 10 MB",
    422: "The idempotency key was used for a different request. The request has no effect",
    TOO_MANY: "Too many requests",
    FAULT: "Internal error",
}
SHARED = {
    400: BadRequestError.code,
    401: AuthenticationError.code,
    404: NotFoundError.code,
    TOO_LARGE: BadRequestError.code,
    422: IdempotencyKeyReusedError.code,
    TOO_MANY: RateLimitError.code,
    FAULT: INTERNAL_ERROR,
}
RETRY_AFTER = {
    "description": "The number of seconds to wait before a retry",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}
REPLAYED = {
    "description": "The response is that of an earlier request with the same key",
    "schema": {"type": "string", "enum": ["true"]},
}


def responses(route: Route, schemas: Schemas) -> dict[str, Json]:
    """The responses of ``route``: its result and every error."""
    success = route.returns.STATUS
    result = _response(success, schemas.reference(route.returns), route.returns.CONTENT_TYPE)
    headers = dict(route.returns.HEADERS) | ({"Idempotent-Replayed": REPLAYED} if route.idempotent else {})
    if headers:
        result["headers"] = headers
    by_status = {str(success): result}
    for status, codes in sorted(_codes(route).items()):
        is_shared = codes == {SHARED.get(status)}
        by_status[str(status)] = (
            {"$ref": f"#/components/responses/{status}"} if is_shared else _error(status, codes, schemas)
        )
    return by_status


def shared_responses(schemas: Schemas) -> dict[str, Json]:
    """The error responses that most routes share."""
    return {str(status): _error(status, {code}, schemas) for status, code in SHARED.items()}


def _codes(route: Route) -> dict[int, set[str]]:
    """The error codes of each status."""
    codes = {FAULT: {INTERNAL_ERROR}}
    for error in route.refusals:
        codes.setdefault(status_of(error), set()).add(error.code)
    if route.takes and issubclass(route.takes, Body):
        codes[TOO_LARGE] = {BadRequestError.code}
    return codes


def _error(status: int, codes: set[str], schemas: Schemas) -> Json:
    code = {"properties": {"error": {"properties": {"code": {"enum": sorted(codes)}}}}}
    response = _response(status, {"allOf": [schemas.reference(ErrorView), code]})
    if status == TOO_MANY:
        response["headers"] = {"Retry-After": RETRY_AFTER}
    return response


def _response(status: int, schema: Json, content_type: str = View.CONTENT_TYPE) -> Json:
    return {"description": DESCRIPTIONS[status], "content": {content_type: {"schema": schema}}}
