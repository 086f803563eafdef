"""Cards whose number the gateway does not receive, and the page to which their buyers return."""

from datetime import timedelta
from html import unescape

import pytest

from chalicelib.acquirers.base import ActionRequired, Approved, AuthorizeRequest, CardNumbersRefusedError
from chalicelib.domain.methods.card import CardEntry
from chalicelib.domain.next_action import ActionType, NextAction
from tests.cloud import Cloud
from tests.contract.in_process import InProcessApi
from tests.e2e.api import Json, assert_error, card

SHOP = "https://shop.example"
CARD_PAGE = "https://pay.example/c/1"
each_address = pytest.mark.parametrize("path", ["/payments", "/payments/public"])


@pytest.fixture(autouse=True)
def _without_numbers(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    """The acquirer takes tokens and has a page, and refuses card numbers."""

    def refuse(card: object) -> str:
        raise CardNumbersRefusedError

    monkeypatch.setattr(cloud.acquirer, "card_entries", frozenset(CardEntry))
    monkeypatch.setattr(cloud.acquirer, "tokenize", refuse)
    monkeypatch.setattr(cloud.acquirer, "authorize", lambda request: Approved(reference="ref_1"))


@pytest.mark.contract("5", "POST /payments", "POST /payments/public")
def test_a_card_is_paid_by_its_token(merchant: InProcessApi):
    for path in ("/payments", "/payments/public"):
        payment = pay(merchant, path, card_token="pm_1NzQ")
        assert payment == {
            "id": payment["id"],
            "order_id": payment["order_id"],
            "amount": 50_000,
            "currency": "INR",
            "method": "card",
            "status": "pending",
            "created_at": payment["created_at"],
        }
        assert merchant.settled(payment["id"])["status"] == "success"


@pytest.mark.contract("5", "GET /orders/{order_id}/public", "GET /payments/{payment_id}/return")
def test_a_buyer_enters_the_card_on_the_acquirers_page_and_returns_to_the_shop(
    cloud: Cloud, merchant: InProcessApi, monkeypatch: pytest.MonkeyPatch
):
    order = merchant.order()
    assert merchant.anonymous.get(f"/orders/{order['id']}/public").json()["card_entry"] == "page"
    merchant.put("/merchants/me/return-origins", {"origins": [SHOP]})
    expires_at = cloud.gateway.clock() + timedelta(minutes=30)
    action = NextAction(type=ActionType.REDIRECT, url=CARD_PAGE, expires_at=expires_at)
    required = ActionRequired(reference="cs_1", action=action)
    return_urls = []

    def authorize(request: AuthorizeRequest) -> ActionRequired:
        return_urls.append(request.return_url)
        return required

    monkeypatch.setattr(cloud.acquirer, "authorize", authorize)
    monkeypatch.setattr(cloud.acquirer, "status", lambda request, reference: required)
    payment = pay(merchant, "/payments/public", return_url=f"{SHOP}/thanks")
    cloud.run(for_s=12)
    waiting = public(merchant, payment)
    assert (waiting["status"], waiting["next_action"]["url"]) == ("pending", CARD_PAGE)
    return_path = f"/api/v1/payments/{payment['id']}/return"
    assert return_urls == [cloud.gateway.settings.api_url + return_path]

    monkeypatch.setattr(cloud.acquirer, "status", lambda request, reference: Approved(reference="cs_1"))
    visit = merchant.anonymous.get(f"/payments/{payment['id']}/return")
    assert "Waiting for the result" in visit.text
    cloud.run()  # without the delay of the next check
    page = merchant.anonymous.get(f"/payments/{payment['id']}/return").text
    assert "Payment successful" in page
    assert f"{SHOP}/thanks?payment_id={payment['id']}&" in unescape(page)


@pytest.mark.contract("5", "BAD_REQUEST_ERROR")
@each_address
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (card(), "card"),
        ({"card_token": "4111111111111111"}, "card_token"),
        ({"card_token": "not one"}, "card_token"),
        ({**card(), "card_token": "pm_1"}, "card_token"),
    ],
)
def test_a_card_that_is_not_accepted_is_rejected_and_nothing_is_stored(
    merchant: InProcessApi, path: str, fields: Json, field: str
):
    order = merchant.order()
    payer = merchant.anonymous if path.endswith("public") else merchant
    response = payer.post(path, {"order_id": order["id"], "method": "card", **fields})
    assert_error(response, 400, "BAD_REQUEST_ERROR", field=field)
    assert "4111" not in response.text
    assert merchant.get(f"/orders/{order['id']}").json()["attempts"] == 0


@pytest.mark.contract("5", "BAD_REQUEST_ERROR")
@each_address
def test_the_entries_that_the_acquirer_does_not_support_are_rejected(
    cloud: Cloud, merchant: InProcessApi, monkeypatch: pytest.MonkeyPatch, path: str
):
    monkeypatch.setattr(cloud.acquirer, "card_entries", frozenset())
    payer = merchant.anonymous if path.endswith("public") else merchant
    body = {"order_id": merchant.order()["id"], "method": "card"}
    assert_error(
        payer.post(path, body | {"card_token": "pm_1"}),
        400,
        "BAD_REQUEST_ERROR",
        "card_token is not supported",
        field="card_token",
    )
    assert_error(payer.post(path, body), 400, "BAD_REQUEST_ERROR", "card is required", field="card")


@pytest.mark.contract("5", "GET /payments/{payment_id}/return")
def test_an_unknown_payment_has_no_return(merchant: InProcessApi):
    response = merchant.anonymous.get("/payments/pay_0000000000000000/return")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def pay(merchant: InProcessApi, path: str, **fields: str) -> Json:
    payer = merchant.anonymous if path.endswith("public") else merchant
    response = payer.post(path, {"order_id": merchant.order()["id"], "method": "card", **fields})
    assert response.status_code == 201, response.text
    payment: Json = response.json()
    return payment


def public(merchant: InProcessApi, payment: Json) -> Json:
    found: Json = merchant.anonymous.get(f"/payments/{payment['id']}/public").json()
    return found
