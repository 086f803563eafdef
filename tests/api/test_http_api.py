"""The events of an HTTP API."""

import json
from base64 import b64encode
from typing import Any

import pytest

import app
from chalicelib.api.http_api import rest_event
from tests.cloud import Cloud

Json = dict[str, Any]


def http_event(route: str = "GET /health", method: str = "GET", **changes: Any) -> Json:
    """An event of payload format 2.0. It has no `body` and no `pathParameters` if there are none."""
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": "/gateway/health",
        "rawQueryString": "",
        "headers": {"host": "api.example"},
        "requestContext": {
            "apiId": "api",
            "http": {"method": method, "path": "/gateway/health", "sourceIp": "192.0.2.1"},
            "requestId": "the-request",
            "routeKey": route,
            "stage": "gateway",
        },
        "isBase64Encoded": False,
    }
    return event | changes


def test_a_route_is_the_path_of_its_key():
    context = rest_event(http_event("ANY /api/v1/orders/{order_id}", "PUT"))["requestContext"]
    assert (context["resourcePath"], context["httpMethod"]) == ("/api/v1/orders/{order_id}", "PUT")
    assert context["requestId"] == "the-request"


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("", None),
        ("limit=1", {"limit": ["1"]}),
        ("limit=1&limit=2", {"limit": ["1", "2"]}),
        ("status=a,b&cursor=a%2Bb%3D&empty=", {"status": ["a,b"], "cursor": ["a+b="], "empty": [""]}),
    ],
)
def test_a_query_string_is_decoded(query: str, parameters: Json | None):
    assert rest_event(http_event(rawQueryString=query))["multiValueQueryStringParameters"] == parameters


def test_bodies_and_path_parameters_are_optional():
    empty = rest_event(http_event())
    assert (empty["body"], empty["pathParameters"]) == (None, None)
    full = rest_event(http_event(body="e30=", isBase64Encoded=True, pathParameters={"order_id": "order_1"}))
    assert (full["body"], full["isBase64Encoded"]) == ("e30=", True)
    assert full["pathParameters"] == {"order_id": "order_1"}


@pytest.mark.parametrize("encoded", [False, True])
def test_a_request_is_served(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, encoded: bool):
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
    body = json.dumps({"email": "test@example.com", "password": "wrong"})
    event = http_event(
        "POST /api/v1/sessions",
        "POST",
        headers={"content-type": "application/json"},
        body=b64encode(body.encode()).decode() if encoded else body,
        isBase64Encoded=encoded,
    )
    response = app.app(event, None)
    assert response["statusCode"] == 401
    assert error_of(response)["code"] == "AUTHENTICATION_ERROR"


@pytest.mark.parametrize(("route", "method"), [("$default", "GET"), ("ANY /health", "TRACE")])
def test_an_unknown_route_is_rejected_like_by_a_rest_api(route: str, method: str):
    response = app.app(http_event(route, method), None)
    assert response["statusCode"] == 404
    assert error_of(response) == {
        "code": "NOT_FOUND_ERROR",
        "description": "Route not found",
        "request_id": "the-request",
    }


def test_a_known_path_rejects_another_method_with_the_allowed_ones():
    response = app.app(http_event("ANY /health", "DELETE"), None)
    assert (response["statusCode"], response["headers"]["Allow"]) == (405, "GET, HEAD")


def error_of(response: Json) -> Json:
    error: Json = json.loads(response["body"])["error"]
    return error
