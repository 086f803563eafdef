"""``/sessions`` and ``/merchants/me``."""

from datetime import timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

import app
from chalicelib.domain.merchant import fingerprint, hash_api_secret
from chalicelib.services.merchants import CACHE_LIFE
from tests.api.client import PASSWORD, Api, assert_bad_request, assert_error, made, shown
from tests.cloud import START, Cloud

PRIVATE = [endpoint for endpoint in app.router.routes if not endpoint.public]


def sign_in(merchant: Api, **changes: object) -> HTTPResponse:
    return merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD, **changes})


def assert_unknown(response: HTTPResponse) -> None:
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.fixture
def session(merchant: Api) -> Api:
    """The merchant, signed in."""
    return merchant.bearing(made(sign_in(merchant))["token"])


def test_a_session_has_a_token_an_expiry_and_a_merchant(merchant: Api):
    session = made(sign_in(merchant))
    assert session == {
        "token": session["token"],
        "expires_at": "2026-03-15T03:09:26.000Z",
        "merchant": shown(merchant.get("/merchants/me")),
    }


def test_a_merchant_can_read_its_account(merchant: Api):
    me = shown(merchant.get("/merchants/me"))
    assert me == {
        "id": merchant.merchant_id,
        "name": me["name"],
        "email": merchant.email,
        "api_key": merchant.credentials["X-Api-Key"],
        "webhook_url": None,
        "return_origins": [],
        "api_secret_fingerprint": fingerprint(hash_api_secret(merchant.credentials["X-Api-Secret"])),
        "previous_api_secret_fingerprint": None,
        "previous_api_secret_valid_until": None,
        "time_zone": "UTC",
    }


@pytest.mark.parametrize("endpoint", PRIVATE, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_a_token_is_accepted_on_every_private_route(session: Api, endpoint: Any):
    path = endpoint.path.replace("{", "").replace("}", "").removeprefix("/api/v1")
    assert session.request(endpoint.method, path).status_code in {200, 201, 400, 404}


@pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in PRIVATE if endpoint.session_only],
    ids=lambda endpoint: f"{endpoint.method} {endpoint.path}",
)
def test_session_routes_require_a_token(merchant: Api, endpoint: Any):
    assert_unknown(merchant.request(endpoint.method, endpoint.path.removeprefix("/api/v1")))


def test_only_these_routes_need_a_session():
    assert {f"{endpoint.method} {endpoint.path}" for endpoint in PRIVATE if endpoint.session_only} == {
        "DELETE /api/v1/sessions/current",
        "DELETE /api/v1/sessions/others",
        "DELETE /api/v1/merchants/me/api-secret/previous",
        "POST /api/v1/merchants/me/api-secret",
        "PUT /api/v1/merchants/me/password",
    }


def test_signing_out_ends_the_session(session: Api):
    assert shown(session.delete("/sessions/current")) == {"status": "signed_out"}
    assert_unknown(session.get("/merchants/me"))


def test_a_session_expires_after_twelve_hours_even_if_its_row_exists(cloud: Cloud, session: Api):
    cloud.time.move_to(START + timedelta(hours=12) - timedelta(seconds=1))
    shown(session.get("/merchants/me"))
    cloud.time.move_to(START + timedelta(hours=12))
    assert_unknown(session.get("/merchants/me"))


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"email": "unknown@example.com"}])
def test_a_wrong_password_and_an_unknown_email_get_the_same_response(merchant: Api, wrong: dict[str, str]):
    assert_unknown(sign_in(merchant, **wrong))


@pytest.mark.parametrize(
    ("wrong", "description", "field"),
    [
        ({"email": ""}, "email is required", "email"),
        ({"email": 5}, "email must be text", "email"),
        ({"email": "e" * 256}, "email must be at most 255 characters", "email"),
        ({"password": None}, "password must be text", "password"),
        ({"password": ""}, "password is required", "password"),
        ({"password": "p" * 201}, "password must be at most 200 characters", "password"),
    ],
)
def test_an_invalid_sign_in_request_is_rejected(
    merchant: Api, wrong: dict[str, object], description: str, field: str
):
    assert_bad_request(sign_in(merchant, **wrong), description, field)


def test_a_password_does_not_appear_in_responses_or_logs(merchant: Api, log: Any):
    wrong = "a wrong password that a user typed"
    responses = [sign_in(merchant), sign_in(merchant, password=wrong), sign_in(merchant, password=[wrong])]
    seen = log.getvalue() + repr([(response.body, response.headers) for response in responses])
    assert PASSWORD not in seen
    assert wrong not in seen


def test_the_eleventh_attempt_is_rejected_until_the_quarter_hour_ends(
    cloud: Cloud, merchant: Api, stranger: Api
):
    for _ in range(10):
        assert_unknown(sign_in(merchant, password="wrong"))
    refused = sign_in(merchant)
    assert_error(refused, 429, "RATE_LIMIT_ERROR", "Too many requests; try again later")
    assert refused.headers["Retry-After"] == "335"  # from 15:09:26 to 15:15
    made(sign_in(stranger))
    cloud.time.shift(335)
    made(sign_in(merchant))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Bearer none", "Basic none", "bearer"])
def test_an_authorization_without_a_valid_token_is_rejected(merchant: Api, header: str):
    assert_unknown(Api(merchant.http, "", {"Authorization": header}).get("/merchants/me"))


def test_deactivation_ends_sessions_immediately_and_key_pairs_within_one_minute(
    cloud: Cloud, merchant: Api, session: Api
):
    shown(session.get("/merchants/me"))
    shown(merchant.get("/merchants/me"))
    cloud.gateway.onboarding.deactivate(merchant.merchant_id)
    assert_unknown(session.get("/merchants/me"))
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    assert_unknown(merchant.get("/merchants/me"))
    assert_unknown(sign_in(merchant))
