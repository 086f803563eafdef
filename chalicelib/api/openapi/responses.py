"""What an route may answer, by status."""

from chalicelib.api.errors import INTERNAL_ERROR, status_of
from chalicelib.api.input import Body
from chalicelib.api.openapi.schemas import Json, Schemas
from chalicelib.api.responses.error import ErrorView
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
TOO_LARGE = 413  # said by API Gateway, of what never reaches the code

SAYS = {
    200: "Done",
    201: "Made",
    400: "The request is malformed, or the state of the object forbids it",
    401: "The credentials are missing or wrong",
    404: "There is no such object, or it is another merchant's",
    CONFLICT: "The state of the order does not allow a payment",
    TOO_LARGE: "The body is larger than 10 MB",
    422: "The idempotency key was used for a different request; nothing was done",
    TOO_MANY: "There are too many requests",
    FAULT: "The fault is on our side",
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
    "description": "After how many seconds to try again",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}
REPLAYED = {
    "description": "This is the answer of an earlier request with the same key",
    "schema": {"type": "string", "enum": ["true"]},
}


def answers(route: Route, schemas: Schemas) -> dict[str, Json]:
    """The responses of ``route``: what it returns, and every error it may be refused with."""
    status = route.returns.STATUS
    answer = _answer(status, schemas.reference(route.returns))
    if route.idempotent:
        answer["headers"] = {"Idempotent-Replayed": REPLAYED}
    told = {str(status): answer}
    for refused, codes in sorted(_codes(route).items()):
        is_shared = codes == {SHARED.get(refused)}
        told[str(refused)] = (
            {"$ref": f"#/components/responses/{refused}"} if is_shared else _refusal(refused, codes, schemas)
        )
    return told


def shared_answers(schemas: Schemas) -> dict[str, Json]:
    """The refusals that are the same for most routes."""
    return {str(status): _refusal(status, {code}, schemas) for status, code in SHARED.items()}


def _codes(route: Route) -> dict[int, set[str]]:
    """The error codes of each status."""
    codes = {FAULT: {INTERNAL_ERROR}}
    for error in route.refusals:
        codes.setdefault(status_of(error), set()).add(error.code)
    if route.takes and issubclass(route.takes, Body):
        codes[TOO_LARGE] = {BadRequestError.code}
    return codes


def _refusal(status: int, codes: set[str], schemas: Schemas) -> Json:
    code = {"properties": {"error": {"properties": {"code": {"enum": sorted(codes)}}}}}
    answer = _answer(status, {"allOf": [schemas.reference(ErrorView), code]})
    if status == TOO_MANY:
        answer["headers"] = {"Retry-After": RETRY_AFTER}
    return answer


def _answer(status: int, schema: Json) -> Json:
    return {"description": SAYS[status], "content": {"application/json": {"schema": schema}}}
