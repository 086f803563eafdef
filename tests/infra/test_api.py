"""The API's own answers: never API Gateway's words."""

import json

import pytest

from infra.template.api import GATEWAY_ANSWERS


@pytest.fixture
def api(of_type):
    return of_type("AWS::Serverless::Api")["RestAPI"]


def test_every_answer_is_an_error_of_the_contract(api):
    assert set(api["GatewayResponses"]) == set(GATEWAY_ANSWERS)
    for answer in api["GatewayResponses"].values():
        error = json.loads(answer["ResponseTemplates"]["application/json"])["error"]
        assert set(error) == {"code", "description", "request_id"}
        assert error["request_id"] == "$context.requestId"


def test_browsers_may_read_every_answer(api):
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
def test_what_api_gateway_refuses_says_what_the_code_would_say(kind, status, code):
    assert (GATEWAY_ANSWERS[kind].status, GATEWAY_ANSWERS[kind].code) == (status, code)


def test_who_is_throttled_hears_when_to_come_again(api):
    assert api["GatewayResponses"]["THROTTLED"]["ResponseParameters"]["Headers"]["Retry-After"] == "'1'"
