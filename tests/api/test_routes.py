"""The methods of each route, and the responses to all others."""

import json
from typing import Any

import pytest

import app
from tests.api.client import Api, Http, assert_error, shown
from tests.cloud import Cloud

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")  # all except OPTIONS
OWN = {
    path: [endpoint.method for endpoint in app.router.routes if endpoint.path == path]
    for path in app.app.routes
}
ALLOWED = {path: [*methods, *(["HEAD"] if "GET" in methods else [])] for path, methods in OWN.items()}
REFUSED = [(method, path) for path, allowed in ALLOWED.items() for method in METHODS if method not in allowed]
ALLOWED_HEADERS = {"Content-Type", "X-Api-Key", "X-Api-Secret", "Idempotency-Key", "Authorization"}


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_an_unsupported_method_is_rejected_with_the_allowed_methods(http: Http, method: str, path: str):
    response = http.request(method, path.replace("{", "").replace("}", ""))
    allowed = ", ".join(ALLOWED[path])
    description = f"{method} is not allowed here; allowed: {allowed}"
    assert_error(response, 405, "METHOD_NOT_ALLOWED_ERROR", description)
    assert response.headers["Allow"] == allowed


def test_every_path_responds_to_every_method():
    for path, methods in app.app.routes.items():
        assert set(methods) == set(METHODS)
        assert ALLOWED[path], f"{path} has no methods"


def test_every_path_allows_any_origin_and_the_contracts_headers():
    for methods in app.app.routes.values():
        for route in methods.values():
            headers = route.cors.get_access_control_headers()
            assert headers["Access-Control-Allow-Origin"] == "*"
            assert set(headers["Access-Control-Allow-Headers"].split(",")) >= ALLOWED_HEADERS
            assert {"Date", "Idempotent-Replayed", "Next-Cursor"} <= set(
                headers["Access-Control-Expose-Headers"].split(",")
            )


def test_a_response_contains_the_request_id(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
    assert error_of(call("GET", "/api/v1/orders/{order_id}"))["request_id"] == "the-request"
    assert error_of(call("PUT", "/api/v1/orders/{order_id}"))["request_id"] == "the-request"


def test_an_internal_error_reveals_no_internals(anonymous: Api, monkeypatch: pytest.MonkeyPatch, log: Any):
    def fail() -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr("chalicelib.api.routing.gateway", fail)
    response = anonymous.get("/orders/any/public")
    assert_error(response, 500, "INTERNAL_SERVER_ERROR", "An internal error occurred")
    assert "the inside" not in repr(response.body)
    assert "the inside" in log.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/orders", 201),
        ("POST", "/orders/{order_id}", 405),
        ("GET", "/orders/{order_id}", 200),
        ("GET", "/orders/none", 404),
    ],
)
def test_each_request_logs_one_line(merchant: Api, log: Any, method: str, path: str, status: int):
    order = merchant.order()
    log.truncate(0)
    response = merchant.request(method, path.replace("{order_id}", order["id"]), {"amount": 100})
    assert response.status_code == status
    lines = [json.loads(line) for line in log.getvalue().lstrip("\0").splitlines() if '"route"' in line]
    assert len(lines) == (0 if status == 405 else 1)
    assert all((line["method"], line["status"]) == (method, status) for line in lines)


def call(method: str, path: str) -> Any:
    """The response to API Gateway."""
    event = {
        "requestContext": {"httpMethod": method, "resourcePath": path, "requestId": "the-request"},
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": {"order_id": "order_1"},
        "stageVariables": {},
        "body": None,
        "isBase64Encoded": False,
    }
    return app.app(event, None)


def error_of(answer: Any) -> dict[str, str]:
    error: dict[str, str] = json.loads(answer["body"])["error"]
    return error


def test_the_health_route_has_no_version_prefix(http: Http):
    shown(http.get("/health"))


@pytest.mark.parametrize("path", [path for path, methods in OWN.items() if "GET" in methods])
def test_head_returns_the_response_of_get_without_a_body(merchant: Api, path: str):
    """Some routes return an error because the id is unknown; their errors must match too."""
    where = path.replace("{", "").replace("}", "").removeprefix("/api/v1")
    asked = merchant.http.request if path == "/health" else merchant.request
    get, head = asked("GET", where), asked("HEAD", where)
    assert (head.status_code, head.headers) == (get.status_code, get.headers)
    assert head.body == b""
