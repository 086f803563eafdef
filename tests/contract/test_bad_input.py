"""Invalid input gets the contract's error and not the framework's."""

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
    """One for all tests, because no test depends on the objects of another."""
    made: Api = new_merchant()
    return made


@pytest.mark.contract("3", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, _, path in ROUTES])
def test_malformed_json_is_rejected(merchant, method, path, body):
    response = merchant.request(method, path, data=body, headers={"Content-Type": "application/json"})
    error = assert_error(response, 400, "BAD_REQUEST_ERROR")
    assert "JSON" in error["description"]


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_json_that_is_not_an_object_is_rejected(merchant, body):
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
def test_a_wrong_content_type_is_rejected(merchant, content_type):
    response = merchant.request(
        "POST", "/api/v1/orders", data=b'{"amount": 500}', headers={"Content-Type": content_type}
    )
    error = assert_error(response, 400, "BAD_REQUEST_ERROR")
    assert "Content-Type" in error["description"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_content_type_may_have_a_charset_and_any_case(merchant, content_type):
    response = merchant.request(
        "POST", "/api/v1/orders", data=b'{"amount": 500}', headers={"Content-Type": content_type}
    )
    assert response.status_code == 201, response.text


@pytest.mark.parametrize("size", [65 * 1024, 1024 * 1024])
def test_a_body_that_is_too_large_is_rejected(merchant, size):
    response = merchant.post("/orders", {"amount": 500, "notes": {"filler": "x" * size}})
    error = assert_error(response, 400, "BAD_REQUEST_ERROR")
    assert "65536 bytes" in error["description"]


def test_a_body_just_under_the_limit_is_accepted(merchant):
    body = b'{"amount": 500, "filler": ""}'
    body = body.replace(b'""', b'"' + b"x" * (64 * 1024 - len(body)) + b'"')
    response = merchant.request(
        "POST", "/api/v1/orders", data=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 201, response.text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("body", ['{"amount": %s}', '{"amount": 500, "notes": {"a": [%s]}}'])
def test_a_number_that_json_does_not_have_is_rejected(merchant, body, number):
    response = merchant.request(
        "POST", "/api/v1/orders", data=body % number, headers={"Content-Type": "application/json"}
    )
    assert_error(response, 400, "BAD_REQUEST_ERROR")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=ten", "offset=-1", "cursor=nonsense"])
def test_invalid_page_parameters_are_rejected(merchant, query):
    error = assert_error(merchant.get(f"/webhooks?{query}"), 400, "BAD_REQUEST_ERROR")
    assert error["field"] == query.split("=")[0]


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "ftp://example.com/x", "javascript:alert(1)", "http://", 5, "http://x/" + "a" * 5000],
)
def test_an_invalid_webhook_url_is_rejected(merchant, url):
    response = merchant.put("/webhooks/config", {"webhook_url": url})
    assert_error(response, 400, "BAD_REQUEST_ERROR", field="webhook_url")
