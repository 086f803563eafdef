"""What each operation asks of AWS, to the request, once the merchant is known."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from chalice.test import HTTPResponse

from chalicelib.workers import deliver_webhooks, process_payments
from tests.api.client import UPI, Api, Json, card, made, shown
from tests.cloud import Cloud
from tests.cloud import cloud as new_cloud


@dataclass(frozen=True)
class Warm:
    """A merchant the gateway knows, with an order and a payment."""

    merchant: Api
    order: Json
    payment: Json

    def pay(self, key: str | None = None, body: Json = UPI) -> HTTPResponse:
        return self.merchant.post("/payments", {"order_id": self.order["id"], **body}, key=key)


@pytest.fixture
def warm(merchant: Api, aws_requests: list[str]) -> Warm:
    order = merchant.order()
    made_before = Warm(merchant, order, merchant.payment(order_id=order["id"]))
    aws_requests.clear()
    return made_before


OPERATIONS: dict[str, tuple[Callable[[Warm], HTTPResponse | Json], list[str]]] = {
    "create order": (lambda warm: warm.merchant.order(), ["PutItem"]),
    "create order with a key": (
        lambda warm: warm.merchant.post("/orders", {"amount": 100}, key="k"),
        ["TransactWriteItems"],
    ),
    "get order": (lambda warm: warm.merchant.get(f"/orders/{warm.order['id']}"), ["GetItem"]),
    "get order, public": (
        lambda warm: warm.merchant.anybody.get(f"/orders/{warm.order['id']}/public"),
        ["GetItem"],
    ),
    "create payment": (lambda warm: warm.pay(), ["GetItem", "PutItem"]),
    "create payment by card": (lambda warm: warm.pay(body=card()), ["GetItem", "PutItem"]),
    "create payment with a key": (lambda warm: warm.pay("k"), ["GetItem", "TransactWriteItems"]),
    "create payment, public": (
        lambda warm: warm.merchant.anybody.post("/payments/public", {"order_id": warm.order["id"], **UPI}),
        ["GetItem", "PutItem"],
    ),
    "get payment": (lambda warm: warm.merchant.get(f"/payments/{warm.payment['id']}"), ["GetItem"]),
    "get payment, public": (
        lambda warm: warm.merchant.anybody.get(f"/payments/{warm.payment['id']}/public"),
        ["GetItem"],
    ),
    "get webhook config": (lambda warm: warm.merchant.get("/webhooks/config"), ["GetItem"]),
    "set webhook URL": (
        lambda warm: warm.merchant.put("/webhooks/config", {"webhook_url": None}),
        ["UpdateItem"],
    ),
    "retry of no webhook": (lambda warm: warm.merchant.post("/webhooks/none/retry"), ["UpdateItem"]),
    "order of nobody": (lambda warm: warm.merchant.get("/orders/none"), ["GetItem"]),
    "refused body": (lambda warm: warm.merchant.post("/orders", {}), []),
    "refused method": (lambda warm: warm.merchant.request("DELETE", "/orders"), []),
    "refused instrument": (lambda warm: warm.pay(body=card(number="1")), ["GetItem"]),
    "no credentials": (lambda warm: warm.merchant.anybody.get("/webhooks"), []),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_makes_these_requests(warm: Warm, aws_requests: list[str], name: str):
    operation, requests = OPERATIONS[name]
    operation(warm)
    assert aws_requests == requests


@pytest.mark.parametrize("status", [201, 422])
def test_a_replay_of_a_payment_makes_two_requests_and_so_does_its_refusal(
    warm: Warm, aws_requests: list[str], status: int
):
    warm.pay("k")
    aws_requests.clear()
    response = warm.pay("k", UPI if status == 201 else card())
    assert response.status_code == status
    assert aws_requests == ["GetItem", "TransactWriteItems"]


def test_the_first_request_of_a_process_asks_for_its_merchant_and_for_no_table(aws_requests: list[str]):
    """Describing a table would cost a request and a permission at every cold start."""
    with new_cloud() as cloud, pytest.MonkeyPatch.context() as patch:
        cloud.gateway.onboarding.seed_test_merchant()
        patch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
        aws_requests.clear()
        cloud.gateway.merchants.authenticate("key_test_abc123", "secret_test_xyz789")
        cloud.gateway.orders.orders.get("none")
    assert aws_requests == ["Query", "GetItem"]


def test_a_wrong_secret_is_looked_up_each_time(warm: Warm, aws_requests: list[str]):
    wrong = {**warm.merchant.credentials, "X-Api-Secret": "wrong"}
    Api(warm.merchant.http, "", wrong).get("/webhooks")
    assert aws_requests == ["Query"]


@pytest.mark.parametrize("count", [1, 10])
def test_processing_a_payment_makes_one_request(
    cloud: Cloud, warm: Warm, aws_requests: list[str], count: int
):
    for _ in range(count - 1):
        warm.pay()
    cloud.relay()
    messages = [
        {"messageId": str(number), "body": body}
        for number, body in enumerate(cloud.messages(cloud.gateway.settings.queues.payments.jobs)[-count:])
    ]
    cloud.time.shift(10)
    aws_requests.clear()
    assert process_payments(cloud.gateway, messages) == {"batchItemFailures": []}
    assert aws_requests == ["UpdateItem"] * count


def test_a_webhook_attempt_makes_two_requests_beside_one_a_batch_for_the_urls(
    cloud: Cloud, warm: Warm, aws_requests: list[str]
):
    shown(warm.merchant.put("/webhooks/config", {"webhook_url": "https://merchant.example/"}))
    made(warm.pay())
    while cloud.relay():
        pass
    messages = [
        {"messageId": str(number), "body": body}
        for number, body in enumerate(cloud.messages(cloud.gateway.settings.queues.webhooks.jobs)[-2:])
    ]
    aws_requests.clear()
    assert deliver_webhooks(cloud.gateway, messages) == {"batchItemFailures": []}
    assert sorted(aws_requests) == ["BatchGetItem", *["UpdateItem"] * 4]
