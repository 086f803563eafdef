"""Dashboard sessions and their merchant."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
import requests

import app
from tests.e2e.api import Api, assert_error
from tests.stack import PASSWORD

pytestmark = pytest.mark.contract("2")
PRIVATE = [endpoint for endpoint in app.router.routes if not endpoint.public]
SIGN_IN, SIGN_OUT = "POST /sessions", "DELETE /sessions/current"
UNKNOWN = (401, "AUTHENTICATION_ERROR", "Invalid API credentials")


def sign_in(merchant: Api, **changes: object) -> requests.Response:
    body = {"email": merchant.email, "password": PASSWORD, **changes}
    return merchant.anonymous.post("/sessions", body)


@pytest.fixture
def token(merchant) -> str:
    return str(sign_in(merchant).json()["token"])


@pytest.mark.contract("2", SIGN_IN)
def test_signing_in_creates_a_session_for_twelve_hours(merchant):
    response = sign_in(merchant)
    assert response.status_code == 201, response.text
    session = response.json()
    assert set(session) == {"token", "expires_at", "merchant"}
    assert session["merchant"] == merchant.get("/merchants/me").json()
    life = datetime.fromisoformat(session["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=12) - timedelta(minutes=1) < life <= timedelta(hours=12)
    assert session["expires_at"].endswith("Z")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", session["token"])


@pytest.mark.contract("5", "GET /merchants/me")
def test_a_merchant_can_read_its_account(merchant):
    shown = merchant.get("/merchants/me").json()
    assert shown == {
        "id": merchant.merchant_id,
        "name": shown["name"],
        "email": merchant.email,
        "api_key": merchant.credentials["X-Api-Key"],
        "webhook_url": None,
        "return_origins": [],
        "api_secret_fingerprint": hashlib.sha256(merchant.credentials["X-Api-Secret"].encode()).hexdigest()[
            :8
        ],
        "previous_api_secret_fingerprint": None,
        "previous_api_secret_valid_until": None,
        "time_zone": "UTC",
    }
    assert shown["name"].startswith("Merchant ")
    merchant.send_webhooks_to("https://shop.example/hook")
    assert merchant.get("/merchants/me").json()["webhook_url"] == "https://shop.example/hook"


def test_a_merchant_can_set_its_time_zone(merchant):
    response = merchant.put("/merchants/me/time-zone", {"time_zone": "Asia/Kolkata"})
    assert response.json() == merchant.get("/merchants/me").json()
    assert response.json()["time_zone"] == "Asia/Kolkata"


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "Europe", "../Asia/Kolkata", "/etc/localtime", "A" * 300, "\0"]
)
def test_a_time_zone_that_does_not_exist_is_rejected(merchant, name):
    response = merchant.put("/merchants/me/time-zone", {"time_zone": name})
    reason = "time_zone must be an IANA time zone, such as Asia/Kolkata"
    assert_error(response, 400, "BAD_REQUEST_ERROR", reason, "time_zone")
    assert merchant.get("/merchants/me").json()["time_zone"] == "UTC"


@pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in PRIVATE if not endpoint.session_only],
    ids=lambda endpoint: f"{endpoint.method} {endpoint.path}",
)
def test_a_token_is_accepted_on_every_route_that_accepts_the_key_pair(merchant, token, endpoint):
    """With an empty body and an unknown id, an authenticated request gets another error than 401."""
    path = re.sub(r"\{[a-z_]+\}", "none", endpoint.path)
    answers = [
        one.request(endpoint.method, path, data=b"{}", headers={"Content-Type": "application/json"})
        for one in (merchant, merchant.bearing(token))
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[1].status_code != 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_authorization_scheme_is_case_insensitive(merchant, token, scheme):
    answer = merchant.anonymous.get("/merchants/me", headers={"Authorization": f"{scheme} {token}"})
    assert answer.json()["id"] == merchant.merchant_id


@pytest.mark.contract("2", SIGN_OUT)
def test_an_ended_session_is_invalid_and_others_remain_valid(merchant, token):
    other = merchant.bearing(str(sign_in(merchant).json()["token"]))
    session = merchant.bearing(token)
    assert session.get("/merchants/me").status_code == 200
    response = session.delete("/sessions/current")
    assert (response.status_code, response.json()) == (200, {"status": "signed_out"})
    assert_error(session.get("/merchants/me"), *UNKNOWN)
    assert_error(session.delete("/sessions/current"), *UNKNOWN)
    assert other.get("/merchants/me").status_code == 200


@pytest.mark.contract("2", SIGN_OUT)
def test_a_key_pair_cannot_sign_out(merchant):
    assert_error(merchant.delete("/sessions/current"), *UNKNOWN)


@pytest.mark.contract("2", SIGN_IN)
@pytest.mark.contract("3", "AUTHENTICATION_ERROR")
@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"password": PASSWORD + " "}, {"email": "unknown@example.com"}]
)
def test_a_wrong_password_and_an_unknown_email_get_the_same_response(merchant, wrong):
    assert_error(sign_in(merchant, **wrong), *UNKNOWN)


@pytest.mark.contract("2", SIGN_IN)
@pytest.mark.parametrize(
    ("wrong", "description", "field"),
    [
        ({"email": None}, "email must be text", "email"),
        ({"email": ""}, "email is required", "email"),
        ({"password": 5}, "password must be text", "password"),
        ({"password": ""}, "password is required", "password"),
        ({"password": "p" * 201}, "password must be at most 200 characters", "password"),
    ],
)
def test_an_invalid_sign_in_request_is_rejected(merchant, wrong, description, field):
    assert_error(sign_in(merchant, **wrong), 400, "BAD_REQUEST_ERROR", description, field)


def test_an_email_address_is_case_insensitive(merchant):
    assert sign_in(merchant, email=merchant.email.upper()).status_code == 201


@pytest.mark.contract("3", "AUTHENTICATION_ERROR")
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer none", "Basic dXNlcjpwYXNz", "{token}", "Bearer {token}x"]
)
def test_an_invalid_token_is_rejected_alone_and_ignored_with_a_valid_key_pair(merchant, token, header):
    headers = {"Authorization": header.format(token=token)}
    assert_error(merchant.anonymous.get("/merchants/me", headers=headers), *UNKNOWN)
    assert merchant.get("/merchants/me", headers=headers).json()["id"] == merchant.merchant_id


NEW_PASSWORD = "a new password of the dashboard"


@pytest.mark.contract("2", "PUT /merchants/me/password")
def test_changing_the_password_ends_all_other_sessions(new_merchant):
    merchant = new_merchant()
    session, other = (merchant.bearing(str(sign_in(merchant).json()["token"])) for _ in range(2))
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    response = session.put("/merchants/me/password", body)
    assert (response.status_code, response.json()) == (200, {"status": "password_changed"})
    assert_error(other.get("/merchants/me"), *UNKNOWN)
    assert session.get("/merchants/me").status_code == 200
    assert_error(sign_in(merchant), *UNKNOWN)
    assert sign_in(merchant, password=NEW_PASSWORD).status_code == 201


@pytest.mark.contract("2", "DELETE /sessions/others")
def test_other_sessions_can_be_ended(merchant):
    session, other = (merchant.bearing(str(sign_in(merchant).json()["token"])) for _ in range(2))
    response = session.delete("/sessions/others")
    assert (response.status_code, response.json()) == (200, {"status": "other_sessions_ended"})
    assert_error(other.get("/merchants/me"), *UNKNOWN)
    assert session.get("/merchants/me").status_code == 200


@pytest.mark.contract("2", SIGN_IN)
@pytest.mark.contract("3", "RATE_LIMIT_ERROR")
def test_after_ten_wrong_passwords_the_correct_one_is_rate_limited_too(merchant, other_merchant):
    for _ in range(10):
        assert_error(sign_in(merchant, password="wrong"), *UNKNOWN)
    refused = sign_in(merchant)
    assert_error(refused, 429, "RATE_LIMIT_ERROR", "Too many requests; try again later")
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60 + 1
    assert sign_in(other_merchant).status_code == 201, "the limit must apply per email address"
