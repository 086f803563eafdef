"""Odd bodies: each is refused in the contract's form and writes nothing, or is taken for what it says."""

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
MAX_DESCRIPTION_CHARS = 120  # it names a field and what is wrong, and repeats nothing
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

Refuses = Callable[[HTTPResponse], str]


def among(cases: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("body", cases.values(), ids=cases)


@pytest.fixture
def refusal(aws_requests: list[str]) -> Refuses:
    """What a request was refused with, in the contract's form; it wrote nothing."""

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


@among(NO_JSON)
def test_what_is_no_json_is_refused_everywhere(
    merchant: Api, refusal: Refuses, aws_requests: list[str], body: bytes
):
    aws_requests.clear()
    for route in ROUTES:
        assert refusal(merchant.request(*route, body)) == NOT_JSON


@among(TOO_LARGE)
def test_what_is_too_large_is_not_even_read(
    merchant: Api, refusal: Refuses, aws_requests: list[str], body: bytes
):
    aws_requests.clear()
    for route in ROUTES:
        assert refusal(merchant.request(*route, body)) == "The body must be at most 65536 bytes"


@among(NO_ORDERS)
def test_what_is_no_order_is_refused(merchant: Api, refusal: Refuses, aws_requests: list[str], body: bytes):
    aws_requests.clear()
    refusal(merchant.request("POST", "/orders", body))


@among(ORDERS)
def test_an_odd_order_is_taken_for_what_it_says(merchant: Api, body: bytes):
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


@among(BAD_CARDS)
def test_an_odd_card_is_refused(
    merchant: Api, refusal: Refuses, aws_requests: list[str], body: dict[str, Any]
):
    order = merchant.order()
    aws_requests.clear()
    payment = {"order_id": order["id"], "method": "card", "card": {**CARD, **body}}
    description = refusal(merchant.post("/payments", payment))
    assert not [value for value in body.values() if isinstance(value, str) and value in description if value]


@among(BAD_VPAS)
def test_an_odd_vpa_is_refused(merchant: Api, refusal: Refuses, aws_requests: list[str], body: object):
    order = merchant.order()
    aws_requests.clear()
    refusal(merchant.post("/payments", {"order_id": order["id"], "method": "upi", "vpa": body}))


MONEY = {
    "true": "true",
    "a text": '"100"',
    "a point": "100.0",
    "an exponent": "1e2",
    "beyond every float": "1e400",
    "nothing": "0",
    "less than nothing": "-1",
    "minus nothing": "-0",
    "4,000 digits": "9" * 4_000,
    "an object": "{}",
    "a list": "[100]",
}


@pytest.mark.parametrize("number", MONEY.values(), ids=MONEY)
@pytest.mark.parametrize("action", ["capture", "refunds"])
def test_an_odd_amount_moves_no_money(
    merchant: Api, refusal: Refuses, aws_requests: list[str], action: str, number: str
):
    payment = merchant.payment()
    aws_requests.clear()
    response = merchant.post(f"/payments/{payment['id']}/{action}", f'{{"amount": {number}}}'.encode())
    if "UpdateItem" in aws_requests:  # an integer that a capture was asked for, and refused
        assert shown(merchant.get(f"/payments/{payment['id']}"))["captured"] is False
        aws_requests.clear()
    refusal(response)


@pytest.mark.parametrize("action", ["capture", "refunds"])
@pytest.mark.parametrize("field", ["amout", "Amount", "amount ", "\u0430mount", "reason\u0000", "__proto__"])
def test_a_misspelt_field_moves_no_money(
    merchant: Api, refusal: Refuses, aws_requests: list[str], action: str, field: str
):
    payment = merchant.payment()
    aws_requests.clear()
    refusal(merchant.post(f"/payments/{payment['id']}/{action}", {"amount": 50_000, field: 1}))
