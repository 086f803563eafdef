"""``/orders``."""

import re

import pytest
from chalice.test import HTTPResponse

from tests.api.client import TIME, Api, assert_bad_request, assert_error, made, shown

AMOUNT_TOO_SMALL = "amount must be at least 100"


def assert_no_order(response: HTTPResponse) -> None:
    assert_error(response, 404, "NOT_FOUND_ERROR", "Order not found")


def test_an_order_is_created(merchant: Api):
    notes = {"shop": "Pune", "basket": [1, 2.5, None, {"gift": True}]}
    order = made(
        merchant.post("/orders", {"amount": 50_000, "currency": "USD", "receipt": "r-1", "notes": notes})
    )
    assert re.fullmatch(r"order_[A-Za-z0-9]{16}", order["id"])
    assert order == {
        "id": order["id"],
        "merchant_id": merchant.merchant_id,
        "amount": 50_000,
        "currency": "USD",
        "receipt": "r-1",
        "notes": notes,
        "status": "created",
        "created_at": TIME,
    }


@pytest.mark.parametrize("absent", [{}, {"currency": None, "receipt": None, "notes": None}])
def test_only_the_amount_is_required(merchant: Api, absent: dict[str, None]):
    order = made(merchant.post("/orders", {"amount": 100, **absent}))
    assert (order["currency"], order["receipt"], order["notes"]) == ("INR", None, {})


def test_an_unknown_field_is_ignored(merchant: Api):
    assert "colour" not in made(merchant.post("/orders", {"amount": 100, "colour": "red"}))


@pytest.mark.parametrize("amount", [100, 2**53 - 1])
def test_the_smallest_and_the_largest_amount_are_accepted(merchant: Api, amount: int):
    assert merchant.order(amount=amount)["amount"] == amount


@pytest.mark.parametrize("amount", [99, 0, -1, -(2**63), "100", "", 100.0, 100.5, True, None, [], {}])
def test_an_amount_that_is_not_an_integer_of_at_least_100_is_rejected(merchant: Api, amount: object):
    assert_bad_request(merchant.post("/orders", {"amount": amount}), AMOUNT_TOO_SMALL, "amount")


def test_an_order_without_an_amount_is_rejected(merchant: Api):
    assert_bad_request(merchant.post("/orders", {}), AMOUNT_TOO_SMALL, "amount")


@pytest.mark.parametrize("amount", [2**53, 10**400])
def test_an_amount_above_the_largest_safe_json_integer_is_rejected(merchant: Api, amount: int):
    response = merchant.post("/orders", {"amount": amount})
    assert_bad_request(response, "amount must be at most 9007199254740991", "amount")


@pytest.mark.parametrize(
    ("field", "value", "description"),
    [
        ("currency", 5, "currency must be text"),
        ("receipt", 5, "receipt must be text"),
        ("receipt", "r" * 256, "receipt must be at most 255 characters"),
        ("receipt", "card 4111-1111-1111-1111", "receipt must not contain a card number"),
        ("notes", "text", "notes must be an object"),
        ("notes", [], "notes must be an object"),
        ("notes", {"a": "x" * 15_000}, "notes must be at most 15000 characters of JSON"),
        ("notes", {"a": [float("nan")]}, "notes must contain only finite numbers"),
        ("notes", {"a": float("-inf")}, "notes must contain only finite numbers"),
        ("notes", {"a": ["4111 1111 1111 1111"]}, "notes must not contain a card number"),
        ("notes", {"a": {"b": 4111111111111111}}, "notes must not contain a card number"),
        ("notes", {"4111111111111111": "a"}, "notes must not contain a card number"),
    ],
)
def test_the_error_describes_the_invalid_field(merchant: Api, field: str, value: object, description: str):
    response = merchant.post("/orders", {"amount": 100, field: value})
    assert_bad_request(response, description, field)


@pytest.mark.parametrize(
    "currency", ["ZZZ", "XAU", "XXX", "XTS", "XDR", "", "inr", "RUPEE", "INR\n", "\u0130NR"]
)
@pytest.mark.parametrize("amount", [1, 50_000])
def test_a_currency_without_iso_4217_minor_units_is_rejected(merchant: Api, currency: str, amount: int):
    response = merchant.post("/orders", {"amount": amount, "currency": currency})
    description = "currency must be an ISO 4217 code of a currency in capital letters, such as INR"
    assert_error(response, 400, "INVALID_CURRENCY", description, "currency")
    assert shown(merchant.get("/orders"))["data"] == []


@pytest.mark.parametrize(("currency", "minimum"), [("USD", 100), ("HUF", 100), ("KWD", 100), ("JPY", 1)])
def test_each_currency_has_a_minimum(merchant: Api, currency: str, minimum: int):
    response = merchant.post("/orders", {"amount": minimum - 1, "currency": currency})
    description = f"amount must be at least {minimum} for {currency}"
    assert_error(response, 400, "AMOUNT_TOO_SMALL", description, "amount")
    assert merchant.order(amount=minimum, currency=currency)["amount"] == minimum


@pytest.mark.parametrize("currency", [{}, {"currency": None}, {"currency": "INR"}])
def test_an_inr_amount_below_the_minimum_has_the_contracts_error_message(
    merchant: Api, currency: dict[str, object]
):
    assert_bad_request(merchant.post("/orders", {"amount": 99, **currency}), AMOUNT_TOO_SMALL, "amount")


@pytest.mark.parametrize("receipt", ["", "r" * 255, "₹ \u2028 \U0001f600 \x00"])
@pytest.mark.parametrize("notes", [{}, {"1": 1, "": [1e308, -0.5, 10**30, None, "\u2028"]}])
def test_an_order_is_returned_unchanged(merchant: Api, receipt: str, notes: dict[str, object]):
    order = merchant.order(receipt=receipt, notes=notes)
    assert (order["receipt"], order["notes"]) == (receipt, notes)
    stored = {"updated_at": TIME, "attempts": 0, "paid_payment_id": None}
    assert shown(merchant.get(f"/orders/{order['id']}")) == order | stored


def test_the_public_order_contains_only_the_fields_a_buyer_needs(merchant: Api):
    order = merchant.order(receipt="r-1", notes={"private": True})
    assert shown(merchant.anonymous.get(f"/orders/{order['id']}/public")) == {
        "id": order["id"],
        "amount": 50_000,
        "currency": "INR",
        "status": "created",
        "merchant": {"name": merchant.email.partition("@")[0]},
        "payment_id": None,
        "upi_flows": ["collect", "intent", "qr"],
        "card_entry": "number",
    }


def test_an_order_of_another_merchant_has_the_same_error_as_an_unknown_order(merchant: Api, stranger: Api):
    assert_no_order(stranger.get(f"/orders/{merchant.order()['id']}"))
    assert_no_order(stranger.get("/orders/order_0000000000000000"))


@pytest.mark.parametrize("order_id", ["none", "pay_0000000000000000", "%C3%A9", "%00", "a%20b", "x" * 1_000])
def test_an_unknown_order_is_not_found(merchant: Api, order_id: str):
    assert_no_order(merchant.get(f"/orders/{order_id}"))
    assert_no_order(merchant.anonymous.get(f"/orders/{order_id}/public"))
