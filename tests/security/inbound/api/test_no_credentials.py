"""Who is let in, is asked before anything else of a request; and a merchant who was let go, is nobody."""

from datetime import timedelta

import pytest
from chalice.test import HTTPResponse

from chalicelib.api.route import Route
from chalicelib.services.merchants import CACHE_LIFE
from tests.api.client import UPI, Api, assert_error, made, shown
from tests.cloud import Cloud
from tests.security.inbound.api.asking import ENDPOINTS, PRIVATE, ask
from tests.security.inbound.api.belongings import Belongings, all_rows, sign_in

MALFORMED = (b"", b"{", b'"', b"\xff\xfe", b"[" * 10_000, b" " * 100_000)
UNREADABLE = {"Content-Type": "text/plain", "Idempotency-Key": "k" * 300}

WHEN_LET_GO = {
    "GET /health": 200,
    "GET /api/v1/openapi.json": 200,
    "GET /api/v1/test/merchant": 200,
    "GET /api/v1/test/jobs/status": 200,
    "POST /api/v1/sessions": 401,
    "GET /api/v1/orders/{order_id}/public": 404,
    "POST /api/v1/payments/public": 404,
    # Who paid before that learns how it ended.
    "GET /api/v1/payments/{payment_id}/public": 200,
}
"""How the public routes answer for a merchant who was let go."""


def assert_nobody(response: HTTPResponse) -> None:
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.mark.parametrize("endpoint", PRIVATE, ids=lambda endpoint: endpoint.name)
def test_without_credentials_nothing_of_a_request_is_looked_at(
    anonymous: Api, aws_requests: list[str], endpoint: Route
):
    path = endpoint.path.removeprefix("/api/v1")
    for body in MALFORMED:
        assert_nobody(anonymous.request(endpoint.method, f"{path}?limit=no", body, UNREADABLE))
    assert aws_requests == []


def test_a_merchants_id_is_no_api_key_though_both_are_remembered(merchant: Api):
    """Ids are told to others; the API remembers a merchant by id and by key."""
    shown(sign_in(merchant).get("/merchants/me"))
    shown(merchant.get("/merchants/me"))
    by_id = {**merchant.credentials, "X-Api-Key": merchant.merchant_id}
    assert_nobody(Api(merchant.http, "", by_id).get("/merchants/me"))


@pytest.fixture(scope="module")
def let_go(shared_cloud: Cloud, other: Belongings) -> Belongings:
    """A merchant whom the operator let go, more than a minute ago."""
    shared_cloud.gateway.onboarding.deactivate(other.api.merchant_id)
    return other


@pytest.fixture(autouse=True)
def _all_is_forgotten(cloud: Cloud) -> None:
    """Later than a minute after merchants were last asked for."""
    cloud.time.shift(CACHE_LIFE * 2)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_a_merchant_who_was_let_go_is_refused_everywhere(
    cloud: Cloud, http: object, let_go: Belongings, endpoint: Route
):
    assert endpoint in PRIVATE or endpoint.name in WHEN_LET_GO, (
        f"{endpoint.name} is public: say in WHEN_LET_GO how it answers for a merchant who was let go"
    )
    status = WHEN_LET_GO[endpoint.name] if endpoint.public else 401
    before = all_rows(cloud, but=("sessions",))  # where failed sign-ins are counted
    for caller in (let_go.api, let_go.session):
        assert ask(caller, endpoint, let_go.ids).status_code == status
    assert all_rows(cloud, but=("sessions",)) == before


def test_a_right_password_is_wrong_for_who_was_let_go(http: object, let_go: Belongings):
    with pytest.raises(AssertionError, match="Invalid API credentials"):
        sign_in(let_go.api)


def test_an_order_can_be_paid_until_its_merchant_is_let_go_and_not_again_by_its_key(
    cloud: Cloud, merchant: Api
):
    body = {"order_id": merchant.order()["id"], **UPI}
    made(merchant.anonymous.post("/payments/public", body, key="k"))
    shown(merchant.get(f"/orders/{body['order_id']}/public"))
    cloud.gateway.onboarding.deactivate(merchant.merchant_id)
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    for key in ("k", "another", None):
        refused = merchant.anonymous.post("/payments/public", body, key=key)
        assert_error(refused, 404, "NOT_FOUND_ERROR", "Order not found")
    refused = merchant.anonymous.get(f"/orders/{body['order_id']}/public")
    assert_error(refused, 404, "NOT_FOUND_ERROR", "Order not found")


def test_who_was_let_go_and_who_never_was_have_orders_alike(http: object, let_go: Belongings):
    theirs = let_go.api.anonymous.post("/payments/public", {"order_id": let_go.ids["order_id"], **UPI})
    never = let_go.api.anonymous.post("/payments/public", {"order_id": "order_0000000000000000", **UPI})
    assert theirs.json_body["error"] | {"request_id": ""} == never.json_body["error"] | {"request_id": ""}
