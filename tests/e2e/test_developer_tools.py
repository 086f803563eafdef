"""Routes for the tests of a merchant: planned declines and the receiver lab."""

import pytest

from tests.e2e.api import Api


@pytest.mark.contract("12", "POST /test/declines")
def test_a_planned_decline_fails_the_next_payment(merchant: Api):
    planned = merchant.post("/test/declines", {"code": "insufficient_funds"})
    assert (planned.status_code, planned.json()) == (201, {"planned": ["insufficient_funds"]})
    failed = merchant.settled(merchant.payment()["id"])
    assert (failed["status"], failed["decline_code"]) == ("failed", "insufficient_funds")
    assert merchant.settled(merchant.payment()["id"])["status"] == "success"


@pytest.mark.contract(
    "12", "GET /webhooks/endpoints/{endpoint_id}/lab", "POST /webhooks/endpoints/{endpoint_id}/lab"
)
def test_a_check_of_the_lab_is_delivered_to_the_receiver(merchant: Api):
    listed = merchant.get("/webhooks/endpoints/default/lab").json()["data"]
    assert "tampered-body" in [one["check"] for one in listed]
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        result = merchant.post("/webhooks/endpoints/default/lab", {"check": "tampered-body"}).json()
    assert (result["status"], result["check"]) == ("pass", "tampered-body"), result
