"""Orders as specified by the contract."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.api import Api, assert_error

pytestmark = pytest.mark.contract("5")

MINIMUM = "amount must be at least 100"


@pytest.fixture(scope="module")
def merchant(new_merchant) -> Api:
    """One for all tests, because no test depends on the objects of another."""
    made: Api = new_merchant()
    return made


@pytest.mark.contract("5", "POST /orders")
def test_a_created_order_contains_the_fields_of_the_request(merchant):
    asked = {
        "amount": 100,
        "currency": "USD",
        "receipt": "r" * 255,
        "notes": {"für": "Ω", "n": [1, {"1": None}]},
    }
    response = merchant.post("/orders", asked)
    assert response.status_code == 201
    order = response.json()
    assert re.fullmatch(r"order_[A-Za-z0-9]{16}", order["id"])
    assert order["created_at"].endswith("Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(order["created_at"])) < timedelta(minutes=1)
    assert order == {
        **asked,
        "id": order["id"],
        "merchant_id": merchant.merchant_id,
        "status": "created",
        "created_at": order["created_at"],
    }


def test_currency_receipt_and_notes_are_optional(merchant):
    order = merchant.order()
    assert (order["currency"], order["receipt"], order["notes"]) == ("INR", None, {})


def test_unknown_fields_are_ignored(merchant):
    assert "colour" not in merchant.order(colour="red")


@pytest.mark.parametrize("amount", [99, 0, -100])
def test_an_amount_below_the_minimum_is_rejected(merchant, amount):
    error = assert_error(merchant.post("/orders", {"amount": amount}), 400, "BAD_REQUEST_ERROR", MINIMUM)
    assert error["field"] == "amount"


@pytest.mark.parametrize("amount", ["500", "abc", 100.5, True, None, [], {}, 2**53 + 1, 10**400])
def test_an_amount_that_is_not_a_safe_integer_is_rejected(merchant, amount):
    error = assert_error(merchant.post("/orders", {"amount": amount}), 400, "BAD_REQUEST_ERROR")
    assert error["field"] == "amount"
    assert error["description"].startswith("amount must be")


def test_a_missing_amount_is_rejected(merchant):
    assert_error(merchant.post("/orders", {}), 400, "BAD_REQUEST_ERROR", field="amount")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("receipt", "r" * 256),
        ("receipt", 1),
        ("notes", []),
        ("notes", "text"),
        ("currency", 356),
    ],
)
def test_the_error_names_the_field_of_the_wrong_type(merchant, field, value):
    response = merchant.post("/orders", {"amount": 500, field: value})
    error = assert_error(response, 400, "BAD_REQUEST_ERROR", field=field)
    assert field in error["description"]


@pytest.mark.contract("3", "AMOUNT_TOO_SMALL")
@pytest.mark.parametrize(("currency", "amount"), [("USD", 99), ("JPY", 0)])
def test_each_currency_has_a_minimum(merchant, currency, amount):
    response = merchant.post("/orders", {"amount": amount, "currency": currency})
    assert_error(response, 400, "AMOUNT_TOO_SMALL", field="amount")


@pytest.mark.contract("3", "INVALID_CURRENCY")
@pytest.mark.parametrize("currency", ["", "rupees", "inr", "ZZZ", "XAU"])
def test_an_unknown_currency_code_is_rejected(merchant, currency):
    response = merchant.post("/orders", {"amount": 500, "currency": currency})
    assert_error(response, 400, "INVALID_CURRENCY", field="currency")


@pytest.mark.contract("5", "GET /orders/{order_id}")
def test_reading_an_order_adds_updated_at(merchant):
    order = merchant.order(receipt="r-1", notes={"a": 1})
    response = merchant.get(f"/orders/{order['id']}")
    assert response.status_code == 200
    added = {"updated_at": order["created_at"], "paid_payment_id": None, "attempts": 0}
    assert response.json() == order | added


@pytest.mark.contract("5", "GET /orders/{order_id}/public")
def test_the_public_order_contains_only_the_fields_a_buyer_needs(merchant):
    order = merchant.order(receipt="private", notes={"private": True})
    response = merchant.anonymous.get(f"/orders/{order['id']}/public")
    assert response.status_code == 200
    assert response.json() == {
        "id": order["id"],
        "amount": 50_000,
        "currency": "INR",
        "status": "created",
        "merchant": {"name": merchant.get("/merchants/me").json()["name"]},
        "payment_id": None,
        "upi_flows": response.json()["upi_flows"],
        "card_entry": "number",
    }
    assert "collect" in response.json()["upi_flows"]


@pytest.mark.parametrize(
    "order_id", ["order_0000000000000000", "order_", "x", "%00", "order_%F0%9F%92%B8", "o" * 3000]
)
@pytest.mark.parametrize("suffix", ["", "/public"])
def test_an_unknown_order_is_not_found(merchant, order_id, suffix):
    response = merchant.get(f"/orders/{order_id}{suffix}")
    assert_error(response, 404, "NOT_FOUND_ERROR", "Order not found")
