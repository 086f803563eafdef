"""Authentication: a missing and a wrong key or secret get the same response."""

from datetime import timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

import app
from chalicelib.domain.merchant import hash_api_secret
from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET, TEST_MERCHANT_ID
from chalicelib.store.database import Database
from chalicelib.store.merchants import MerchantRow
from tests.api.client import PASSWORD, Api, assert_error, made, shown
from tests.cloud import Cloud

PRIVATE = [endpoint for endpoint in app.router.routes if not endpoint.public]


def assert_unknown(response: HTTPResponse) -> None:
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


def with_secret(api: Api, secret: str) -> Api:
    return Api(api.http, api.merchant_id, {**api.credentials, "X-Api-Secret": secret})


def roll(cloud: Cloud, merchant: Api, secret: str) -> Api:
    """Write a new secret to the merchant's row directly, without the gateway."""
    table = Database().bind(MerchantRow, cloud.gateway.settings.tables.merchants)
    table(merchant.merchant_id).update([table.api_secret_hash.set(hash_api_secret(secret))])
    return with_secret(merchant, secret)


def test_only_these_routes_are_public():
    assert {(endpoint.method, endpoint.path) for endpoint in app.router.routes if endpoint.public} == {
        ("GET", "/health"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/test/merchant"),
        ("GET", "/api/v1/test/jobs/status"),
        ("GET", "/api/v1/test/bank/{charge_id}"),
        ("POST", "/api/v1/test/bank/{charge_id}"),
        ("POST", "/api/v1/sessions"),
        ("GET", "/api/v1/orders/{order_id}/public"),
        ("POST", "/api/v1/payments/public"),
        ("GET", "/api/v1/payments/{payment_id}/public"),
        ("GET", "/api/v1/payments/{payment_id}/qr.svg"),
        ("GET", "/api/v1/payments/{payment_id}/return"),
        ("POST", "/api/v1/acquirers/{name}/notifications/{merchant_id}"),
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
def test_every_other_route_requires_a_key_and_its_secret(
    merchant: Api, endpoint: Any, wrong: dict[str, str | None]
):
    sent = {name: value for name, value in {**merchant.credentials, **wrong}.items() if value is not None}
    path = endpoint.path.replace("{", "").replace("}", "").removeprefix("/api/v1")
    assert_unknown(Api(merchant.http, "", sent).request(endpoint.method, path))


def test_the_secret_of_another_merchant_is_wrong(merchant: Api, stranger: Api):
    assert_unknown(with_secret(merchant, stranger.credentials["X-Api-Secret"]).get("/webhooks"))


def test_authentication_precedes_validation(merchant: Api):
    assert_unknown(merchant.anonymous.post("/orders", b"{"))


@pytest.mark.parametrize("chars", [101, 2_049, 10_000])
def test_a_key_that_is_too_long_is_unknown_without_a_lookup(
    merchant: Api, aws_requests: list[str], chars: int
):
    """DynamoDB rejects key values of more than 2,048 bytes."""
    credentials = {**merchant.credentials, "X-Api-Key": "k" * chars}
    assert_unknown(Api(merchant.http, "", credentials).get("/merchants/me"))
    assert aws_requests == []


PAIRS: dict[str, dict[str, str]] = {
    "valid pair": {},
    "wrong secret": {"X-Api-Secret": "secret_nobody"},
    "unknown key": {"X-Api-Key": "key_nobody"},
    "non-ASCII pair": {"X-Api-Key": "key_ключ", "X-Api-Secret": "секрет"},
    "non-ASCII secret": {"X-Api-Secret": "секрет"},
}
"""Complete key pairs, as changes to the merchant's. A complete key pair alone determines the result."""

HALVES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "no pair": ({}, ("X-Api-Key", "X-Api-Secret")),
    "empty pair": ({"X-Api-Key": "", "X-Api-Secret": ""}, ()),
    "no secret": ({}, ("X-Api-Secret",)),
    "no key": ({}, ("X-Api-Key",)),
    "empty secret": ({"X-Api-Secret": ""}, ()),
    "empty key": ({"X-Api-Key": ""}, ()),
    "non-ASCII key without a secret": ({"X-Api-Key": "ключ"}, ("X-Api-Secret",)),
}
"""Incomplete key pairs, as changes and omissions. The session token determines the result."""

AUTHORIZATIONS = {
    "a valid token": "Bearer {token}",
    "an unknown token": "Bearer of nothing",
    "a scheme alone": "Bearer",
    "Basic from .netrc": "Basic dXNlcjpwYXNzd29yZA==",
    "Digest": 'Digest username="user"',
    "an empty header": "",
    "a blank header": " ",
    "a non-ASCII header": "Bearer токен",
    "no header": None,
}


@pytest.fixture
def token(merchant: Api) -> str:
    body = {"email": merchant.email, "password": PASSWORD}
    return str(made(merchant.anonymous.post("/sessions", body))["token"])


def with_authorization(sent: dict[str, str], header: str | None, token: str) -> dict[str, str]:
    return sent if header is None else {**sent, "Authorization": header.format(token=token)}


@pytest.mark.parametrize("authorization", AUTHORIZATIONS)
@pytest.mark.parametrize("pair", PAIRS)
def test_a_complete_key_pair_overrides_the_authorization_header(
    merchant: Api, stranger: Api, token: str, pair: str, authorization: str
):
    credentials = with_authorization(
        {**merchant.credentials, **PAIRS[pair]}, AUTHORIZATIONS[authorization], token
    )
    response = Api(merchant.http, "", credentials).get("/merchants/me")
    if pair == "valid pair":
        assert shown(response)["id"] == merchant.merchant_id
    else:
        assert_unknown(response)


@pytest.mark.parametrize("authorization", AUTHORIZATIONS)
@pytest.mark.parametrize("half", HALVES)
def test_without_a_complete_key_pair_the_token_authenticates(
    merchant: Api, token: str, half: str, authorization: str
):
    changes, missing = HALVES[half]
    sent = {k: v for k, v in {**merchant.credentials, **changes}.items() if k not in missing}
    credentials = with_authorization(sent, AUTHORIZATIONS[authorization], token)
    response = Api(merchant.http, "", credentials).get("/merchants/me")
    if authorization == "a valid token":
        assert shown(response)["id"] == merchant.merchant_id
    else:
        assert_unknown(response)


@pytest.mark.parametrize("authorization", AUTHORIZATIONS)
@pytest.mark.parametrize("pair", PAIRS)
def test_session_routes_use_the_token_and_ignore_the_key_pair(
    merchant: Api, token: str, pair: str, authorization: str
):
    credentials = with_authorization(
        {**merchant.credentials, **PAIRS[pair]}, AUTHORIZATIONS[authorization], token
    )
    response = Api(merchant.http, "", credentials).delete("/sessions/current")
    if authorization == "a valid token":
        assert shown(response) == {"status": "signed_out"}
    else:
        assert_unknown(response)


@pytest.mark.usefixtures("no_test_clocks")
def test_a_valid_key_pair_sends_no_request_for_another_authorization(merchant: Api, aws_requests: list[str]):
    shown(merchant.get("/openapi.json"))
    shown(merchant.get("/merchants/me"))
    aws_requests.clear()
    both = {**merchant.credentials, "Authorization": "Bearer of another service"}
    shown(Api(merchant.http, "", both).get("/merchants/me"))
    assert aws_requests == ["GetItem"], "the request for the merchant in the response"


def test_header_names_are_case_insensitive(merchant: Api):
    shouted = {name.upper(): value for name, value in merchant.credentials.items()}
    made(Api(merchant.http, merchant.merchant_id, shouted).post("/orders", {"amount": 100}))


def test_the_documented_test_merchant_can_authenticate(anonymous: Api):
    credentials = {"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET}
    assert credentials == {"X-Api-Key": "key_test_abc123", "X-Api-Secret": "secret_test_xyz789"}
    assert Api(anonymous.http, TEST_MERCHANT_ID, credentials).order()["merchant_id"] == TEST_MERCHANT_ID


def test_a_new_secret_is_valid_immediately_and_the_old_one_is_not(cloud: Cloud, merchant: Api):
    shown(merchant.get("/webhooks"))
    shown(roll(cloud, merchant, "new").get("/webhooks"))
    assert_unknown(merchant.get("/webhooks"))


def test_an_old_secret_is_valid_for_at_most_one_minute(cloud: Cloud, merchant: Api):
    shown(merchant.get("/webhooks"))
    roll(cloud, merchant, "new")
    shown(merchant.get("/webhooks"))
    cloud.time.shift(timedelta(seconds=61))
    assert_unknown(merchant.get("/webhooks"))
