"""API Gateway's own responses have the documented error format."""

import json

import pytest

import app
from infra.template.api import GATEWAY_RESPONSES, THROTTLES


@pytest.fixture
def api(of_type):
    return of_type("AWS::Serverless::Api")["RestAPI"]


def test_every_response_is_a_documented_error(api):
    assert set(api["GatewayResponses"]) == set(GATEWAY_RESPONSES)
    for answer in api["GatewayResponses"].values():
        error = json.loads(answer["ResponseTemplates"]["application/json"])["error"]
        assert set(error) == {"code", "description", "request_id"}
        assert error["request_id"] == "$context.requestId"


def test_browsers_can_read_every_response(api):
    for answer in api["GatewayResponses"].values():
        headers = answer["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == "'*'"
        assert headers["Cache-Control"] == "'no-store'"
        assert headers["X-Content-Type-Options"] == "'nosniff'"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("MISSING_AUTHENTICATION_TOKEN", 404, "NOT_FOUND_ERROR"),
        ("INVALID_SIGNATURE", 404, "NOT_FOUND_ERROR"),
        ("REQUEST_TOO_LARGE", 413, "BAD_REQUEST_ERROR"),
        ("THROTTLED", 429, "RATE_LIMIT_ERROR"),
        ("QUOTA_EXCEEDED", 429, "RATE_LIMIT_ERROR"),
        ("DEFAULT_5XX", 500, "INTERNAL_SERVER_ERROR"),
    ],
)
def test_api_gateways_errors_have_the_same_text_as_the_codes(kind, status, code):
    assert (GATEWAY_RESPONSES[kind].status, GATEWAY_RESPONSES[kind].code) == (status, code)


def test_a_throttled_response_has_a_retry_after_header(api):
    assert api["GatewayResponses"]["THROTTLED"]["ResponseParameters"]["Headers"]["Retry-After"] == "'1'"


def test_every_throttle_belongs_to_a_route_and_is_encoded_as_a_method_setting(api):
    """JSON Pointer's encoding after the first slash: /~1api~1v1~1sessions, as AWS documents it."""
    routes = {(endpoint.method, endpoint.path) for endpoint in app.router.routes}
    found = {}
    for setting in api["MethodSettings"]:
        path = setting["ResourcePath"]
        assert path.startswith("/")
        assert "/" not in path[1:]
        decoded = path if path == "/*" else path[1:].replace("~1", "/")
        assert (setting["HttpMethod"], decoded) in routes | {("*", "/*")}
        limits = (setting["ThrottlingRateLimit"], setting["ThrottlingBurstLimit"])
        found[setting["HttpMethod"], decoded] = limits
    assert found == THROTTLES


def test_sign_in_is_throttled(api):
    (setting,) = [each for each in api["MethodSettings"] if each["ResourcePath"] == "/~1api~1v1~1sessions"]
    assert (setting["HttpMethod"], setting["ThrottlingRateLimit"]) == ("POST", 20)
