"""Changing the dashboard password and ending other sessions over the API."""

from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.services.password_attempts import MAX_ATTEMPTS
from tests.api.client import PASSWORD, Api, assert_bad_request, assert_error, made, shown
from tests.cloud import Cloud

NEW_PASSWORD = "a new password of the dashboard"
CHANGED = {"status": "password_changed"}
ENDED = {"status": "other_sessions_ended"}


def sign_in(merchant: Api, password: str = PASSWORD) -> HTTPResponse:
    return merchant.anonymous.post("/sessions", {"email": merchant.email, "password": password})


def session_of(merchant: Api, password: str = PASSWORD) -> Api:
    return merchant.bearing(made(sign_in(merchant, password))["token"])


def change(session: Api, **changes: object) -> HTTPResponse:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, **changes}
    return session.put("/merchants/me/password", body)


def assert_ended(session: Api) -> None:
    assert_error(session.get("/merchants/me"), 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


def test_a_new_password_replaces_the_old_one_and_immediately_ends_all_other_sessions(merchant: Api):
    session, other = session_of(merchant), session_of(merchant)
    for one in (session, other):
        shown(one.get("/merchants/me"))
    assert shown(change(session)) == CHANGED
    assert_ended(other)
    shown(session.get("/merchants/me"))
    assert sign_in(merchant).status_code == 401
    shown(session_of(merchant, NEW_PASSWORD).get("/merchants/me"))
    shown(merchant.get("/merchants/me"))


def test_ending_other_sessions_takes_effect_immediately_and_allows_new_sessions(merchant: Api, stranger: Api):
    session, other, elsewhere = session_of(merchant), session_of(merchant), session_of(stranger)
    shown(other.get("/merchants/me"))
    for _ in range(2):
        assert shown(session.delete("/sessions/others")) == ENDED
    assert_ended(other)
    for one in (session, session_of(merchant), elsewhere):
        shown(one.get("/merchants/me"))


def test_a_newer_session_can_end_the_session_that_ended_others(merchant: Api):
    first = session_of(merchant)
    shown(first.delete("/sessions/others"))
    second = session_of(merchant)
    shown(second.delete("/sessions/others"))
    assert_ended(first)
    shown(second.get("/merchants/me"))


def test_signing_out_ends_the_session_that_ended_others(merchant: Api):
    session = session_of(merchant)
    shown(session.delete("/sessions/others"))
    shown(session.delete("/sessions/current"))
    assert_ended(session)


@pytest.mark.parametrize(
    ("wrong", "description", "field"),
    [
        ({"current_password": "wrong"}, "current_password is wrong", "current_password"),
        ({"current_password": ""}, "current_password is required", "current_password"),
        ({"current_password": None}, "current_password must be text", "current_password"),
        (
            {"current_password": "p" * 201},
            "current_password must be at most 200 characters",
            "current_password",
        ),
        ({"new_password": "p" * 11}, "new_password must be at least 12 characters", "new_password"),
        ({"new_password": ""}, "new_password must be at least 12 characters", "new_password"),
        ({"new_password": "p" * 201}, "new_password must be at most 200 characters", "new_password"),
        ({"new_password": 123456789012}, "new_password must be text", "new_password"),
        ({"new_password": PASSWORD}, "new_password must differ from current_password", "new_password"),
    ],
)
def test_an_invalid_password_change_returns_the_field_and_changes_nothing(
    merchant: Api, wrong: dict[str, object], description: str, field: str
):
    session, other = session_of(merchant), session_of(merchant)
    assert_bad_request(change(session, **wrong), description, field)
    for one in (session, other, session_of(merchant)):
        shown(one.get("/merchants/me"))


@pytest.mark.parametrize("missing", ["current_password", "new_password"])
def test_both_passwords_are_required(merchant: Api, missing: str):
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    del body[missing]
    response = session_of(merchant).put("/merchants/me/password", body)
    assert_bad_request(response, f"{missing} is required", missing)


def test_current_password_guesses_are_limited_without_affecting_sign_in(cloud: Cloud, merchant: Api):
    session = session_of(merchant)
    for _ in range(MAX_ATTEMPTS):
        assert_bad_request(
            change(session, current_password="wrong"), "current_password is wrong", "current_password"
        )
    refused = change(session)
    assert_error(refused, 429, "RATE_LIMIT_ERROR", "Too many requests; try again later")
    made(sign_in(merchant))
    cloud.time.shift(int(refused.headers["Retry-After"]))
    assert shown(change(session)) == CHANGED


def test_failed_sign_ins_do_not_block_a_password_change(merchant: Api):
    session = session_of(merchant)
    for _ in range(MAX_ATTEMPTS + 1):
        sign_in(merchant, "wrong")
    assert shown(change(session)) == CHANGED


def test_a_correct_password_does_not_count_as_a_guess(merchant: Api):
    session = session_of(merchant)
    for number in range(MAX_ATTEMPTS + 2):
        passwords = {
            "current_password": f"{PASSWORD}{number or ''}",
            "new_password": f"{PASSWORD}{number + 1}",
        }
        assert shown(change(session, **passwords)) == CHANGED


def test_passwords_do_not_appear_in_responses_logs_or_rows(cloud: Cloud, merchant: Api, log: Any):
    wrong = "a wrong password that a user typed"
    session = session_of(merchant)
    responses = [change(session, current_password=wrong), change(session)]
    seen = log.getvalue() + repr([(response.body, response.headers) for response in responses])
    seen += str(cloud.rows(cloud.gateway.settings.tables.merchants))
    for password in (PASSWORD, NEW_PASSWORD, wrong):
        assert password not in seen
