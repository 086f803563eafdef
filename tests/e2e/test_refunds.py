"""Refunds never exceed the payment amount, including concurrent refunds."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import requests

from tests.e2e.api import Api, Json, assert_error, card
from tests.rounds import rounds

CREATE, GET = "POST /payments/{payment_id}/refunds", "GET /refunds/{refund_id}"
pytestmark = pytest.mark.contract("5", CREATE)
EXCEEDS = "Refund amount exceeds available amount"
STATE = "Payment not in refundable state"


@pytest.fixture(scope="module")
def shop(new_merchant) -> Api:
    merchant: Api = new_merchant()
    return merchant


@pytest.fixture(scope="module")
def stock(shop: Api) -> list[Json]:
    """One successful payment per test that uses one, processed concurrently to wait only once."""
    return shop.paid_together(7)


@pytest.fixture
def paid(shop: Api, stock: list[Json]) -> Json:
    return stock.pop() if stock else shop.paid()


def ask(merchant: Api, payment: Json, **body: Any) -> requests.Response:
    return merchant.post(f"/payments/{payment['id']}/refunds", body)


def refunded_of(merchant: Api, payment: Json) -> int:
    amount: int = merchant.get(f"/payments/{payment['id']}").json()["amount_refunded"]
    return amount


@pytest.mark.contract("5", GET)
@pytest.mark.contract("7")
def test_a_refund_is_created_as_pending_and_then_processed(shop, paid):
    response = ask(shop, paid, amount=20_000, reason="too late")
    assert response.status_code == 201, response.text
    refund = response.json()
    assert re.fullmatch(r"rfnd_[A-Za-z0-9]{16}", refund["id"])
    assert refund == {
        "id": refund["id"],
        "payment_id": paid["id"],
        "amount": 20_000,
        "reason": "too late",
        "currency": "INR",
        "status": "pending",
        "created_at": refund["created_at"],
    }
    assert refunded_of(shop, paid) == 20_000, "the amount must be reserved immediately"
    assert shop.get(f"/refunds/{refund['id']}").json() == {**refund, "processed_at": None}
    done = shop.refunded(refund["id"])
    assert done == {**refund, "status": "processed", "processed_at": done["processed_at"]}
    waited = datetime.fromisoformat(done["processed_at"]) - datetime.fromisoformat(refund["created_at"])
    assert waited.total_seconds() >= 1
    assert refunded_of(shop, paid) == 20_000


@pytest.mark.parametrize("reason", [{}, {"reason": None}])
def test_the_reason_is_optional(shop, paid, reason):
    assert ask(shop, paid, amount=1, **reason).json()["reason"] is None


@pytest.mark.parametrize("instrument", [{"method": "upi", "vpa": "buyer@upi"}, card()], ids=["upi", "card"])
def test_a_captured_payment_can_be_refunded(shop, instrument):
    payment = shop.paid(**instrument)
    assert shop.post(f"/payments/{payment['id']}/capture").status_code == 200
    assert shop.refunded(ask(shop, payment, amount=50_000).json()["id"])["status"] == "processed"


def test_a_fully_refunded_payment_cannot_be_refunded(shop, paid):
    for amount in (20_000, 29_999, 1):
        assert ask(shop, paid, amount=amount).status_code == 201
    assert_error(ask(shop, paid, amount=1), 400, "BAD_REQUEST_ERROR", EXCEEDS, "amount")
    assert refunded_of(shop, paid) == 50_000


def test_only_the_refundable_amount_can_be_refunded(shop, paid):
    assert ask(shop, paid, amount=30_000).status_code == 201
    for amount in (20_001, 50_000, 2**53 - 1):
        assert_error(ask(shop, paid, amount=amount), 400, "BAD_REQUEST_ERROR", EXCEEDS, "amount")
    assert ask(shop, paid, amount=20_000).status_code == 201


def test_thirty_concurrent_refunds_do_not_exceed_the_payment_amount(shop, paid):
    """A request rejected for contention (429) creates nothing and can be retried."""
    with ThreadPoolExecutor(30) as pool:
        responses = list(pool.map(lambda _n: ask(shop, paid, amount=3_000), range(30)))
    for response in responses:
        if response.status_code == 429:
            assert int(response.headers["Retry-After"]) > 0
        elif response.status_code != 201:
            assert_error(response, 400, "BAD_REQUEST_ERROR", EXCEEDS, "amount")
    made = sum(response.status_code == 201 for response in responses)
    assert refunded_of(shop, paid) == made * 3_000
    for _ in rounds("no further refund fits", at_most=16):
        if ask(shop, paid, amount=3_000).status_code != 201:
            break
        made += 1
    assert made == 16
    assert refunded_of(shop, paid) == 48_000


def test_a_pending_payment_cannot_be_refunded(shop):
    assert_error(ask(shop, shop.payment(), amount=1), 400, "BAD_REQUEST_ERROR", STATE)


def test_a_failed_payment_cannot_be_refunded(shop):
    failed = shop.settled(shop.payment(vpa="failure@bank")["id"])
    assert_error(ask(shop, failed, amount=1), 400, "BAD_REQUEST_ERROR", STATE)


@pytest.mark.contract("6")
@pytest.mark.parametrize(
    ("body", "description", "field"),
    [
        ({}, "amount is required", "amount"),
        ({"amount": None}, "amount must be an integer", "amount"),
        ({"amount": "1"}, "amount must be an integer", "amount"),
        ({"amount": 1.5}, "amount must be an integer", "amount"),
        ({"amount": True}, "amount must be an integer", "amount"),
        ({"amount": 0}, "amount must be at least 1", "amount"),
        ({"amount": -1}, "amount must be at least 1", "amount"),
        ({"amount": 2**53}, "amount must be at most 9007199254740991", "amount"),
        ({"amount": 1, "reason": 5}, "reason must be text", "reason"),
        ({"amount": 1, "reason": "r" * 256}, "reason must be at most 255 characters", "reason"),
        ({"amount": 1, "reasn": "typo"}, "reasn is not a known field", "reasn"),
    ],
)
def test_a_refund_with_an_invalid_or_unknown_field_is_rejected(shop, body, description, field):
    assert_error(ask(shop, {"id": "pay_0"}, **body), 400, "BAD_REQUEST_ERROR", description, field)


@pytest.mark.contract("3", "NOT_FOUND_ERROR")
def test_an_unknown_payment_cannot_be_refunded(shop):
    refused = ask(shop, {"id": "pay_0000000000000000"}, amount=1)
    assert_error(refused, 404, "NOT_FOUND_ERROR", "Payment not found")


@pytest.mark.contract("7")
@pytest.mark.contract("8", "refund.failed")
def test_a_failed_refund_releases_its_amount_and_sends_a_webhook(merchant):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.paid(vpa="norefund@bank")
        refund = ask(merchant, payment, amount=50_000).json()
        assert merchant.refunded(refund["id"])["status"] == "failed"
        assert refunded_of(merchant, payment) == 0
        delivery = receiver.wait_for("refund.failed", payment_id=payment["id"])[0]
        assert delivery.verified
        announced = delivery.payload["data"]
        assert (announced["refund"]["id"], announced["refund"]["status"]) == (refund["id"], "failed")
        assert announced["payment"]["amount_refunded"] == 0
        assert ask(merchant, payment, amount=50_000).status_code == 201


@pytest.mark.contract("8", "refund.created", "refund.processed")
def test_each_step_of_a_refund_sends_a_webhook_with_the_payment(merchant):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.paid()
        refund = ask(merchant, payment, amount=20_000, reason="für Ω").json()
        assert refund.pop("currency") == "INR"  # bodies of webhooks do not have it
        deliveries = [
            receiver.wait_for(event, payment_id=payment["id"])[0]
            for event in ("refund.created", "refund.processed")
        ]
    for sequence, (delivery, status) in enumerate(zip(deliveries, ("pending", "processed"), strict=True), 4):
        assert delivery.verified
        body = delivery.payload
        assert (list(body["data"]), body["sequence"]) == (["payment", "refund"], sequence)
        assert {**refund, "status": status} == {name: body["data"]["refund"][name] for name in refund}
        assert body["data"]["payment"]["amount_refunded"] == 20_000
    assert deliveries[0].payload["data"]["refund"]["processed_at"] is None
    assert deliveries[1].payload["data"]["refund"]["processed_at"]
