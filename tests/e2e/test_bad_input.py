"""Input no client should send gets the contract's error, never the framework's."""

import json

import pytest

from tests.e2e.api import Api, assert_error

pytestmark = pytest.mark.contract("3")

ROUTES = [
    ("POST", "/orders", "/api/v1/orders"),
    ("POST", "/payments", "/api/v1/payments"),
    ("PUT", "/webhooks/config", "/api/v1/webhooks/config"),
]
MALFORMED = [b"", b"{", b"\xff\xfe", b"{'amount': 1}", b"[" * 60_000, b'{"a": 1} x']


@pytest.fixture(scope="module")
def merchant(new_merchant) -> Api:
    """One for all of these: none depends on what another made."""
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
def test_a_wrong_method_says_which_are_right(merchant, method, path, allowed):
    response = merchant.request(method, path)
    assert_error(response, 405, "METHOD_NOT_ALLOWED_ERROR")
    named = {name.strip() for name in response.headers["Allow"].split(",")}
    assert allowed <= named
    assert method not in named


@pytest.mark.contract("3", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, _, path in ROUTES])
def test_malformed_json_is_refused(merchant, method, path, body):
    response = merchant.request(method, path, data=body, headers={"Content-Type": "application/json"})
    error = assert_error(response, 400, "BAD_REQUEST_ERROR")
    assert "JSON" in error["description"]


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_json_that_is_no_object_is_refused(merchant, body):
    response = merchant.request(
        "POST", "/api/v1/orders", data=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    error = assert_error(response, 400, "BAD_REQUEST_ERROR")
    assert "object" in error["description"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data; boundary=x",
    ],
)
def test_a_wrong_content_type_is_refused(merchant, content_type):
    response = merchant.request(
        "POST", "/api/v1/orders", data=b'{"amount": 500}', headers={"Content-Type": content_type}
    )
    error = assert_error(response, 400, "BAD_REQUEST_ERROR")
    assert "Content-Type" in error["description"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_named_with_a_character_set_and_in_any_case(merchant, content_type):
    response = merchant.request(
        "POST", "/api/v1/orders", data=b'{"amount": 500}', headers={"Content-Type": content_type}
    )
    assert response.status_code == 201, response.text


@pytest.mark.parametrize("size", [65 * 1024, 1024 * 1024])
def test_a_body_that_is_too_large_is_refused(merchant, size):
    response = merchant.post("/orders", {"amount": 500, "notes": {"filler": "x" * size}})
    error = assert_error(response, 400, "BAD_REQUEST_ERROR")
    assert "65536 bytes" in error["description"]


def test_a_body_beyond_what_the_front_takes_is_refused_with_the_same_shape(merchant):
    response = merchant.request(
        "POST", "/api/v1/orders", data=b"x" * (11 * 1024 * 1024), headers={"Content-Type": "application/json"}
    )
    assert_error(response, 413, "BAD_REQUEST_ERROR")


def test_a_body_just_under_the_limit_is_taken(merchant):
    body = b'{"amount": 500, "filler": ""}'
    body = body.replace(b'""', b'"' + b"x" * (64 * 1024 - len(body)) + b'"')
    response = merchant.request(
        "POST", "/api/v1/orders", data=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 201, response.text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("body", ['{"amount": %s}', '{"amount": 500, "notes": {"a": [%s]}}'])
def test_a_number_that_is_none_in_json_is_refused(merchant, body, number):
    response = merchant.request(
        "POST", "/api/v1/orders", data=body % number, headers={"Content-Type": "application/json"}
    )
    assert_error(response, 400, "BAD_REQUEST_ERROR")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=ten", "offset=-1", "cursor=nonsense"])
def test_a_page_that_cannot_be_is_refused(merchant, query):
    error = assert_error(merchant.get(f"/webhooks?{query}"), 400, "BAD_REQUEST_ERROR")
    assert error["field"] == query.split("=")[0]


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "ftp://example.com/x", "javascript:alert(1)", "http://", 5, "http://x/" + "a" * 5000],
)
def test_a_webhook_url_that_is_none_is_refused(merchant, url):
    response = merchant.put("/webhooks/config", {"webhook_url": url})
    assert_error(response, 400, "BAD_REQUEST_ERROR", field="webhook_url")


@pytest.mark.contract("1")
def test_a_preflight_is_answered_without_credentials(gateway):
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
def test_an_answer_may_be_read_by_any_origin(merchant):
    response = merchant.get("/webhooks/config", headers={"Origin": "https://shop.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
