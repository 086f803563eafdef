"""Finance: the time zone, sums and exports."""

import csv
import io

import pytest
import requests

from tests.e2e.api import assert_error


@pytest.mark.contract("2", "PUT /merchants/me/time-zone")
def test_a_merchant_chooses_its_time_zone(new_merchant):
    merchant = new_merchant()
    changed = merchant.put("/merchants/me/time-zone", {"time_zone": "Asia/Kolkata"})
    assert (changed.status_code, changed.json()["time_zone"]) == (200, "Asia/Kolkata")
    refused = merchant.put("/merchants/me/time-zone", {"time_zone": "Mars/Olympus"})
    assert_error(refused, 400, "BAD_REQUEST_ERROR", field="time_zone")
    assert merchant.get("/merchants/me").json()["time_zone"] == "Asia/Kolkata"


@pytest.mark.contract("2", "GET /summary")
@pytest.mark.contract("2", "GET /exports/payments")
@pytest.mark.contract("2", "GET /exports/refunds")
@pytest.mark.contract("2", "GET /exports/events")
def test_the_sums_and_exports_have_the_payment_and_its_refund(new_merchant):
    merchant = new_merchant()
    payment = merchant.paid()
    refund = merchant.refund(payment["id"], 10_000)
    (sums,) = merchant.get("/summary").json()["data"]
    assert sums == {"currency": "INR", "payments": 1, "gross": 50_000, "refunded": 10_000, "net": 40_000}
    (paid,) = lines(merchant.get("/exports/payments"))
    assert (paid["payment_id"], paid["status"], paid["net"]) == (
        payment["id"],
        "partially_refunded",
        "400.00",
    )
    (returned,) = lines(merchant.get("/exports/refunds"))
    assert (returned["refund_id"], returned["amount"], returned["currency"]) == (
        refund["id"],
        "100.00",
        "INR",
    )
    assert {line["payment_id"] for line in lines(merchant.get("/exports/events"))} == {payment["id"]}


def lines(response: requests.Response) -> list[dict[str, str]]:
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert "Next-Cursor" not in response.headers
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


@pytest.mark.contract("3", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize("path", ["/summary", "/exports/payments", "/exports/refunds", "/exports/events"])
def test_a_period_that_ends_before_it_begins_is_refused(new_merchant, path):
    response = new_merchant().get(f"{path}?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z")
    assert_error(response, 400, "BAD_REQUEST_ERROR", "to must not be before from", field="to")
