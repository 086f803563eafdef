"""Errors as HTTP responses: their statuses, and the descriptions of validation errors of pydantic."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Response
from pydantic import ValidationError

from chalicelib.api.responses.error import ErrorDetail, ErrorView
from chalicelib.domain.errors import (
    ApiSecretConflictError,
    AuthenticationError,
    BadRequestError,
    ClockBusyError,
    GatewayError,
    IdempotencyKeyReusedError,
    MethodNotAllowedError,
    NotFoundError,
    OrderAlreadyPaidError,
    OrderExpiredError,
    PaymentInProgressError,
    RateLimitError,
    TooManyAttemptsError,
)

STATUS_OF: dict[type[GatewayError], int] = {
    BadRequestError: 400,
    AuthenticationError: 401,
    NotFoundError: 404,
    MethodNotAllowedError: 405,
    OrderAlreadyPaidError: 409,
    PaymentInProgressError: 409,
    OrderExpiredError: 409,
    ApiSecretConflictError: 409,
    ClockBusyError: 409,
    IdempotencyKeyReusedError: 422,
    RateLimitError: 429,
    TooManyAttemptsError: 429,
}
INTERNAL_ERROR = "INTERNAL_SERVER_ERROR"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",  # responses contain data of requests, which must not run as code
    "Cache-Control": "no-store",
}
"""The headers of every response, including the responses that API Gateway generates."""

HEADERS = {"Content-Type": "application/json", **SECURITY_HEADERS}


def status_of(error: type[GatewayError]) -> int:
    """The HTTP status of an error class."""
    return next(status for kind, status in STATUS_OF.items() if issubclass(error, kind))


def error_response(error: GatewayError, request_id: str) -> Response:
    """The response to a rejected request."""
    detail = ErrorDetail(
        code=error.code,
        description=error.description,
        request_id=request_id,
        field=error.field,
        payment_id=error.payment_id if isinstance(error, PaymentInProgressError) else None,
    )
    return _response(status_of(type(error)), detail, _headers(error))


def internal_error_response(request_id: str) -> Response:
    """The response to an unexpected error. Reveals no internals."""
    detail = ErrorDetail(code=INTERNAL_ERROR, description="An internal error occurred", request_id=request_id)
    return _response(500, detail, {})


def _response(status: int, detail: ErrorDetail, headers: Mapping[str, str]) -> Response:
    body = ErrorView(error=detail).render()
    return Response(body=body, status_code=status, headers={**HEADERS, **headers})


def _headers(error: GatewayError) -> dict[str, str]:
    match error:
        case RateLimitError():
            return {"Retry-After": str(error.retry_after_s)}
        case MethodNotAllowedError():
            return {"Allow": ", ".join(error.allowed)}
        case _:
            return {}


_DESCRIPTIONS: dict[str, str] = {
    "missing": "{field} is required",
    "string_type": "{field} must be text",
    "string_too_long": "{field} must be at most {max_length} characters",
    "string_too_short": "{field} is required",
    "string_unicode": "{field} must be valid Unicode text",
    "int_type": "{field} must be an integer",
    "bool_type": "{field} must be true or false",
    "bool_parsing": "{field} must be true or false",
    "dict_type": "{field} must be an object",
    "model_type": "{field} must be an object",
    "model_attributes_type": "{field} must be an object",
    "greater_than_equal": "{field} must be at least {ge}",
    "less_than_equal": "{field} must be at most {le}",
    "extra_forbidden": "{field} is not a known field",
    "enum": "{field} must be one of {expected}",
    "value_error": "{field} {error}",
}


_FIXED_TEXT_KINDS = frozenset({"missing", "int_type", "greater_than_equal"})


def bad_request_of(error: ValidationError, texts: Mapping[str, str]) -> BadRequestError:
    """The first validation error, without the invalid value, which may be a card number.

    ``texts`` has the descriptions of the contract, by field, for fields that are missing, too small or of the
    wrong type.
    """
    found = error.errors(include_input=False, include_url=False)[0]
    if found["type"] == "json_invalid":
        return BadRequestError("The body is not valid JSON")
    field = ".".join(str(part) for part in found["loc"] if isinstance(part, str | int)) or "The body"
    if field in texts and found["type"] in _FIXED_TEXT_KINDS:
        return BadRequestError(texts[field], field=field)
    template = _DESCRIPTIONS.get(found["type"], "{field} is not valid")
    description = template.format(field=field, **_context(found))
    return BadRequestError(description, field=None if field == "The body" else field)


def _context(found: Any) -> dict[str, Any]:
    context = dict(found.get("ctx", {}))
    if "expected" in context:  # 'a', 'b' or 'c'
        context["expected"] = context["expected"].replace("'", "").replace(" or ", ", ")
    return context
