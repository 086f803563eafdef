"""The API: its kind, its throttles, and API Gateway's error responses in the format of the code's errors."""

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.api.errors import SECURITY_HEADERS
from infra.stage import Api, Stage
from infra.template import access_logs, tracing
from infra.template.lambdas import API_STAGE

API_IDS = {Api.REST: "RestAPI", Api.HTTP: "HttpAPI"}  # the resources; Chalice names the first one

RETRY_AFTER_S = 1  # throttles count requests per second


@dataclass(frozen=True, kw_only=True)
class GatewayResponse:
    """API Gateway's response to one type of error."""

    status: int
    code: str
    description: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, request_id: str) -> str:
        """The body: an error as JSON."""
        error = {"code": self.code, "description": self.description, "request_id": request_id}
        return json.dumps({"error": error})


_NOT_FOUND = GatewayResponse(status=404, code="NOT_FOUND_ERROR", description="Route not found")
_TOO_MANY = GatewayResponse(
    status=429,
    code="RATE_LIMIT_ERROR",
    description="Too many requests",
    headers=(("Retry-After", str(RETRY_AFTER_S)),),
)

TOO_LARGE = GatewayResponse(status=413, code="BAD_REQUEST_ERROR", description="The request body is too large")
FAULT = GatewayResponse(status=500, code="INTERNAL_SERVER_ERROR", description="Internal server error")

GATEWAY_RESPONSES = {
    "DEFAULT_4XX": GatewayResponse(
        status=400, code="BAD_REQUEST_ERROR", description="The request could not be understood"
    ),
    "DEFAULT_5XX": FAULT,
    # API Gateway responds to an unknown path with MISSING_AUTHENTICATION_TOKEN, and with INVALID_SIGNATURE
    # if the request has an Authorization header.
    "MISSING_AUTHENTICATION_TOKEN": _NOT_FOUND,
    "INVALID_SIGNATURE": _NOT_FOUND,
    "RESOURCE_NOT_FOUND": _NOT_FOUND,
    "QUOTA_EXCEEDED": _TOO_MANY,
    "REQUEST_TOO_LARGE": TOO_LARGE,
    "THROTTLED": _TOO_MANY,
    "UNSUPPORTED_MEDIA_TYPE": GatewayResponse(
        status=415, code="BAD_REQUEST_ERROR", description="The content type must be application/json"
    ),
}


# Limits per stage, so that a flood does not use the account's entire limit: requests per second, and burst.
# Sign-in and password change have lower limits against password guessing, and because scrypt is expensive.
THROTTLES = {
    ("*", "/*"): (1_000, 2_000),
    ("POST", "/api/v1/sessions"): (20, 40),
    ("PUT", "/api/v1/merchants/me/password"): (20, 40),
    ("POST", "/api/v1/payments/public"): (200, 400),
    ("POST", "/api/v1/acquirers/{name}/notifications/{merchant_id}"): (200, 400),
}


def url(stage: Stage) -> str:
    """The URL of the API, for ``Fn::Sub``, without a trailing slash."""
    return "https://${" + API_IDS[stage.api] + "}.execute-api.${AWS::Region}.${AWS::URLSuffix}/" + API_STAGE


def resources(stage: Stage) -> dict[str, Any]:
    """Properties to merge into Chalice's API resource, which a stage with an HTTP API does not keep."""
    if stage.api is Api.HTTP:
        return {}
    properties = {
        "MethodSettings": [_throttle(*method, *limits) for method, limits in THROTTLES.items()],
        "GatewayResponses": {kind: _sam(response) for kind, response in GATEWAY_RESPONSES.items()},
        # The API's name in the console and in its metrics.
        "DefinitionBody": {"info": {"title": {"Fn::Sub": "${AWS::StackName}"}}},
        "OpenApiVersion": "2.0",  # Chalice's version; without it, SAM adds a second stage named "Stage"
    }
    properties |= access_logs.rest_api_properties(stage) | tracing.rest_api_properties(stage)
    return {API_IDS[Api.REST]: {**access_logs.rest_api_dependency(stage), "Properties": properties}}


def _throttle(method: str, path: str, per_s: int, burst: int) -> dict[str, Any]:
    return {
        "HttpMethod": method,
        "ResourcePath": _encoded(path),
        "ThrottlingRateLimit": per_s,
        "ThrottlingBurstLimit": burst,
    }


def _encoded(path: str) -> str:
    """Encode a path for method settings: ``/~1a~1b`` for ``/a/b``. ``/*`` matches all paths."""
    return path if path == "/*" else "/" + path.replace("/", "~1")


def response_headers(response: GatewayResponse) -> dict[str, str]:
    """The headers of a response. The first one lets pages of any origin read it."""
    return {"Access-Control-Allow-Origin": "*", **SECURITY_HEADERS, **dict(response.headers)}


def _sam(response: GatewayResponse) -> dict[str, Any]:
    return {
        "StatusCode": str(response.status),
        "ResponseParameters": {
            "Headers": {name: f"'{value}'" for name, value in response_headers(response).items()}
        },
        "ResponseTemplates": {"application/json": response.body("$context.requestId")},
    }
