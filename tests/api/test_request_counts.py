"""The AWS requests of each operation, with the merchant in the cache."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from chalice.test import HTTPResponse

from chalicelib.bootstrap import Gateway
from chalicelib.domain.clock import utc_now
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.jobs.messages import ProcessPayment
from chalicelib.store.events import MAX_EVENTS
from chalicelib.workers.acquirer_jobs import process_payments, process_refunds
from chalicelib.workers.streams import record_events
from chalicelib.workers.webhook_jobs import deliver_webhooks
from tests.api.client import PASSWORD, UPI, Api, Json, card, made, shown
from tests.cloud import Cloud
from tests.cloud import cloud as new_cloud

pytestmark = pytest.mark.usefixtures("no_test_clocks")


@dataclass(frozen=True)
class Warm:
    """A cached, signed-in merchant with an order, a successful payment and its refund."""

    merchant: Api
    session: Api
    order: Json
    unpaid_order: Json
    payment: Json
    refund: Json

    def pay(self, key: str | None = None, body: Json = UPI) -> HTTPResponse:
        return self.merchant.post("/payments", {"order_id": self.order["id"], **body}, key=key)


def succeed(cloud: Cloud, payment: Json) -> None:
    """Settle the payment, without running other pending jobs."""
    cloud.gateway.payments.process(
        ProcessPayment(
            payment_id=payment["id"],
            order_id=payment["order_id"],
            method=PaymentMethod.UPI,
            token=payment["vpa"],
            amount=payment["amount"],
            currency=payment["currency"],
            due_at=utc_now(),
        )
    )


@pytest.fixture
def warm(cloud: Cloud, merchant: Api, aws_requests: list[str]) -> Warm:
    order, unpaid_order = merchant.order(), merchant.order()
    payment = merchant.payment(order_id=order["id"])
    succeed(cloud, payment)
    signed_in = made(merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD}))
    session = merchant.bearing(signed_in["token"])
    shown(session.get("/merchants/me"))
    refund = merchant.refund(payment["id"])
    aws_requests.clear()
    return Warm(merchant, session, order, unpaid_order, payment, refund)


PAGE = ["Query", "Query"]  # the rows and the totals
OPERATIONS: dict[str, tuple[Callable[[Warm], HTTPResponse | Json], list[str]]] = {
    "create order": (lambda warm: warm.merchant.order(), ["PutItem"]),
    "create order with a key": (
        lambda warm: warm.merchant.post("/orders", {"amount": 100}, key="k"),
        ["TransactWriteItems"],
    ),
    "get order": (lambda warm: warm.merchant.get(f"/orders/{warm.order['id']}"), ["GetItem"]),
    "get order, public": (
        lambda warm: warm.merchant.anonymous.get(f"/orders/{warm.order['id']}/public"),
        ["GetItem"],
    ),
    "create payment": (lambda warm: warm.pay(), ["GetItem", "TransactWriteItems"]),
    "create payment by card": (lambda warm: warm.pay(body=card()), ["GetItem", "TransactWriteItems"]),
    "create payment with a key": (lambda warm: warm.pay("k"), ["GetItem", "TransactWriteItems"]),
    "create payment, public": (
        lambda warm: warm.merchant.anonymous.post(
            "/payments/public", {"order_id": warm.unpaid_order["id"], **UPI}
        ),
        ["GetItem", "TransactWriteItems"],
    ),
    "get payment": (lambda warm: warm.merchant.get(f"/payments/{warm.payment['id']}"), ["GetItem"]),
    "get payment, public": (
        lambda warm: warm.merchant.anonymous.get(f"/payments/{warm.payment['id']}/public"),
        ["GetItem"],
    ),
    "return page": (
        lambda warm: warm.merchant.http.get(f"/api/v1/payments/{warm.payment['id']}/return"),
        ["GetItem"],
    ),
    "capture": (lambda warm: warm.merchant.post(f"/payments/{warm.payment['id']}/capture"), ["UpdateItem"]),
    "refused capture": (
        lambda warm: warm.merchant.post(f"/payments/{warm.payment['id']}/capture", {"amount": 1}),
        ["UpdateItem"],
    ),
    "create refund": (
        lambda warm: warm.merchant.refund(warm.payment["id"]),
        ["GetItem", "TransactWriteItems"],
    ),
    "create refund with a key": (
        lambda warm: warm.merchant.post(f"/payments/{warm.payment['id']}/refunds", {"amount": 1}, key="k"),
        ["GetItem", "TransactWriteItems"],
    ),
    "refused refund": (
        lambda warm: warm.merchant.post(f"/payments/{warm.payment['id']}/refunds", {"amount": 50_000}),
        ["GetItem", "TransactWriteItems"],
    ),
    "get refund": (lambda warm: warm.merchant.get(f"/refunds/{warm.refund['id']}"), ["GetItem"]),
    "list orders": (lambda warm: warm.merchant.get("/orders?limit=100"), PAGE),
    "list payments": (lambda warm: warm.merchant.get("/payments"), PAGE),
    "list refunds": (lambda warm: warm.merchant.get("/refunds"), PAGE),
    "list webhooks": (lambda warm: warm.merchant.get("/webhooks?offset=100"), PAGE),
    "list payments, filtered": (
        lambda warm: warm.merchant.get("/payments?status=success&method=upi"),
        PAGE,
    ),
    "summary": (lambda warm: warm.merchant.get("/summary"), ["Query"]),
    "export payments": (lambda warm: warm.merchant.get("/exports/payments"), ["Query", "GetItem"]),
    "export refunds": (lambda warm: warm.merchant.get("/exports/refunds"), ["Query", "GetItem"]),
    "statistics": (lambda warm: warm.merchant.get("/stats?days=90"), ["Query"]),
    "get order in a session": (
        lambda warm: warm.session.get(f"/orders/{warm.order['id']}"),
        ["GetItem", "GetItem", "GetItem"],
    ),
    "create order in a session": (lambda warm: warm.session.order(), ["GetItem", "GetItem", "PutItem"]),
    "who am I": (lambda warm: warm.merchant.get("/merchants/me"), ["GetItem"]),
    "sign in": (
        lambda warm: warm.merchant.anonymous.post(
            "/sessions", {"email": warm.merchant.email, "password": PASSWORD}
        ),
        ["Query", "UpdateItem", "GetItem", "DeleteItem", "PutItem"],
    ),
    "sign out": (lambda warm: warm.session.delete("/sessions/current"), ["GetItem", "GetItem", "DeleteItem"]),
    "end other sessions": (
        lambda warm: warm.session.delete("/sessions/others"),
        ["GetItem", "GetItem", "UpdateItem"],
    ),
    "change password": (
        lambda warm: warm.session.put(
            "/merchants/me/password", {"current_password": PASSWORD, "new_password": f"new {PASSWORD}"}
        ),
        ["GetItem", "GetItem", "UpdateItem", "DeleteItem", "UpdateItem"],
    ),
    "get unknown webhook": (lambda warm: warm.merchant.get("/webhooks/none"), ["GetItem"]),
    "regenerate secret": (lambda warm: warm.merchant.post("/webhooks/secret/regenerate"), ["UpdateItem"]),
    "test without a URL": (lambda warm: warm.merchant.post("/webhooks/test"), ["GetItem"]),
    "describe the API": (lambda warm: warm.merchant.anonymous.get("/openapi.json"), []),
    "get webhook config": (lambda warm: warm.merchant.get("/webhooks/config"), ["GetItem"]),
    "set webhook URL": (
        lambda warm: warm.merchant.put("/webhooks/config", {"webhook_url": None}),
        ["UpdateItem"],
    ),
    "retry of unknown webhook": (lambda warm: warm.merchant.post("/webhooks/none/retry"), ["UpdateItem"]),
    "unknown order": (lambda warm: warm.merchant.get("/orders/none"), ["GetItem"]),
    "refused body": (lambda warm: warm.merchant.post("/orders", {}), []),
    "refused method": (lambda warm: warm.merchant.request("DELETE", "/orders"), []),
    "refused instrument": (lambda warm: warm.pay(body=card(number="1")), ["GetItem"]),
    "no credentials": (lambda warm: warm.merchant.anonymous.get("/webhooks"), []),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_sends_these_requests(warm: Warm, aws_requests: list[str], name: str):
    operation, requests = OPERATIONS[name]
    operation(warm)
    assert aws_requests == requests


@pytest.mark.parametrize("status", [201, 422])
def test_a_payment_replay_and_a_key_conflict_send_two_requests(
    warm: Warm, aws_requests: list[str], status: int
):
    warm.pay("k")
    aws_requests.clear()
    response = warm.pay("k", UPI if status == 201 else card())
    assert response.status_code == status
    assert aws_requests == ["GetItem", "TransactWriteItems"]


def test_the_first_request_of_a_process_reads_the_merchant_and_describes_no_table(aws_requests: list[str]):
    """Describing a table would require a request and a permission at every cold start."""
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
def test_processing_a_payment_sends_one_request(
    cloud: Cloud, warm: Warm, aws_requests: list[str], count: int
):
    for _ in range(count):
        warm.pay()
    cloud.relay()
    messages = [
        {"messageId": str(number), "body": body}
        for number, body in enumerate(cloud.messages(cloud.gateway.settings.queues.payments.jobs)[-count:])
    ]
    cloud.time.shift(10)
    aws_requests.clear()
    assert process_payments(in_production(cloud), messages) == {"batchItemFailures": []}
    assert aws_requests == ["TransactWriteItems"] * count


@pytest.mark.parametrize("count", [1, 5])
def test_processing_a_refund_sends_one_request(cloud: Cloud, warm: Warm, aws_requests: list[str], count: int):
    for _ in range(count - 1):
        warm.merchant.refund(warm.payment["id"])
    cloud.relay()
    messages = [
        {"messageId": str(number), "body": body}
        for number, body in enumerate(cloud.messages(cloud.gateway.settings.queues.refunds.jobs)[-count:])
    ]
    cloud.time.shift(10)
    aws_requests.clear()
    assert process_refunds(in_production(cloud), messages) == {"batchItemFailures": []}
    assert aws_requests == ["TransactWriteItems"] * count


def in_production(cloud: Cloud) -> Gateway:
    """The gateway without the counters of jobs, which exist outside production only."""
    cloud.gateway.jobs = replace(cloud.gateway.jobs, is_production=True)
    return cloud.gateway


@pytest.mark.parametrize("batch", [1, 30])
def test_recording_events_of_a_merchant_sends_three_requests(
    cloud: Cloud, warm: Warm, aws_requests: list[str], batch: int
):
    """The marks of the previous version, the end of the feed, and one transaction."""
    cloud.relay_all()
    for _ in range(batch):
        warm.pay()
    records = cloud.stream_records(cloud.gateway.settings.tables.payments)
    assert len(records) == batch
    aws_requests.clear()
    assert record_events(cloud.gateway, records) == {"batchItemFailures": []}
    transactions = -(-2 * batch // MAX_EVENTS)
    assert aws_requests == ["BatchGetItem", *["GetItem", "TransactWriteItems"] * transactions]


def test_all_tables_share_one_client(cloud: Cloud):
    """Each additional client would add connections and 20 ms to a cold start."""
    gateway = cloud.gateway
    stores = (
        gateway.orders.orders,
        gateway.payments.payments,
        gateway.refunds.refunds,
        gateway.stats.counters,
    )
    assert len({id(store._table._get_connection().connection.client) for store in stores}) == 1


def test_a_webhook_attempt_sends_three_requests_plus_three_per_batch_of_one_endpoint(
    cloud: Cloud, warm: Warm, aws_requests: list[str]
):
    shown(warm.merchant.put("/webhooks/config", {"webhook_url": "https://merchant.example/"}))
    made(warm.pay())
    cloud.relay_all()
    messages = [
        {"messageId": str(number), "body": body}
        for number, body in enumerate(cloud.messages(cloud.gateway.settings.queues.webhooks.jobs)[-2:])
    ]
    aws_requests.clear()
    assert deliver_webhooks(in_production(cloud), messages) == {"batchItemFailures": []}
    # two attempts; the endpoint, its pace, and its health
    assert sorted(aws_requests) == [*["BatchGetItem"] * 2, *["PutItem"] * 2, *["UpdateItem"] * 5]
