"""Notifications of acquirers."""

import pytest

from tests.cloud import NOTIFICATION_SECRET, Cloud
from tests.contract.in_process import InProcessApi
from tests.e2e.api import assert_error

ROUTE = "POST /acquirers/{name}/notifications/{merchant_id}"


@pytest.mark.contract("12", ROUTE)
def test_a_verified_notification_is_accepted(cloud: Cloud, merchant: InProcessApi):
    payment = merchant.payment()
    path = f"/acquirers/recording/notifications/{merchant.merchant_id}"
    body = {"secret": NOTIFICATION_SECRET, "payment_ids": [payment["id"]]}
    response = merchant.anonymous.post(path, body)
    assert (response.status_code, response.json()) == (200, {"status": "received"})
    merchant.run()
    assert merchant.get(f"/payments/{payment['id']}").json()["status"] == "success"


@pytest.mark.contract("12", ROUTE, "BAD_REQUEST_ERROR")
@pytest.mark.parametrize("acquirer", ["recording", "unknown"])
def test_any_other_notification_is_rejected_with_the_same_error(merchant: InProcessApi, acquirer: str):
    known, unknown = merchant.merchant_id, "00000000-0000-4000-8000-000000000000"
    for merchant_id in (known, unknown):
        path = f"/acquirers/{acquirer}/notifications/{merchant_id}"
        response = merchant.anonymous.post(path, {"payment_ids": []})
        assert_error(response, 400, "BAD_REQUEST_ERROR", "The notification is not valid")
