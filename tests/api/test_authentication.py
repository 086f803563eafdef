"""Who may call: key and secret, either one missing or wrong is the same answer."""

from datetime import timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

import app
from chalicelib.domain.merchant import hash_api_secret
from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET, TEST_MERCHANT_ID
from chalicelib.store.database import Database
from chalicelib.store.tables import MerchantRow
from tests.api.client import Api, assert_error, made, shown
from tests.cloud import Cloud

PRIVATE = [endpoint for endpoint in app.routes.endpoints if not endpoint.public]


def assert_unknown(response: HTTPResponse) -> None:
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


def with_secret(api: Api, secret: str) -> Api:
    return Api(api.http, api.merchant_id, {**api.credentials, "X-Api-Secret": secret})


def roll(cloud: Cloud, merchant: Api, secret: str) -> Api:
    """Give the merchant a new secret, behind the gateway's back."""
    table = Database().bind(MerchantRow, cloud.gateway.settings.tables.merchants)
    table(merchant.merchant_id).update([table.api_secret_hash.set(hash_api_secret(secret))])
    return with_secret(merchant, secret)


def test_only_these_routes_are_public():
    assert {(endpoint.method, endpoint.path) for endpoint in app.routes.endpoints if endpoint.public} == {
        ("GET", "/health"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/test/merchant"),
        ("GET", "/api/v1/test/jobs/status"),
        ("POST", "/api/v1/sessions"),
        ("GET", "/api/v1/orders/{order_id}/public"),
        ("POST", "/api/v1/payments/public"),
        ("GET", "/api/v1/payments/{payment_id}/public"),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"X-Api-Key": None, "X-Api-Secret": None},
        {"X-Api-Key": None},
        {"X-Api-Secret": None},
        {"X-Api-Key": ""},
        {"X-Api-Secret": ""},
        {"X-Api-Key": "", "X-Api-Secret": ""},
        {"X-Api-Key": "key_nobody"},
        {"X-Api-Secret": "secret_nobody"},
        {"X-Api-Key": "key_ключ", "X-Api-Secret": "секрет"},
    ],
    ids=str,
)
@pytest.mark.parametrize("endpoint", PRIVATE, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_other_route_wants_a_key_and_its_secret(
    merchant: Api, endpoint: Any, wrong: dict[str, str | None]
):
    sent = {name: value for name, value in {**merchant.credentials, **wrong}.items() if value is not None}
    path = endpoint.path.replace("{", "").replace("}", "").removeprefix("/api/v1")
    assert_unknown(Api(merchant.http, "", sent).request(endpoint.method, path))


def test_the_secret_of_another_merchant_is_wrong(merchant: Api, stranger: Api):
    assert_unknown(with_secret(merchant, stranger.credentials["X-Api-Secret"]).get("/webhooks"))


def test_who_may_call_is_told_before_what_is_wrong_with_the_request(merchant: Api):
    assert_unknown(merchant.anybody.post("/orders", b"{"))


@pytest.mark.parametrize("chars", [101, 2_049, 10_000])
def test_a_key_that_is_longer_than_any_is_unknown_and_not_looked_for(
    merchant: Api, aws_requests: list[str], chars: int
):
    """DynamoDB refuses to look for a key of more than 2,048 bytes."""
    credentials = {**merchant.credentials, "X-Api-Key": "k" * chars}
    assert_unknown(Api(merchant.http, "", credentials).get("/merchants/me"))
    assert aws_requests == []


def test_the_names_of_headers_are_the_same_in_any_case(merchant: Api):
    shouted = {name.upper(): value for name, value in merchant.credentials.items()}
    made(Api(merchant.http, merchant.merchant_id, shouted).post("/orders", {"amount": 100}))


def test_the_merchant_of_the_documentation_may_call(anybody: Api):
    credentials = {"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET}
    assert credentials == {"X-Api-Key": "key_test_abc123", "X-Api-Secret": "secret_test_xyz789"}
    assert Api(anybody.http, TEST_MERCHANT_ID, credentials).order()["merchant_id"] == TEST_MERCHANT_ID


def test_a_new_secret_is_good_at_once_and_the_old_one_is_not(cloud: Cloud, merchant: Api):
    shown(merchant.get("/webhooks"))
    shown(roll(cloud, merchant, "new").get("/webhooks"))
    assert_unknown(merchant.get("/webhooks"))


def test_an_old_secret_is_good_for_at_most_a_minute(cloud: Cloud, merchant: Api):
    shown(merchant.get("/webhooks"))
    roll(cloud, merchant, "new")
    shown(merchant.get("/webhooks"))
    cloud.time.shift(timedelta(seconds=61))
    assert_unknown(merchant.get("/webhooks"))
