"""Requests to which API Gateway or the local server responds instead of the application."""

import pytest

from tests.e2e.api import Api, assert_error

pytestmark = pytest.mark.contract("3")


@pytest.fixture(scope="module")
def merchant(new_merchant) -> Api:
    """One for all tests, because no test depends on the objects of another."""
    made: Api = new_merchant()
    return made


@pytest.mark.contract("3", "NOT_FOUND_ERROR")
@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/api/v1/nope", "/api/v1/orders/a/b/c", "/apl/v1/orders"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_route_is_not_found(merchant, method, path):
    assert_error(merchant.request(method, path), 404, "NOT_FOUND_ERROR", "Route not found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/payments/public", {"POST"}),
        ("DELETE", "/api/v1/orders", {"POST"}),
        ("PUT", "/api/v1/payments/pay_0000000000000000", {"GET"}),
        ("PATCH", "/api/v1/webhooks/config", {"GET", "PUT"}),
        ("POST", "/health", {"GET"}),
    ],
)
def test_an_unsupported_method_is_rejected_with_the_allowed_methods(merchant, method, path, allowed):
    response = merchant.request(method, path)
    assert_error(response, 405, "METHOD_NOT_ALLOWED_ERROR")
    named = {name.strip() for name in response.headers["Allow"].split(",")}
    assert allowed <= named
    assert method not in named


def test_a_body_too_large_for_api_gateway_gets_the_contracts_error(merchant):
    response = merchant.request(
        "POST", "/api/v1/orders", data=b"x" * (11 * 1024 * 1024), headers={"Content-Type": "application/json"}
    )
    assert_error(response, 413, "BAD_REQUEST_ERROR")


@pytest.mark.contract("1")
def test_a_preflight_request_needs_no_credentials(gateway):
    response = Api(gateway.api_url).request(
        "OPTIONS",
        "/api/v1/orders",
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-api-key",
        },
    )
    assert response.status_code in {200, 204}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    headers = {name.strip().lower() for name in response.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"content-type", "x-api-key", "x-api-secret", "idempotency-key", "authorization"} <= headers
    assert "POST" in response.headers["Access-Control-Allow-Methods"]


@pytest.mark.contract("1")
def test_any_origin_can_read_a_response(merchant):
    response = merchant.get("/webhooks/config", headers={"Origin": "https://shop.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
