"""The public route allows one successful payment per order."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from chalicelib.domain.order import MAX_ATTEMPTS
from tests.e2e.api import Api, Json, assert_error, card, eventually

PUBLIC = "/payments/public"
PUBLIC_ORDER = "GET /orders/{order_id}/public"
pytestmark = pytest.mark.contract("12")


@pytest.fixture(scope="module")
def merchant(new_merchant) -> Api:
    """One for all tests, because each test has a separate order."""
    made: Api = new_merchant()
    return made


def pay(merchant: Api, order: Json, vpa: str = "success@upi") -> requests.Response:
    return merchant.anonymous.post(PUBLIC, {"order_id": order["id"], "method": "upi", "vpa": vpa})


def settled(merchant: Api, response: requests.Response) -> Json:
    assert response.status_code == 201, response.text
    return merchant.settled(response.json()["id"])


@pytest.mark.contract("3", "PAYMENT_IN_PROGRESS", "ORDER_ALREADY_PAID")
@pytest.mark.contract("12", PUBLIC_ORDER, "GET /orders/{order_id}", "POST /payments/public")
def test_two_browsers_cannot_pay_one_order_twice(merchant):
    order = merchant.order()
    first = pay(merchant, order)
    error = assert_error(pay(merchant, order), 409, "PAYMENT_IN_PROGRESS", field="order_id")
    assert error["payment_id"] == first.json()["id"]
    public = merchant.anonymous.get(f"/orders/{order['id']}/public").json()
    assert (public["status"], public["payment_id"]) == ("created", first.json()["id"])
    assert settled(merchant, first)["status"] == "success"
    assert_error(pay(merchant, order), 409, "ORDER_ALREADY_PAID", field="order_id")
    by_card = merchant.anonymous.post(PUBLIC, {"order_id": order["id"], **card()})
    assert_error(by_card, 409, "ORDER_ALREADY_PAID", field="order_id")
    public = merchant.anonymous.get(f"/orders/{order['id']}/public").json()
    assert (public["status"], public["payment_id"]) == ("paid", first.json()["id"])
    read = merchant.get(f"/orders/{order['id']}").json()
    assert (read["status"], read["paid_payment_id"]) == ("paid", first.json()["id"])


def test_a_failed_payment_allows_another_one(merchant):
    order = merchant.order()
    assert settled(merchant, pay(merchant, order, "failure@upi"))["status"] == "failed"
    assert settled(merchant, pay(merchant, order))["status"] == "success"


@pytest.mark.contract("3", "TOO_MANY_ATTEMPTS")
def test_an_order_has_a_limited_number_of_attempts(merchant):
    order = merchant.order()
    body = {"order_id": order["id"], "method": "upi", "vpa": "failure@upi"}
    for _ in range(MAX_ATTEMPTS):
        assert merchant.post("/payments", body).status_code == 201
    path = f"/orders/{order['id']}/public"
    eventually(lambda: merchant.anonymous.get(path).json()["payment_id"] is None)
    assert_error(pay(merchant, order), 429, "TOO_MANY_ATTEMPTS", field="order_id")


@pytest.mark.contract("3", "ORDER_EXPIRED")
@pytest.mark.contract("12", "POST /orders", "POST /payments")
def test_an_expired_order_cannot_be_paid(merchant):
    soon = datetime.now(UTC) + timedelta(seconds=8)
    order = merchant.order(expires_at=soon.isoformat(), pay_once=True)
    assert order["pay_once"] is True

    def refusals() -> list[requests.Response]:
        body = {"order_id": order["id"], "method": "upi", "vpa": "failure@upi"}
        response = merchant.post("/payments", body)
        return [] if response.status_code == 201 or "IN_PROGRESS" in response.text else [response]

    [refused] = eventually(refusals)
    assert_error(refused, 409, "ORDER_EXPIRED", field="order_id")
