"""The page of the shop to which a buyer returns, and the QR code of a UPI payment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import time_machine

from chalicelib.acquirers.base import ActionRequired
from chalicelib.domain.next_action import ActionType, NextAction
from tests.cloud import Cloud
from tests.contract.in_process import InProcessApi
from tests.e2e.api import Json
from tests.guides.blocks import blocks_of

SHOP = "https://shop.example"
THANKS = f"{SHOP}/thanks?cart=7"
LINK = "upi://pay?pa=shop%40bank&pn=Shop&tr=ref_1&am=500.00&cu=INR"


@pytest.fixture(name="is_genuine", scope="module")
def _is_genuine() -> Callable[[dict[str, str], str], bool]:
    """The function of the guide that verifies the parameters."""
    (block,) = (block for block in blocks_of("docs/sdk.md") if block.name == "return_url.py")
    namespace: dict[str, Any] = {}
    exec(block.text, namespace)
    verify: Callable[[dict[str, str], str], bool] = namespace["is_genuine"]
    return verify


@pytest.mark.contract("2", "PUT /merchants/me/return-origins")
def test_a_buyer_returns_with_a_signed_status(merchant: InProcessApi, is_genuine):
    response = merchant.put("/merchants/me/return-origins", {"origins": [f"{SHOP}/", f"{SHOP}:443"]})
    assert response.status_code == 200, response.text
    assert response.json()["return_origins"] == [SHOP]
    assert merchant.get("/merchants/me").json()["return_origins"] == [SHOP]

    payment = created(merchant, return_url=THANKS)
    assert "return_url" not in public(merchant, payment)
    merchant.run()
    shown = public(merchant, payment)
    assert shown["return_url"].startswith(f"{THANKS}&payment_id={payment['id']}&")
    values = {name: value for name, (value,) in parse_qs(urlsplit(shown["return_url"]).query).items()}
    secret = merchant.get("/webhooks/config").json()["webhook_secret"]
    assert values["status"] == shown["status"] == "success"
    with time_machine.travel(datetime.fromtimestamp(int(values["timestamp"]), UTC)):
        assert is_genuine(values, secret)
        for name in ("payment_id", "order_id", "status", "timestamp", "signature"):
            assert not is_genuine(values | {name: "1"}, secret), f"another {name} is accepted"
    with time_machine.travel(datetime.fromtimestamp(int(values["timestamp"]), UTC) + timedelta(days=2)):
        assert not is_genuine(values, secret), "an old result is accepted"


@pytest.mark.contract("5", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/thanks",
        "https://shop.example.evil.example/",
        "https://shop.example@evil.example/",
        "http://shop.example/",
        "javascript:alert(1)",
        "",
        f"{SHOP}/{'a' * 2_048}",
        f"{SHOP}/?card=4111111111111111",
    ],
)
def test_a_return_url_that_is_not_allowed_is_rejected_and_changes_nothing(merchant: InProcessApi, url: str):
    merchant.put("/merchants/me/return-origins", {"origins": [SHOP]})
    order = merchant.order()
    body = {"order_id": order["id"], "method": "upi", "vpa": "buyer@bank", "return_url": url}
    for response in (
        merchant.post("/payments", body),
        merchant.anonymous.post("/payments/public", body),
    ):
        assert response.status_code == 400, response.text
        assert response.json()["error"]["field"] == "return_url"
        assert "evil" not in response.text
    assert merchant.get(f"/orders/{order['id']}").json()["attempts"] == 0


@pytest.mark.contract("5", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize(
    "origins", [["shop.example"], [f"{SHOP}/thanks"], ["*"], [SHOP, "ftp://shop.example"]]
)
def test_what_is_not_an_origin_is_rejected_and_changes_nothing(merchant: InProcessApi, origins: list[str]):
    merchant.put("/merchants/me/return-origins", {"origins": [SHOP]})
    response = merchant.put("/merchants/me/return-origins", {"origins": origins})
    assert (response.status_code, response.json()["error"]["field"]) == (400, "origins")
    assert merchant.get("/merchants/me").json()["return_origins"] == [SHOP]
    assert merchant.put("/merchants/me/return-origins", {"origins": []}).json()["return_origins"] == []


@pytest.mark.contract("2", "GET /payments/{payment_id}/qr.svg")
@pytest.mark.parametrize("flow", ["qr", "intent"])
def test_a_upi_payment_without_a_vpa_has_a_link_and_a_qr_code(
    cloud: Cloud, merchant: InProcessApi, monkeypatch, flow: str
):
    action = NextAction(
        type=ActionType.UPI, url=LINK, expires_at=cloud.gateway.clock() + timedelta(minutes=5)
    )
    required = ActionRequired(reference="ref_1", action=action)
    monkeypatch.setattr(cloud.acquirer, "authorize", lambda request: required)
    monkeypatch.setattr(cloud.acquirer, "status", lambda request, reference: required)
    body = {"order_id": merchant.order()["id"], "method": "upi", "flow": flow}
    payment = merchant.anonymous.post("/payments/public", body).json()
    assert "vpa" not in payment
    assert merchant.anonymous.get(f"/payments/{payment['id']}/qr.svg").status_code == 404
    cloud.run(for_s=15)
    waiting = public(merchant, payment)["next_action"]
    assert waiting["link"] == LINK
    assert waiting["qr_svg_url"].endswith(f"/api/v1/payments/{payment['id']}/qr.svg")

    image = merchant.anonymous.get(f"/payments/{payment['id']}/qr.svg")
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/svg+xml")
    assert ET.fromstring(image.text).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.contract("5", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"method": "upi", "flow": "collect"}, "vpa"),
        ({"method": "upi", "flow": "qr", "vpa": "buyer@bank"}, "vpa"),
        ({"method": "upi", "flow": "push"}, "flow"),
        ({"method": "card", "flow": "qr", "card": {"number": "1"}}, None),
        ({"method": "upi", "vpa": "buyer@bank", "capture": "later"}, "capture"),
    ],
)
def test_a_combination_that_makes_no_sense_is_rejected(merchant: InProcessApi, body: Json, field: str | None):
    response = merchant.post("/payments", {"order_id": merchant.order()["id"], **body})
    assert response.status_code == 400, response.text
    assert response.json()["error"].get("field") == field or field is None


def created(merchant: InProcessApi, **fields: str) -> Json:
    body = {"order_id": merchant.order()["id"], "method": "upi", "vpa": "buyer@bank", **fields}
    response = merchant.anonymous.post("/payments/public", body)
    assert response.status_code == 201, response.text
    payment: Json = response.json()
    return payment


def public(merchant: InProcessApi, payment: Json) -> Json:
    shown: Json = merchant.anonymous.get(f"/payments/{payment['id']}/public").json()
    return shown
