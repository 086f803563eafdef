"""Routes without credentials: health, the seeded test merchant and the job status."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from infra.project import ROOT
from tests.e2e.api import UPI, Api, Json, assert_error, eventually

pytestmark = pytest.mark.contract("5")
SEEDED = {"X-Api-Key": "key_test_abc123", "X-Api-Secret": "secret_test_xyz789"}
QUEUES = {"payments", "refunds", "webhooks"}


@pytest.fixture
def anonymous(gateway) -> Api:
    return Api(gateway.api_url)


def jobs(anonymous: Api) -> Json:
    """The job status."""
    response = anonymous.get("/test/jobs/status")
    assert response.status_code == 200, response.text
    status: Json = response.json()
    return status


@pytest.mark.contract("5", "GET /health")
def test_health_reports_every_dependency(anonymous):
    response = anonymous.request("GET", "/health")
    assert response.status_code == 200
    health = response.json()
    timestamp = datetime.fromisoformat(health.pop("timestamp"))
    assert abs(datetime.now(UTC) - timestamp) < timedelta(minutes=1)
    assert health == {
        "status": "healthy",
        "database": "connected",
        "queue": "connected",
        "worker": "running",
    }


@pytest.mark.contract("5", "GET /test/merchant")
def test_the_test_merchant_is_seeded(anonymous):
    response = anonymous.get("/test/merchant")
    assert response.status_code == 200
    assert response.json() == {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "email": "test@example.com",
        "api_key": "key_test_abc123",
        "seeded": True,
    }


@pytest.mark.contract("2")
def test_the_test_merchant_has_the_documented_credentials_and_webhook_secret(gateway):
    seeded = Api(gateway.api_url, credentials=SEEDED)
    config = seeded.get("/webhooks/config").json()
    assert (config["webhook_url"], config["webhook_secret"]) == (None, "whsec_test_abc123")
    assert seeded.get("/merchants/me").json()["name"] == "Test Merchant"


@pytest.mark.contract("5", "GET /openapi.json")
def test_the_api_description_is_public(anonymous):
    described = anonymous.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1.")
    assert described == json.loads((ROOT / "docs" / "openapi.json").read_text())


@pytest.mark.contract("5", "GET /test/jobs/status")
def test_jobs_are_counted_per_queue_and_in_total(anonymous):
    status = jobs(anonymous)
    figures = {"pending", "processing", "completed", "failed"}
    assert set(status) == figures | {"worker_status", "queues"}
    assert status["worker_status"] == "running"
    assert status["queues"].keys() == QUEUES
    for queue in status["queues"].values():
        assert set(queue) == figures
        assert all(type(figure) is int and figure >= 0 for figure in queue.values())
    assert {name: status[name] for name in figures} == {
        name: sum(queue[name] for queue in status["queues"].values()) for name in figures
    }


def test_a_job_is_pending_until_it_is_due_and_then_completed(anonymous, merchant):
    before = jobs(anonymous)["queues"]["payments"]["completed"]
    order_id = merchant.order()["id"]
    for _ in range(3):
        assert merchant.post("/payments", {"order_id": order_id, **UPI}).status_code == 201
    eventually(lambda: jobs(anonymous)["queues"]["payments"]["pending"] > 0)
    eventually(lambda: jobs(anonymous)["queues"]["payments"]["completed"] >= before + 3)


def test_refunds_and_webhooks_have_separate_queues(anonymous, merchant):
    before = {name: int(queue["completed"]) for name, queue in jobs(anonymous)["queues"].items()}

    def grew() -> bool:
        queues = jobs(anonymous)["queues"]
        done = {name: int(queue["completed"]) - before[name] for name, queue in queues.items()}
        return done["refunds"] >= 1 and done["webhooks"] >= 5

    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        merchant.refund(merchant.paid()["id"], 100)
        eventually(grew)  # the receiver runs until then: webhooks arrive in any order


@pytest.mark.contract("3", "INTERNAL_SERVER_ERROR")
def test_an_internal_error_reveals_no_internals(gateway, aws, merchant):
    """An order without an amount, which can exist only by a direct write to the table."""
    table, key = gateway.stack_outputs["OrdersTable"], {"id": {"S": "order_broken0000000000"}}
    aws("dynamodb").put_item(TableName=table, Item={**key, "merchant_id": {"S": merchant.merchant_id}})
    response: requests.Response = merchant.get("/orders/order_broken0000000000")
    aws("dynamodb").delete_item(TableName=table, Key=key)  # the tests of the doctor check the same tables
    assert_error(response, 500, "INTERNAL_SERVER_ERROR", "An internal error occurred")
