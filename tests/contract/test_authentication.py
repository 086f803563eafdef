"""Authentication requires the complete key pair."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import app
from tests.e2e.api import UPI, Api, assert_error
from tests.security.inbound.api.asking import BODIES

pytestmark = pytest.mark.contract("2")

KEY, SECRET = "X-Api-Key", "X-Api-Secret"
PRIVATE = [endpoint for endpoint in app.router.routes if not endpoint.public]
OF_ONE = [endpoint for endpoint in PRIVATE if "{" in endpoint.path]
NONE_SUCH = {
    "order_id": "order_0000000000000000",
    "payment_id": "pay_0000000000000000",
    "refund_id": "rfnd_0000000000000000",
    "log_id": "00000000-0000-4000-8000-000000000000",
    "event_id": "00000000-0000-4000-8000-000000000000",
    "endpoint_id": "we_0000000000000000",
    "request_id": "00000000-0000-4000-8000-000000000000",
}
NOUNS = {
    "order_id": "Order",
    "payment_id": "Payment",
    "refund_id": "Refund",
    "log_id": "Webhook log",
    "event_id": "Event",
    "endpoint_id": "Webhook endpoint",
    "request_id": "Request",
}


@pytest.fixture(scope="module")
def merchant(new_merchant) -> Api:
    """One for all tests, because no test depends on the objects of another."""
    made: Api = new_merchant()
    return made


def address(endpoint: Any, ids: Mapping[str, str] = NONE_SUCH) -> str:
    """The endpoint's path with ``ids`` as its parameters."""
    path: str = endpoint.path
    return path.format_map(ids)


@pytest.mark.contract("3", "AUTHENTICATION_ERROR")
@pytest.mark.parametrize("at_fault", [KEY, SECRET])
@pytest.mark.parametrize("value", [None, "", "wrong", "key_test_abc123\u00e9".encode()])
def test_a_missing_empty_or_wrong_key_or_secret_gets_the_same_error(merchant, at_fault, value):
    response = merchant.get("/webhooks/config", headers={at_fault: value})
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


def test_another_merchants_secret_is_rejected(merchant, other_merchant):
    mixed = {KEY: merchant.credentials[KEY], SECRET: other_merchant.credentials[SECRET]}
    response = replace(merchant, credentials=mixed).get("/webhooks/config")
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.mark.parametrize("endpoint", PRIVATE, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_private_route_checks_credentials_before_the_request(merchant, endpoint):
    response = merchant.anonymous.request(endpoint.method, address(endpoint), data="{")
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.fixture(scope="module")
def belongings(new_merchant) -> dict[str, str]:
    """The ids of one object of each kind of a merchant, by path parameter."""
    owner = new_merchant()
    owner.send_webhooks_to("https://merchant.example/webhook")
    payment = owner.paid()
    return {
        "order_id": payment["order_id"],
        "payment_id": payment["id"],
        "refund_id": owner.refund(payment["id"], 100)["id"],
        "log_id": owner.log_of("payment.created")["id"],
        "event_id": owner.events()[0]["id"],
        "endpoint_id": owner.webhook_endpoint("https://merchant.example/webhook")["id"],
        "request_id": owner.post("/orders", {"amount": 0}).json()["error"]["request_id"],
    }


@pytest.mark.contract("3", "NOT_FOUND_ERROR")
@pytest.mark.parametrize("endpoint", OF_ONE, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_another_merchants_object_is_not_found_on_any_route(merchant, belongings, endpoint):
    body = BODIES.get(endpoint.name, {}) if endpoint.method in {"POST", "PATCH"} else None
    for ids in (belongings, NONE_SUCH):
        response = merchant.request(endpoint.method, address(endpoint, ids), json=body)
        [noun] = [noun for name, noun in NOUNS.items() if name in endpoint.path]
        error = assert_error(response, 404, "NOT_FOUND_ERROR")
        assert error["description"].partition(".")[0] == f"{noun} not found"


@pytest.mark.contract("3", "NOT_FOUND_ERROR")
def test_another_merchants_order_cannot_be_paid(merchant, belongings):
    response = merchant.post("/payments", {"order_id": belongings["order_id"], **UPI})
    assert_error(response, 404, "NOT_FOUND_ERROR", "Order not found")


def test_lists_and_statistics_contain_no_data_of_other_merchants(other_merchant, belongings):
    for path in ("/orders", "/payments", "/refunds", "/webhooks"):
        page = other_merchant.get(path).json()
        assert (page["data"], page["total"]) == ([], 0)
    assert other_merchant.get("/stats").json()["totals"]["count"] == 0
