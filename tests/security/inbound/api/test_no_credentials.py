"""Authentication precedes every other check of a request, and a deactivated merchant cannot authenticate."""

from datetime import timedelta

import pytest
from chalice.test import HTTPResponse

from chalicelib.api.route import Route
from chalicelib.services.merchants import CACHE_LIFE
from tests.api.client import UPI, Api, assert_error, made, shown
from tests.cloud import Cloud
from tests.security.inbound.api.asking import ENDPOINTS, PRIVATE, send_request
from tests.security.inbound.api.belongings import MerchantObjects, all_rows, sign_in

MALFORMED = (b"", b"{", b'"', b"\xff\xfe", b"[" * 10_000, b" " * 100_000)
UNREADABLE = {"Content-Type": "text/plain", "Idempotency-Key": "k" * 300}

WHEN_DEACTIVATED = {
    "GET /health": 200,
    "GET /api/v1/openapi.json": 200,
    "GET /api/v1/test/merchant": 200,
    "GET /api/v1/test/jobs/status": 200,
    # The pages of the buyer's bank belong to no merchant. The request contains no form.
    "GET /api/v1/test/bank/{charge_id}": 200,
    "POST /api/v1/test/bank/{charge_id}": 400,
    "POST /api/v1/sessions": 401,
    "GET /api/v1/orders/{order_id}/public": 404,
    "POST /api/v1/payments/public": 404,
    # Its earlier payments still get their outcome. This request has no signature.
    "POST /api/v1/acquirers/{name}/notifications/{merchant_id}": 400,
    # The buyer of an earlier payment still receives its outcome.
    "GET /api/v1/payments/{payment_id}/public": 200,
    "GET /api/v1/payments/{payment_id}/qr.svg": 404,
    "GET /api/v1/payments/{payment_id}/return": 200,
}
"""The responses of the public routes for a deactivated merchant."""


def assert_unauthenticated(response: HTTPResponse) -> None:
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.mark.parametrize("endpoint", PRIVATE, ids=lambda endpoint: endpoint.name)
def test_without_credentials_nothing_else_of_a_request_is_read(
    anonymous: Api, aws_requests: list[str], endpoint: Route
):
    path = endpoint.path.removeprefix("/api/v1")
    for body in MALFORMED:
        assert_unauthenticated(anonymous.request(endpoint.method, f"{path}?limit=no", body, UNREADABLE))
    assert aws_requests == []


def test_a_merchant_id_is_not_an_api_key_although_both_are_cached(merchant: Api):
    """Ids are visible to other users. The API caches a merchant by id and by key."""
    shown(sign_in(merchant).get("/merchants/me"))
    shown(merchant.get("/merchants/me"))
    by_id = {**merchant.credentials, "X-Api-Key": merchant.merchant_id}
    assert_unauthenticated(Api(merchant.http, "", by_id).get("/merchants/me"))


@pytest.fixture(scope="module")
def deactivated(shared_cloud: Cloud, other: MerchantObjects) -> MerchantObjects:
    """A merchant that the operator deactivated more than a minute ago."""
    shared_cloud.gateway.onboarding.deactivate(other.api.merchant_id)
    return other


@pytest.fixture(autouse=True)
def _cache_has_expired(cloud: Cloud) -> None:
    """Advance the time beyond the lifetime of cached merchants."""
    cloud.time.shift(CACHE_LIFE * 2)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_a_deactivated_merchant_is_rejected_by_every_route(
    cloud: Cloud, http: object, deactivated: MerchantObjects, endpoint: Route
):
    assert endpoint in PRIVATE or endpoint.name in WHEN_DEACTIVATED, (
        f"{endpoint.name} is public: add its response for a deactivated merchant to WHEN_DEACTIVATED"
    )
    status = WHEN_DEACTIVATED[endpoint.name] if endpoint.public else 401
    before = all_rows(cloud, excluded=("sessions",))  # where failed sign-in attempts are counted
    for caller in (deactivated.api, deactivated.session):
        assert send_request(caller, endpoint, deactivated.ids).status_code == status
    assert all_rows(cloud, excluded=("sessions",)) == before


def test_a_deactivated_merchant_cannot_sign_in_with_the_correct_password(
    http: object, deactivated: MerchantObjects
):
    with pytest.raises(AssertionError, match="Invalid API credentials"):
        sign_in(deactivated.api)


def test_an_order_cannot_be_paid_after_its_merchant_is_deactivated_not_even_by_a_retry(
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


def test_orders_of_a_deactivated_merchant_and_unknown_orders_have_the_same_error(
    http: object, deactivated: MerchantObjects
):
    theirs = deactivated.api.anonymous.post(
        "/payments/public", {"order_id": deactivated.ids["order_id"], **UPI}
    )
    never = deactivated.api.anonymous.post("/payments/public", {"order_id": "order_0000000000000000", **UPI})
    assert theirs.json_body["error"] | {"request_id": ""} == never.json_body["error"] | {"request_id": ""}
