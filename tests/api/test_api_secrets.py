"""Replacing the API secret over the API, with an overlap."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.merchant import fingerprint, hash_api_secret
from chalicelib.services.merchants import CACHE_LIFE
from chalicelib.services.onboarding import OnboardingService
from tests.api.client import PASSWORD, Api, Json, assert_bad_request, assert_error, made, shown
from tests.cloud import Cloud

ENDED = {"status": "previous_api_secret_ended"}


def rotate(session: Api, **body: object) -> HTTPResponse:
    return session.post("/merchants/me/api-secret", body)


def rotated(session: Api, **body: object) -> str:
    """The new secret."""
    return str(made(rotate(session, **body))["api_secret"])


def end_previous(session: Api, ended: str) -> HTTPResponse:
    return session.delete(f"/merchants/me/api-secret/previous?fingerprint={ended}")


def mark(secret: str) -> str:
    return fingerprint(hash_api_secret(secret))


def first_secret(merchant: Api) -> str:
    return merchant.credentials["X-Api-Secret"]


def works(merchant: Api, secret: str) -> bool:
    with_secret = replace(merchant, credentials={**merchant.credentials, "X-Api-Secret": secret})
    return with_secret.get("/merchants/me").status_code == 200


def secrets_of(session: Api) -> Json:
    """The fields about API secrets of the account."""
    return {
        name: value for name, value in shown(session.get("/merchants/me")).items() if "api_secret" in name
    }


@pytest.fixture
def session(merchant: Api) -> Api:
    """The merchant, signed in."""
    body = {"email": merchant.email, "password": PASSWORD}
    return merchant.bearing(made(merchant.anonymous.post("/sessions", body))["token"])


def assert_conflict(response: HTTPResponse) -> None:
    assert (response.status_code, response.json_body["error"]["code"]) == (409, "API_SECRET_CONFLICT")
    assert response.json_body["error"]["field"] == "replaces"


def test_both_secrets_work_until_the_overlap_ends(cloud: Cloud, merchant: Api, session: Api):
    old = first_secret(merchant)
    answer = made(rotate(session))
    new = answer["api_secret"]
    assert answer == {
        "api_secret": new,
        "fingerprint": mark(new),
        "previous_fingerprint": mark(old),
        "previous_valid_until": "2026-03-15T15:09:26.000Z",
    }
    assert secrets_of(session) == {
        "api_secret_fingerprint": mark(new),
        "previous_api_secret_fingerprint": mark(old),
        "previous_api_secret_valid_until": "2026-03-15T15:09:26.000Z",
    }
    cloud.time.shift(timedelta(hours=11))
    assert works(merchant, new)
    assert works(merchant, old)
    cloud.time.shift(timedelta(hours=13))
    assert works(merchant, new)
    assert not works(merchant, old)


def test_the_account_shows_no_overlap_after_its_end(cloud: Cloud, merchant: Api, session: Api):
    new = rotated(session, overlap_hours=1)
    cloud.time.shift(timedelta(hours=1))
    assert secrets_of(session) == {
        "api_secret_fingerprint": mark(new),
        "previous_api_secret_fingerprint": None,
        "previous_api_secret_valid_until": None,
    }
    assert mark(rotated(session)) != mark(new)


def test_a_repeated_request_is_refused_and_ends_nothing(merchant: Api, session: Api):
    """The response was lost, the button was clicked twice, or another tab is open."""
    old, new = first_secret(merchant), rotated(session)
    before = secrets_of(session)
    assert_conflict(rotate(session))
    assert_conflict(rotate(session, overlap_hours=0))
    assert secrets_of(session) == before
    assert works(merchant, old)
    assert works(merchant, new)


def test_after_a_lost_response_the_lost_secret_is_replaced(cloud: Cloud, merchant: Api, session: Api):
    old, lost = first_secret(merchant), rotated(session)
    new = rotated(session, replaces=mark(lost), overlap_hours=48)
    assert_conflict(rotate(session, replaces=mark(lost)))  # of another tab, or sent again
    assert works(merchant, old)
    assert works(merchant, new)
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    assert not works(merchant, lost)
    assert works(merchant, old)
    assert secrets_of(session)["previous_api_secret_valid_until"] == "2026-03-16T15:09:26.000Z"


def test_during_an_overlap_the_newer_secret_can_be_kept(cloud: Cloud, merchant: Api, session: Api):
    old, second = first_secret(merchant), rotated(session)
    third = rotated(session, replaces=mark(old))
    assert_conflict(rotate(session, replaces=mark(old)))
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    assert [works(merchant, secret) for secret in (old, second, third)] == [False, True, True]


def test_without_an_overlap_the_secret_in_use_ends_within_a_minute(cloud: Cloud, merchant: Api, session: Api):
    old = first_secret(merchant)
    assert works(merchant, old)
    description = f"replaces is required without an overlap: {mark(old)}, the API secret that ends"
    assert_bad_request(rotate(session, overlap_hours=0), description, "replaces")
    answer = made(rotate(session, overlap_hours=0, replaces=mark(old)))
    assert (answer["previous_fingerprint"], answer["previous_valid_until"]) == (None, None)
    assert_conflict(rotate(session, overlap_hours=0, replaces=mark(old)))
    assert works(merchant, answer["api_secret"])
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    assert not works(merchant, old)


def test_both_secrets_end_if_both_leaked(cloud: Cloud, merchant: Api, session: Api):
    old, second = first_secret(merchant), rotated(session)
    third = rotated(session, overlap_hours=0, replaces=mark(second))
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    assert [works(merchant, secret) for secret in (old, second, third)] == [False, False, True]


def test_the_secret_in_use_cannot_be_named_as_replaced_without_another_one(merchant: Api, session: Api):
    """If the request was sent again, it would end the secret in use."""
    assert_conflict(rotate(session, replaces=mark(first_secret(merchant))))
    assert secrets_of(session)["api_secret_fingerprint"] == mark(first_secret(merchant))


def test_the_overlap_can_be_ended_and_ending_it_again_has_no_effect(
    cloud: Cloud, merchant: Api, session: Api
):
    old, new = first_secret(merchant), rotated(session)
    for _ in range(2):
        assert shown(end_previous(session, mark(old))) == ENDED
    assert secrets_of(session)["previous_api_secret_valid_until"] is None
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    assert [works(merchant, secret) for secret in (old, new)] == [False, True]


def test_a_late_repeat_does_not_end_the_overlap_of_a_later_rotation(merchant: Api, session: Api):
    old, second = first_secret(merchant), rotated(session)
    shown(end_previous(session, mark(old)))
    third = rotated(session)
    assert shown(end_previous(session, mark(old))) == ENDED
    assert [works(merchant, secret) for secret in (second, third)] == [True, True]
    assert secrets_of(session)["previous_api_secret_fingerprint"] == mark(second)


def test_the_current_secret_cannot_be_ended(merchant: Api, session: Api):
    new = rotated(session)
    description = "fingerprint is that of the current API secret"
    assert_bad_request(end_previous(session, mark(new)), description, "fingerprint")
    assert works(merchant, new)


@pytest.mark.parametrize(
    ("body", "description", "field"),
    [
        ({"overlap_hours": 169}, "overlap_hours must be at most 168", "overlap_hours"),
        ({"overlap_hours": -1}, "overlap_hours must be at least 0", "overlap_hours"),
        ({"overlap_hours": "24"}, "overlap_hours must be an integer", "overlap_hours"),
        (
            {"replaces": "the old one"},
            "replaces must be a fingerprint: 8 characters of 0-9 and a-f",
            "replaces",
        ),
        ({"overlap": 1}, "overlap is not a known field", "overlap"),
    ],
)
def test_an_invalid_request_is_rejected(session: Api, body: Json, description: str, field: str):
    assert_bad_request(rotate(session, **body), description, field)


def test_the_fingerprint_of_the_ended_secret_is_required(session: Api):
    response = session.delete("/merchants/me/api-secret/previous")
    assert_bad_request(response, "fingerprint is required", "fingerprint")


def test_an_api_key_cannot_replace_or_end_a_secret(merchant: Api):
    for response in (rotate(merchant), end_previous(merchant, mark(first_secret(merchant)))):
        assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")
    assert works(merchant, first_secret(merchant))


def test_the_secret_is_neither_stored_nor_logged(cloud: Cloud, session: Api, log: io.StringIO):
    secret = rotated(session)
    table = cloud.gateway.settings.tables.merchants
    assert hash_api_secret(secret) in str(cloud.rows(table))
    assert secret not in str(cloud.rows(table))
    assert secret not in log.getvalue()


def test_a_rotation_of_the_operator_in_between_is_a_conflict(cloud: Cloud, merchant: Api, session: Api):
    """The state of the request is that at its start."""
    rotations = cloud.gateway.api_secrets
    store, write = rotations.merchants, rotations.merchants.rotate_api_secret
    operator: OnboardingService = cloud.gateway.onboarding
    by_operator: list[str] = []

    def later(_store: object, *args: object, **options: object) -> bool:
        monkeypatch.undo()
        by_operator.append(
            operator.roll_api_secret(merchant.merchant_id, overlap=timedelta(hours=1)).api_secret
        )
        return write(*args, **options)  # type: ignore[arg-type]

    monkeypatch = pytest.MonkeyPatch()  # not that of the client, which is undone later
    monkeypatch.setattr(type(store), "rotate_api_secret", later)
    assert_conflict(rotate(session))
    assert works(merchant, by_operator[0])
    assert works(merchant, first_secret(merchant))
