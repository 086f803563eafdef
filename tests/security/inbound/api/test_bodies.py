"""Unusual bodies: an invalid one is rejected and writes nothing, a valid one is processed literally."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.client import Api, made, shown
from tests.security.inbound.oddities import (
    BAD_CARDS,
    BAD_VPAS,
    CARD,
    NO_JSON,
    NO_ORDERS,
    ORDERS,
    TOO_LARGE,
)

READS = {"GetItem", "Query"}
MAX_DESCRIPTION_CHARS = 120  # a description contains the field and the problem, and no input
CODES = {"BAD_REQUEST_ERROR", "INVALID_CARD", "EXPIRED_CARD", "INVALID_VPA", "INVALID_CURRENCY"}
ROUTES = [
    ("POST", "/orders"),
    ("POST", "/payments"),
    ("POST", "/payments/public"),
    ("POST", "/payments/pay_0000000000000000/capture"),
    ("POST", "/payments/pay_0000000000000000/refunds"),
    ("POST", "/sessions"),
    ("PUT", "/webhooks/config"),
]
NOT_JSON = "The body is not valid JSON"

Rejection = Callable[[HTTPResponse], str]


def parametrize_body(cases: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("body", cases.values(), ids=cases)


@pytest.fixture
def rejection(aws_requests: list[str]) -> Rejection:
    """Assert that a request was rejected and wrote nothing; returns the description of the error."""

    def described(response: HTTPResponse) -> str:
        assert response.status_code == 400, response.body
        assert response.headers["Content-Type"] == "application/json"
        body: dict[str, Any] = response.json_body
        assert list(body) == ["error"]
        error = body["error"]
        assert {"code", "description", "request_id"} <= set(error) <= {*error, "field"}
        assert error["code"] in CODES
        assert len(error["description"]) <= MAX_DESCRIPTION_CHARS
        assert set(aws_requests) <= READS
        return str(error["description"])

    return described


@parametrize_body(NO_JSON)
def test_a_body_that_is_not_json_is_rejected_by_every_route(
    merchant: Api, rejection: Rejection, aws_requests: list[str], body: bytes
):
    aws_requests.clear()
    for route in ROUTES:
        assert rejection(merchant.request(*route, body)) == NOT_JSON


@parametrize_body(TOO_LARGE)
def test_a_body_that_is_too_large_is_rejected_before_it_is_parsed(
    merchant: Api, rejection: Rejection, aws_requests: list[str], body: bytes
):
    aws_requests.clear()
    for route in ROUTES:
        assert rejection(merchant.request(*route, body)) == "The body must be at most 65536 bytes"


@parametrize_body(NO_ORDERS)
def test_an_invalid_order_is_rejected(
    merchant: Api, rejection: Rejection, aws_requests: list[str], body: bytes
):
    aws_requests.clear()
    rejection(merchant.request("POST", "/orders", body))


@parametrize_body(ORDERS)
def test_an_unusual_valid_order_is_stored_as_sent(merchant: Api, body: bytes):
    order = made(merchant.request("POST", "/orders", body, {"Idempotency-Key": "k"}))
    again = merchant.request("POST", "/orders", body, {"Idempotency-Key": "k"})
    said = json.loads(body)
    assert made(again) == order
    assert (order["amount"], order["status"], order["merchant_id"]) == (500, "created", merchant.merchant_id)
    assert order["receipt"] == said.get("receipt")
    assert order["notes"] == (said.get("notes") or {})
    kept = shown(merchant.get(f"/orders/{order['id']}"))
    assert order.items() <= kept.items()
    assert shown(merchant.get("/orders"))["data"] == [kept]


@parametrize_body(BAD_CARDS)
def test_an_invalid_card_is_rejected(
    merchant: Api, rejection: Rejection, aws_requests: list[str], body: dict[str, Any]
):
    order = merchant.order()
    aws_requests.clear()
    payment = {"order_id": order["id"], "method": "card", "card": {**CARD, **body}}
    description = rejection(merchant.post("/payments", payment))
    assert not [value for value in body.values() if isinstance(value, str) and value in description if value]


@parametrize_body(BAD_VPAS)
def test_an_invalid_vpa_is_rejected(
    merchant: Api, rejection: Rejection, aws_requests: list[str], body: object
):
    order = merchant.order()
    aws_requests.clear()
    rejection(merchant.post("/payments", {"order_id": order["id"], "method": "upi", "vpa": body}))


MONEY = {
    "true": "true",
    "a string": '"100"',
    "a decimal point": "100.0",
    "an exponent": "1e2",
    "larger than every float": "1e400",
    "zero": "0",
    "negative": "-1",
    "negative zero": "-0",
    "4,000 digits": "9" * 4_000,
    "an object": "{}",
    "an array": "[100]",
}


@pytest.mark.parametrize("number", MONEY.values(), ids=MONEY)
@pytest.mark.parametrize("action", ["capture", "refunds"])
def test_an_invalid_amount_moves_no_money(
    merchant: Api, rejection: Rejection, aws_requests: list[str], action: str, number: str
):
    payment = merchant.payment()
    aws_requests.clear()
    response = merchant.post(f"/payments/{payment['id']}/{action}", f'{{"amount": {number}}}'.encode())
    if "UpdateItem" in aws_requests:  # a capture with an integer amount, which was rejected
        assert shown(merchant.get(f"/payments/{payment['id']}"))["captured"] is False
        aws_requests.clear()
    rejection(response)


@pytest.mark.parametrize("action", ["capture", "refunds"])
@pytest.mark.parametrize("field", ["amout", "Amount", "amount ", "\u0430mount", "reason\u0000", "__proto__"])
def test_a_misspelled_field_moves_no_money(
    merchant: Api, rejection: Rejection, aws_requests: list[str], action: str, field: str
):
    payment = merchant.payment()
    aws_requests.clear()
    rejection(merchant.post(f"/payments/{payment['id']}/{action}", {"amount": 50_000, field: 1}))
