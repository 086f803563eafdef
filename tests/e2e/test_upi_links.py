"""Payments by a UPI link or QR code, answered on the page that acts as the buyer's phone."""

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests

from tests.e2e.api import TIMEOUT_S, Api, Json, eventually

BANK = "/test/bank/{charge_id}"

pytestmark = pytest.mark.contract("7")


def waiting(merchant: Api, **changes: object) -> tuple[str, Json]:
    """The id of a new payment by link, and its action."""
    payment = merchant.payment(vpa=None, flow="qr", **changes)
    action: Json = eventually(
        lambda: merchant.get(f"/payments/{payment['id']}/public").json().get("next_action")
    )
    return payment["id"], action


@pytest.mark.contract("5", f"GET {BANK}", f"POST {BANK}")
@pytest.mark.parametrize(("decision", "status"), [("approve", "success"), ("decline", "failed")])
def test_the_phone_decides_about_a_payment(merchant: Api, decision: str, status: str):
    payment_id, action = waiting(merchant)
    assert action["type"] == "upi"
    assert parse_qs(urlsplit(action["link"]).query)["am"] == ["500.00"]
    page = requests.get(action["simulator_url"], timeout=TIMEOUT_S)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    form, url = {"decision": decision}, action["simulator_url"]
    answered = requests.post(url, data=form, timeout=TIMEOUT_S, allow_redirects=False)
    assert (answered.status_code, urljoin(url, answered.headers["Location"])) == (303, url)
    page = requests.get(url, timeout=TIMEOUT_S)
    assert re.search("<h1>Payment (approved|declined)</h1>", page.text)
    assert merchant.settled(payment_id)["status"] == status


@pytest.mark.contract("2", "GET /payments/{payment_id}/qr.svg")
def test_the_link_is_shown_as_a_qr_code(merchant: Api):
    _, action = waiting(merchant)
    image = requests.get(action["qr_svg_url"], timeout=TIMEOUT_S)
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/svg+xml")


def test_a_special_amount_needs_no_buyer(merchant: Api):
    order = merchant.order(amount=50_002)
    payment_id, _ = waiting(merchant, order_id=order["id"])
    assert merchant.settled(payment_id)["decline_code"] == "card_declined"
