"""Orders of earlier versions, which accepted any three capital letters as a currency, remain usable."""

import pytest

from chalicelib.domain.idempotency import Idempotency, StoredResponse
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order
from chalicelib.services.orders import NewOrder
from tests.api.client import Api, assert_bad_request, card, made, shown
from tests.api.webhooks import set_url
from tests.cloud import Cloud


@pytest.fixture(params=["ZZZ", "XAU"])
def order_id(request: pytest.FixtureRequest, cloud: Cloud, merchant: Api) -> str:
    """An order stored before currencies were validated."""
    idempotency = Idempotency[Order](key=None, respond=lambda _: StoredResponse(status=201, body="{}"))
    new = NewOrder(money=Money(50_000, request.param), receipt=None, notes={})
    return cloud.gateway.orders.create(merchant.merchant_id, new, idempotency).id


def test_an_order_in_an_unknown_currency_can_be_read_paid_and_refunded_with_webhooks(
    cloud: Cloud, merchant: Api, order_id: str
):
    set_url(merchant)
    order = shown(merchant.get(f"/orders/{order_id}"))
    currency = order["currency"]
    assert shown(merchant.anonymous.get(f"/orders/{order_id}/public"))["currency"] == currency
    assert shown(merchant.get("/orders"))["data"] == [order]
    payment = merchant.payment(order_id=order_id, **card())
    cloud.run(for_s=15)
    refund = merchant.refund(payment["id"], 50_000)
    cloud.run(for_s=15)
    assert shown(merchant.get(f"/refunds/{refund['id']}"))["status"] == "processed"
    assert shown(merchant.get("/payments"))["data"][0]["currency"] == currency
    assert shown(merchant.get("/stats?days=1"))["totals"]["volume"] == {currency: 50_000}
    assert all(f'"currency":"{currency}"'.encode() in one.body for one in cloud.sender.delivered)
    assert len(cloud.sender.delivered) == 5


def test_an_order_in_an_unknown_currency_cannot_be_paid_by_upi(merchant: Api, order_id: str):
    upi = {"order_id": order_id, "method": "upi", "vpa": "buyer@bank"}
    response = merchant.post("/payments", upi)
    assert response.json_body["error"]["field"] == "method"
    assert_bad_request(response, response.json_body["error"]["description"], "method")
    made(merchant.post("/payments", {"order_id": order_id, **card()}))
