"""Captures: a successful payment, once, in full."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.e2e.api import Api, Json, assert_error

ROUTE = "POST /payments/{payment_id}/capture"
pytestmark = pytest.mark.contract("5", ROUTE)


@pytest.fixture(scope="module")
def shop(new_merchant) -> Api:
    merchant: Api = new_merchant()
    return merchant


@pytest.fixture(scope="module")
def stock(shop: Api) -> list[Json]:
    """One successful payment per test that uses one, processed concurrently to wait only once."""
    return shop.paid_together(9)


@pytest.fixture
def paid(shop: Api, stock: list[Json]) -> Json:
    return stock.pop() if stock else shop.paid()


def capture(merchant: Api, payment: Json, **body: Any) -> requests.Response:
    return merchant.request("POST", f"/api/v1/payments/{payment['id']}/capture", **body)


@pytest.mark.parametrize(
    "body",
    [
        {"data": b""},
        {"json": {}},
        {"json": {"amount": None}},
        {"json": {"amount": 50_000}},
    ],
    ids=str,
)
def test_a_successful_payment_is_captured_in_full(shop, paid, body):
    response = capture(shop, paid, **body)
    assert response.status_code == 200, response.text
    captured = response.json()
    at = captured["captured_at"]
    changed = {"captured": True, "display_status": "captured", "captured_at": at, "updated_at": at}
    assert captured == paid | changed
    assert captured["updated_at"] > paid["updated_at"]
    assert shop.get(f"/payments/{paid['id']}").json() == captured


def test_a_payment_can_be_captured_only_once(shop, paid):
    assert capture(shop, paid).status_code == 200
    for body in ({}, {"amount": 50_000}, {"amount": 1}):
        assert_error(capture(shop, paid, json=body), 400, "BAD_REQUEST_ERROR", "Payment already captured")


def test_one_of_several_concurrent_captures_succeeds(shop, paid):
    with ThreadPoolExecutor(6) as pool:
        responses = list(pool.map(lambda _n: capture(shop, paid), range(6)))
    refused = [response for response in responses if response.status_code != 200]
    assert len(refused) == 5
    for response in refused:
        assert_error(response, 400, "BAD_REQUEST_ERROR", "Payment already captured")


def test_a_pending_payment_cannot_be_captured(shop):
    refused = capture(shop, shop.payment())
    assert_error(refused, 400, "BAD_REQUEST_ERROR", "Payment not in capturable state")


def test_a_failed_payment_cannot_be_captured(shop):
    failed = shop.settled(shop.payment(vpa="failure@bank")["id"])
    assert_error(capture(shop, failed), 400, "BAD_REQUEST_ERROR", "Payment not in capturable state")


def test_an_amount_must_match_the_payment_amount(shop, paid):
    for amount in (49_999, 50_001, 0, -50_000, 2**53):
        refused = capture(shop, paid, json={"amount": amount})
        description = "Capture amount must match payment amount"
        assert_error(refused, 400, "BAD_REQUEST_ERROR", description, "amount")
    assert capture(shop, paid, json={"amount": 50_000}).status_code == 200


@pytest.mark.contract("6")
@pytest.mark.parametrize(
    ("body", "description", "field"),
    [
        ({"amout": 50_000}, "amout is not a known field", "amout"),
        ({"amount": 50_000, "final": True}, "final is not a known field", "final"),
        ({"amount": "50000"}, "amount must be an integer", "amount"),
        ({"amount": 50_000.5}, "amount must be an integer", "amount"),
        ([], "The body must be an object", None),
    ],
)
def test_a_capture_with_an_invalid_or_unknown_field_is_rejected(shop, body, description, field):
    refused = capture(shop, shop.payment(), json=body)
    assert_error(refused, 400, "BAD_REQUEST_ERROR", description, field)


def test_a_partially_refunded_payment_can_be_captured(shop, paid):
    shop.refund(paid["id"], 20_000)
    captured = capture(shop, paid, json={"amount": 50_000}).json()
    assert (captured["captured"], captured["amount_refunded"]) == (True, 20_000)


@pytest.mark.contract("8", "payment.captured")
def test_a_capture_sends_one_webhook(merchant):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.paid()
        for _ in range(2):
            capture(merchant, payment)
        delivery = receiver.wait_for("payment.captured", payment_id=payment["id"])[0]
        receiver.wait_for(count=4)
    assert delivery.verified
    announced = delivery.payload
    assert (announced["data"]["payment"]["captured"], announced["sequence"]) == (True, 4)
    assert [log["event"] for log in merchant.logs()].count("payment.captured") == 1


@pytest.mark.contract("3", "NOT_FOUND_ERROR")
def test_an_unknown_payment_cannot_be_captured(shop):
    refused = capture(shop, {"id": "pay_0000000000000000"})
    assert_error(refused, 404, "NOT_FOUND_ERROR", "Payment not found")
