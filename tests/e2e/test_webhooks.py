"""From a payment to its signed webhooks."""

import base64
import json
import re
import time

import pytest

from infra.local.receiver import ReceivedWebhook
from tests.e2e.api import UPI, card, eventually
from tests.rounds import MAX_PAGES, rounds

pytestmark = pytest.mark.contract("8")

REAL_SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
FIELDS = {
    "id",
    "endpoint_id",
    "event",
    "payment_id",
    "amount",
    "currency",
    "status",
    "retrying",
    "attempts",
    "created_at",
    "last_attempt_at",
    "next_retry_at",
    "response_code",
    "error",
}


@pytest.fixture
def receiver(merchant):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        yield receiver


@pytest.mark.contract("8", "payment.created", "payment.pending", "payment.success")
@pytest.mark.parametrize("instrument", [UPI, card()], ids=["upi", "card"])
def test_every_step_of_a_payment_sends_one_signed_webhook(merchant, receiver, instrument):
    payment = merchant.payment(**instrument)
    receiver.wait_for("payment.success", payment_id=payment["id"])
    receiver.wait_for(count=3)
    assert sorted(delivery.event for delivery in receiver.deliveries) == [
        "payment.created",
        "payment.pending",
        "payment.success",
    ]
    for delivery in receiver.deliveries:
        assert delivery.problem is None
        assert re.fullmatch(r"[0-9a-f]{64}", header(delivery, "x-webhook-signature"))
        assert header(delivery, "content-type").startswith("application/json")


@pytest.mark.contract("8", "payment.failed")
def test_the_webhook_of_a_failed_payment_contains_the_reason(merchant, receiver):
    payment = merchant.payment(vpa="failure@upi")
    delivery = receiver.wait_for("payment.failed", payment_id=payment["id"])[0]
    announced = delivery.payload["data"]["payment"]
    assert announced["status"] == "failed"
    assert announced["error_code"] == "PAYMENT_FAILED"
    assert announced["error_description"]


def test_javascript_serializes_a_body_to_the_same_text(merchant, receiver):
    order = merchant.order(notes={"1": "an integer-like key"}, receipt="für € \u2028")
    merchant.post("/payments", {"order_id": order["id"], **UPI})
    for delivery in receiver.wait_for(count=3):
        parsed = json.loads(delivery.body)
        again = json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode()
        assert again == delivery.body
        assert list(parsed) == ["event", "timestamp", "data", "sequence"]
        assert isinstance(parsed["timestamp"], int)
        assert abs(parsed["timestamp"] - time.time()) < 60
        assert parsed["data"]["payment"]["order_id"] == order["id"]
        assert "notes" not in parsed["data"]["payment"]


def test_a_webhook_is_signed_with_the_decoded_bytes_of_a_secret(new_merchant):
    merchant = new_merchant(webhook_secret=REAL_SECRET)
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.payment()
        assert receiver.wait_for("payment.created", payment_id=payment["id"])[0].verified


def test_a_delivered_webhook_is_listed(merchant, receiver):
    payment = merchant.payment()
    delivery = receiver.wait_for("payment.success", payment_id=payment["id"])[0]
    log = merchant.log_of("payment.success", lambda log: log["status"] == "success")
    assert set(log) == FIELDS
    assert log["id"] == delivery.webhook_id
    assert (log["attempts"], log["response_code"], log["next_retry_at"]) == (1, 200, None)
    assert log["created_at"].endswith("Z")
    assert log["last_attempt_at"].endswith("Z")


def test_a_merchant_without_a_url_gets_no_webhook_logs(merchant):
    merchant.settled(merchant.payment()["id"])
    assert merchant.logs() == []


def test_events_before_the_url_was_set_are_not_sent(merchant, receiver):
    merchant.send_webhooks_to(None)
    before = merchant.payment()
    merchant.settled(before["id"])  # a settled payment implies that the relay has read its creation
    merchant.send_webhooks_to(receiver.url)
    after = merchant.payment()
    receiver.wait_for("payment.success", payment_id=after["id"])
    created = {delivery.payment_id for delivery in receiver.deliveries if delivery.event == "payment.created"}
    assert created == {after["id"]}


@pytest.mark.contract("5", "GET /webhooks/config", "PUT /webhooks/config")
def test_the_url_can_be_set_read_and_removed(merchant):
    for url in ("https://shop.example/hook", None):
        saved = merchant.put("/webhooks/config", {"webhook_url": url}).json()
        assert set(saved) == {"webhook_url", "webhook_secret", "disabled_at", "disabled_reason"}
        assert (saved["webhook_url"], saved["disabled_at"], saved["disabled_reason"]) == (url, None, None)
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", saved["webhook_secret"])
        assert merchant.get("/webhooks/config").json() == saved


def test_the_list_has_offset_and_cursor_pages_newest_first(merchant, receiver):
    for _ in range(2):
        merchant.payment()
    receiver.wait_for(count=6)
    logs = eventually(lambda: len(logs := merchant.logs()) == 6 and logs)
    assert [log["created_at"] for log in logs] == sorted((log["created_at"] for log in logs), reverse=True)
    ids = [log["id"] for log in logs]

    by_offset = merchant.get("/webhooks?limit=2&offset=3").json()
    assert (by_offset["limit"], by_offset["offset"], by_offset["total"]) == (2, 3, 6)
    assert [log["id"] for log in by_offset["data"]] == ids[3:5]

    pages, cursor = [], ""
    for _ in rounds("the last page has no cursor", at_most=MAX_PAGES):
        page = merchant.get(f"/webhooks?limit=4{cursor and '&cursor=' + cursor}").json()
        assert set(page) == {"data", "total", "total_is_minimum", "limit", "offset", "next_cursor"}
        pages += [log["id"] for log in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == ids


@pytest.mark.contract("5", "GET /webhooks")
def test_the_default_page_is_the_ten_newest_logs(merchant):
    page = merchant.get("/webhooks").json()
    assert page == {
        "data": [],
        "total": 0,
        "total_is_minimum": False,
        "limit": 10,
        "offset": 0,
        "next_cursor": None,
    }


def header(delivery: ReceivedWebhook, name: str) -> str:
    return {key.lower(): value for key, value in delivery.headers.items()}[name]
