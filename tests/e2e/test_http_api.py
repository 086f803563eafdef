"""A stage with API=http serves the API through an HTTP API. `tests.api.test_http_api` has the details."""

from collections.abc import Iterator

import pytest

from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from tests.e2e.api import UPI, Api, assert_error, eventually
from tests.stack import ENVIRONMENT, merchants_of

pytestmark = [pytest.mark.contract("5"), pytest.mark.xdist_group("http api")]


@pytest.fixture(scope="module")
def merchant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with LocalGateway(
        stage="test",
        ports=Ports.free(),
        environment={**ENVIRONMENT, "API": "http"},
        state_dir=tmp_path_factory.mktemp("http-api"),
        persist=False,
    ) as gateway:
        yield merchants_of(gateway)()


def test_a_payment_is_made_once_listed_and_refunded(merchant: Api):
    body = {"order_id": merchant.order()["id"], **UPI}
    first, second = (
        merchant.post("/payments", body, headers={"Idempotency-Key": "the-key"}) for _ in range(2)
    )
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    payment = merchant.settled(first.json()["id"])
    (listed,) = merchant.get("/payments?status=failed&status=success").json()["data"]
    assert listed["id"] == payment["id"]
    assert merchant.refund(payment["id"], 100)["amount"] == 100


def test_a_page_is_served_and_its_form_is_read(merchant: Api):
    """An HTTP API encodes the body of a form."""
    payment = merchant.payment(vpa=None, flow="qr")
    waiting = eventually(lambda: merchant.get(f"/payments/{payment['id']}").json().get("next_action"))
    path = waiting["simulator_url"].removeprefix(merchant.url)
    assert merchant.anonymous.request("GET", path).headers["Content-Type"].startswith("text/html")
    decided = merchant.anonymous.request("POST", path, data={"decision": "decline"})
    assert decided.status_code == 303
    assert merchant.settled(payment["id"])["status"] == "failed"


@pytest.mark.contract("3", "NOT_FOUND_ERROR")
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/none"), ("POST", "/"), ("GET", "/health/")])
def test_an_unknown_route_is_rejected_with_the_contracts_error(merchant: Api, method: str, path: str):
    assert_error(merchant.request(method, path), 404, "NOT_FOUND_ERROR", "Route not found")


def test_a_preflight_allows_the_contracts_headers(merchant: Api):
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    response = merchant.anonymous.request("OPTIONS", "/api/v1/payments", headers=asked)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"].split(",")
    allowed = set(response.headers["Access-Control-Allow-Headers"].split(","))
    assert allowed >= {"Content-Type", "X-Api-Key", "X-Api-Secret", "Idempotency-Key", "Authorization"}
    assert response.headers["Access-Control-Max-Age"] == "600"
