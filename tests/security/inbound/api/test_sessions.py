"""Attacks on sessions: fixation, theft, extension and guessing."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.session import SESSION_LIFE
from chalicelib.services.password_attempts import MAX_ATTEMPTS
from tests.api.client import PASSWORD, Api, assert_error, made, shown
from tests.cloud import START, Cloud
from tests.security.inbound.api.belongings import all_rows, sign_in

CHOSEN = "chosen-by-the-attacker-0123456789-0123456789"


def assert_unauthenticated(response: HTTPResponse) -> None:
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


def token_of(session: Api) -> str:
    return session.credentials["Authorization"].removeprefix("Bearer ")


def test_a_token_chosen_by_the_client_is_never_a_session(cloud: Cloud, merchant: Api):
    """Neither in a request before sign-in nor in the sign-in request."""
    chosen = merchant.bearing(CHOSEN)
    body = {"email": merchant.email, "password": PASSWORD, "token": CHOSEN, "session_id": CHOSEN}
    offered = {"Authorization": f"Bearer {CHOSEN}", "Cookie": f"token={CHOSEN}; session={CHOSEN}"}
    assert_unauthenticated(chosen.get("/merchants/me"))
    response = chosen.request("POST", f"/sessions?token={CHOSEN}", body, offered)
    assert made(response)["token"] != CHOSEN
    assert "Set-Cookie" not in response.headers
    assert_unauthenticated(chosen.get("/merchants/me"))
    assert CHOSEN not in str(all_rows(cloud))


def test_each_session_has_a_different_token(merchant: Api):
    tokens = {token_of(sign_in(merchant)) for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) == 43 for token in tokens), "256 bits in base64"


def test_the_stored_row_of_a_session_does_not_contain_its_token(cloud: Cloud, merchant: Api):
    token = token_of(sign_in(merchant))
    kept = [row["id"]["S"] for row in cloud.rows(cloud.gateway.settings.tables.sessions)]
    assert hashlib.sha256(token.encode()).hexdigest() in kept
    assert token not in str(all_rows(cloud))
    for key in kept:
        assert_unauthenticated(merchant.bearing(key).get("/merchants/me"))


@pytest.mark.parametrize(
    "spoil",
    [
        str.upper,
        str.swapcase,
        lambda token: token[:-1],
        lambda token: token + "=",
        lambda token: token + token,
        lambda token: f"{token}, {token}",
        lambda token: f"{token} {token}",
        lambda token: f"Bearer {token}",
        lambda token: f'"{token}"',
        lambda token: token + "\0",
        lambda token: "%",
        lambda _token: "é" * 43,
        lambda _token: "\ud800",
        lambda _token: "null",
        lambda _token: "x" * 100_000,
    ],
)
def test_a_token_that_differs_slightly_is_rejected(merchant: Api, spoil: Callable[[str], str]):
    assert_unauthenticated(merchant.bearing(spoil(token_of(sign_in(merchant)))).get("/merchants/me"))


@pytest.mark.parametrize(
    ("header", "is_good"),
    [
        ("Bearer {}", True),
        ("bearer {}", True),
        ("BEARER   {}  ", True),
        ("{}", False),
        ("Basic {}", False),
        ("Token {}", False),
        ("Bearer{}", False),
        ("Bearer\t{}", False),
        ("Bearer Bearer {}", False),
        ("Basic x, Bearer {}", False),
        (" Bearer {}", False),
    ],
)
def test_a_token_is_accepted_only_as_a_bearer_token(merchant: Api, header: str, is_good: bool):
    token = token_of(sign_in(merchant))
    caller = Api(merchant.http, "", {"Authorization": header.format(token)})
    response = caller.get("/merchants/me")
    if is_good:
        assert shown(response)["id"] == merchant.merchant_id
    else:
        assert_unauthenticated(response)


def test_use_does_not_extend_a_session(cloud: Cloud, merchant: Api):
    session = sign_in(merchant)
    for hours in range(1, 12):
        cloud.time.move_to(START + timedelta(hours=hours))
        shown(session.get("/merchants/me"))
    cloud.time.move_to(START + SESSION_LIFE)
    assert_unauthenticated(session.get("/merchants/me"))
    assert_unauthenticated(session.delete("/sessions/current"))


def test_signing_out_ends_the_session_permanently(merchant: Api):
    one, another = sign_in(merchant), sign_in(merchant)
    shown(one.delete("/sessions/current"))
    for _ in range(2):
        assert_unauthenticated(one.get("/merchants/me"))
        assert_unauthenticated(one.delete("/sessions/current"))
    shown(another.get("/merchants/me"))


def test_signing_in_keeps_other_sessions(merchant: Api):
    first = sign_in(merchant)
    sign_in(merchant)
    shown(first.get("/merchants/me"))


SPELLINGS: list[Callable[[str], str]] = [
    str.upper,
    str.title,
    lambda email: f" {email}",
    lambda email: f"{email} ",
    lambda email: f"\t{email}\n",
    lambda email: f"\u00a0{email}\u2003",
    lambda email: f"\x1c{email}",
    lambda email: email.replace("k", "\u212a"),  # the Kelvin sign, whose lower-case letter is k
]


@pytest.fixture
def kim(cloud: Cloud, new_merchant: Any) -> Api:
    """A merchant whose email contains a k."""
    made_: Api = new_merchant()
    address = f"kim-{made_.email}"
    table = type(cloud.gateway.merchants.merchants._table(made_.merchant_id))
    table(made_.merchant_id).update([table.email.set(address)])
    return Api(made_.http, made_.merchant_id, made_.credentials, address)


def attempt(merchant: Api, email: str, password: str = "wrong") -> HTTPResponse:
    return merchant.anonymous.post("/sessions", {"email": email, "password": password})


def test_every_spelling_of_an_email_is_the_same_account(kim: Api):
    for spell in SPELLINGS:
        assert made(attempt(kim, spell(kim.email), PASSWORD))["merchant"]["id"] == kim.merchant_id


def test_attempts_with_different_spellings_are_counted_together(kim: Api):
    spellings = [kim.email, *(spell(kim.email) for spell in SPELLINGS)]
    for number in range(MAX_ATTEMPTS):
        assert_unauthenticated(attempt(kim, spellings[number % len(spellings)]))
    for spelling in spellings:
        refused = attempt(kim, spelling, PASSWORD)
        assert_error(refused, 429, "RATE_LIMIT_ERROR", "Too many requests; try again later")
        assert int(refused.headers["Retry-After"]) > 0


def test_alternating_attempts_are_counted_per_email(merchant: Api, stranger: Api):
    for _ in range(MAX_ATTEMPTS):
        assert_unauthenticated(attempt(merchant, merchant.email))
        assert_unauthenticated(attempt(stranger, stranger.email))
    assert attempt(merchant, merchant.email, PASSWORD).status_code == 429
    assert attempt(stranger, stranger.email, PASSWORD).status_code == 429


def test_attempts_for_an_unknown_email_are_limited_too(merchant: Api):
    """Otherwise the limit would reveal which emails exist."""
    unknown = f"unknown-{merchant.email}"
    answers = [attempt(merchant, unknown).status_code for _ in range(MAX_ATTEMPTS + 1)]
    assert answers == [401] * MAX_ATTEMPTS + [429]


@pytest.mark.parametrize("email", [" ", "\t\n", "\u00a0", "\x1c", "\0", "@", "\u202e@", "é" * 255])
def test_an_invalid_email_is_rejected(merchant: Api, email: str):
    assert_unauthenticated(attempt(merchant, email))


@pytest.mark.parametrize(
    "email", ["tést@example.com", "\uff54est@example.com", "test@example.com\0", "%", "*"]
)
def test_a_lookalike_email_does_not_authenticate(anonymous: Api, email: str):
    assert_unauthenticated(attempt(anonymous, email, "dashboard_test_123"))
