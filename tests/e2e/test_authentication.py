"""Who may ask: the key pair, and nothing less."""

import pytest

from tests.e2e.api import NOBODY, UPI, Api, assert_error

KEY, SECRET = "X-Api-Key", "X-Api-Secret"


@pytest.mark.parametrize("at_fault", [KEY, SECRET])
@pytest.mark.parametrize("value", [None, "", "wrong", "key_test_abc123\u00e9".encode()])
def test_a_missing_empty_or_wrong_key_or_secret_is_refused_alike(merchant, at_fault, value):
    response = merchant.get("/webhooks/config", headers={at_fault: value})
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


def test_another_merchants_secret_is_refused(merchant, other_merchant):
    mixed = {KEY: merchant.credentials[KEY], SECRET: other_merchant.credentials[SECRET]}
    response = Api(merchant.url, credentials=mixed).get("/webhooks/config")
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders"),
        ("GET", "/orders/order_0000000000000000"),
        ("POST", "/payments"),
        ("GET", "/payments/pay_0000000000000000"),
        ("GET", "/webhooks"),
        ("POST", "/webhooks/00000000-0000-4000-8000-000000000000/retry"),
        ("GET", "/webhooks/config"),
        ("PUT", "/webhooks/config"),
    ],
)
def test_every_private_route_asks_for_credentials_before_it_looks_at_the_request(merchant, method, path):
    response = merchant.anybody.request(method, f"/api/v1{path}", data="{")
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("GET", "/orders/{order}", "Order"),
        ("GET", "/payments/{payment}", "Payment"),
        ("POST", "/payments", "Order"),
        ("POST", "/webhooks/{log}/retry", "Webhook log"),
    ],
)
def test_another_merchants_object_is_not_found(merchant, other_merchant, method, path, what):
    merchant.send_webhooks_to(NOBODY)
    payment = merchant.payment()
    log = merchant.log_of("payment.created")
    address = path.format(order=payment["order_id"], payment=payment["id"], log=log["id"])
    body = {"order_id": payment["order_id"], **UPI} if method == "POST" else None
    response = other_merchant.request(method, f"/api/v1{address}", json=body)
    assert_error(response, 404, "NOT_FOUND_ERROR", f"{what} not found")
