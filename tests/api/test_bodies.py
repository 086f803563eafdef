"""Invalid bodies get the contract's error response."""

import json

import pytest
from chalice.test import HTTPResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.client import UPI, Api, assert_bad_request, card, made

ROUTES = [
    ("POST", "/orders"),
    ("POST", "/payments"),
    ("POST", "/payments/public"),
    ("POST", "/payments/pay_0000000000000000/capture"),
    ("POST", "/payments/pay_0000000000000000/refunds"),
    ("POST", "/sessions"),
    ("PUT", "/webhooks/config"),
]
every_route_with_a_body = pytest.mark.parametrize(("method", "path"), ROUTES)
LIMIT = 64 * 1024

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
amid_other_examples = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def padded(size: int) -> bytes:
    body = b'{"amount": 500, "filler": ""}'
    return body.replace(b'""', b'"' + b"x" * (size - len(body)) + b'"')


@every_route_with_a_body
@pytest.mark.parametrize(
    "body", [b" ", b"{", b"{'amount': 1}", b'{"a": 1} x', b"\xff\xfe", b"nothing", b"[" * 60_000]
)
def test_invalid_json_is_rejected(merchant: Api, method: str, path: str, body: bytes):
    assert_bad_request(merchant.request(method, path, body), "The body is not valid JSON")


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "capture" not in route[1]])
def test_an_empty_body_is_invalid_json_except_for_a_capture(merchant: Api, method: str, path: str):
    assert_bad_request(merchant.request(method, path, b""), "The body is not valid JSON")


@every_route_with_a_body
@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_json_that_is_not_an_object_is_rejected(merchant: Api, method: str, path: str, body: object):
    assert_bad_request(merchant.request(method, path, body), "The body must be an object")


@every_route_with_a_body
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""]
)
def test_another_content_type_than_json_is_rejected(merchant: Api, method: str, path: str, content_type: str):
    response = merchant.request(method, path, {}, {"Content-Type": content_type})
    assert_bad_request(response, "Content-Type must be application/json", "Content-Type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_content_type_may_have_a_charset_and_any_case(merchant: Api, content_type: str):
    made(merchant.request("POST", "/orders", {"amount": 100}, {"Content-Type": content_type}))


@every_route_with_a_body
def test_a_body_over_the_limit_is_rejected(merchant: Api, method: str, path: str):
    response = merchant.request(method, path, padded(LIMIT + 1))
    assert_bad_request(response, "The body must be at most 65536 bytes")


def test_a_body_at_the_limit_is_accepted(merchant: Api):
    made(merchant.request("POST", "/orders", padded(LIMIT)))


def assert_answered(response: HTTPResponse) -> None:
    """Assert that the response is a created object or the contract's error."""
    body = json.loads(response.body)
    assert response.status_code == 201 or set(body) == {"error"}
    assert response.status_code in {201, 400, 404}, body


@amid_other_examples
@given(
    body=st.fixed_dictionaries(
        {"amount": st.integers(100, 2**53 - 1) | json_values},
        optional={"currency": json_values, "receipt": json_values, "notes": json_values},
    )
)
def test_any_order_body_is_accepted_or_rejected(merchant: Api, body: dict[str, object]):
    assert_answered(merchant.post("/orders", body))


@amid_other_examples
@given(
    data=st.data(),
    changes=st.dictionaries(st.sampled_from(["order_id", "method", "vpa", "card"]), json_values, max_size=2),
    card_changes=st.dictionaries(st.sampled_from(list(card()["card"])), json_values, max_size=2),
)
def test_any_payment_body_is_accepted_or_rejected(
    merchant: Api, data: st.DataObject, changes: dict[str, object], card_changes: dict[str, object]
):
    method = data.draw(st.sampled_from([UPI, card(**card_changes)]))
    assert_answered(merchant.post("/payments", {"order_id": merchant.order()["id"], **method, **changes}))
