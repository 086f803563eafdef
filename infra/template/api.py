"""The API's own answers, for requests that never reach the code, told as the code tells its errors."""

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.api.errors import SAFETY

RETRY_AFTER_S = 1  # throttling is by the second


@dataclass(frozen=True, kw_only=True)
class GatewayAnswer:
    """The answer of API Gateway to one kind of fault."""

    status: int
    code: str
    description: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, request_id: str) -> str:
        """The error body."""
        error = {"code": self.code, "description": self.description, "request_id": request_id}
        return json.dumps({"error": error})


_NOT_FOUND = GatewayAnswer(status=404, code="NOT_FOUND_ERROR", description="Route not found")
_TOO_MANY = GatewayAnswer(
    status=429,
    code="RATE_LIMIT_ERROR",
    description="Too many requests",
    headers=(("Retry-After", str(RETRY_AFTER_S)),),
)

TOO_LARGE = GatewayAnswer(status=413, code="BAD_REQUEST_ERROR", description="The request body is too large")
FAULT = GatewayAnswer(status=500, code="INTERNAL_SERVER_ERROR", description="Internal server error")

GATEWAY_ANSWERS = {
    "DEFAULT_4XX": GatewayAnswer(
        status=400, code="BAD_REQUEST_ERROR", description="The request could not be understood"
    ),
    "DEFAULT_5XX": FAULT,
    # No route is signed, so that API Gateway says this of every path it does not know; and the second
    # of such a path with an Authorization header.
    "MISSING_AUTHENTICATION_TOKEN": _NOT_FOUND,
    "INVALID_SIGNATURE": _NOT_FOUND,
    "RESOURCE_NOT_FOUND": _NOT_FOUND,
    "QUOTA_EXCEEDED": _TOO_MANY,
    "REQUEST_TOO_LARGE": TOO_LARGE,
    "THROTTLED": _TOO_MANY,
    "UNSUPPORTED_MEDIA_TYPE": GatewayAnswer(
        status=415, code="BAD_REQUEST_ERROR", description="The content type must be application/json"
    ),
}


# For the whole of a stage, so that one flood does not use the account's limit up: requests a second and at
# once. A password is worth guessing at and costs scrypt.
THROTTLES = {
    ("*", "/*"): (1_000, 2_000),
    ("POST", "/api/v1/sessions"): (20, 40),
    ("PUT", "/api/v1/merchants/me/password"): (20, 40),
    ("POST", "/api/v1/payments/public"): (200, 400),
}


def resources() -> dict[str, Any]:
    """What is laid over the API."""
    properties = {
        "MethodSettings": [_throttle(*method, *limits) for method, limits in THROTTLES.items()],
        "GatewayResponses": {kind: _sam(answer) for kind, answer in GATEWAY_ANSWERS.items()},
        # The API's name in the console and in its metrics.
        "DefinitionBody": {"info": {"title": {"Fn::Sub": "${AWS::StackName}"}}},
        "OpenApiVersion": "2.0",  # as Chalice writes it; unsaid, SAM adds a second stage named "Stage"
    }
    return {"RestAPI": {"Properties": properties}}


def _throttle(method: str, path: str, per_s: int, burst: int) -> dict[str, Any]:
    return {
        "HttpMethod": method,
        "ResourcePath": _encoded(path),
        "ThrottlingRateLimit": per_s,
        "ThrottlingBurstLimit": burst,
    }


def _encoded(path: str) -> str:
    """The path as a stage's method settings expect it: ``/~1a~1b`` for ``/a/b``. ``/*`` means all paths."""
    return path if path == "/*" else "/" + path.replace("/", "~1")


def answer_headers(answer: GatewayAnswer) -> dict[str, str]:
    """The headers of the answer. Browsers show a page only what the first of them lets it see."""
    return {"Access-Control-Allow-Origin": "*", **SAFETY, **dict(answer.headers)}


def _sam(answer: GatewayAnswer) -> dict[str, Any]:
    return {
        "StatusCode": str(answer.status),
        "ResponseParameters": {
            "Headers": {name: f"'{value}'" for name, value in answer_headers(answer).items()}
        },
        "ResponseTemplates": {"application/json": answer.body("$context.requestId")},
    }
