"""Sessions, and the operator's changes to merchants: who can authenticate, and for how long."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.bootstrap import build, production_externals
from chalicelib.domain.errors import AuthenticationError, BadRequestError, RateLimitError
from chalicelib.domain.session import Session, hash_token
from chalicelib.services.merchants import CACHE_LIFE
from chalicelib.services.onboarding import (
    TEST_API_KEY,
    TEST_API_SECRET,
    TEST_EMAIL,
    TEST_PASSWORD,
    OnboardingError,
    OnboardingService,
)
from chalicelib.services.password_attempts import MAX_ATTEMPTS, WINDOW
from chalicelib.store.database import Database
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.sessions import SessionRow, SessionStore
from tests.cloud import Cloud
from tests.services.shop import MERCHANT_ID

PASSWORD = "correct horse battery"


def test_the_correct_password_creates_a_valid_session(cloud: Cloud):
    signed_in = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)
    assert cloud.gateway.sessions.authenticate(signed_in.token).id == MERCHANT_ID


def test_the_email_is_case_insensitive(cloud: Cloud):
    assert cloud.gateway.sessions.sign_in(TEST_EMAIL.upper(), TEST_PASSWORD).merchant.id == MERCHANT_ID


@pytest.mark.parametrize(
    ("email", "password"), [(TEST_EMAIL, "wrong"), ("unknown@example.com", TEST_PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_email_have_the_same_error(cloud: Cloud, email: str, password: str):
    with pytest.raises(AuthenticationError, match="Invalid API credentials"):
        cloud.gateway.sessions.sign_in(email, password)


def test_the_token_is_stored_as_a_hash(cloud: Cloud):
    token = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    assert token not in str(cloud.rows("test-sessions"))


def test_a_session_expires_after_twelve_hours_although_its_row_still_exists(cloud: Cloud):
    token = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    cloud.time.shift(timedelta(hours=12) - timedelta(seconds=1))
    cloud.gateway.sessions.authenticate(token)
    cloud.time.shift(1)
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.authenticate(token)
    assert len(cloud.rows("test-sessions")) == 1


def test_a_session_ends_when_the_merchant_signs_out(cloud: Cloud):
    token = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    other = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    cloud.gateway.sessions.sign_out(token)
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.authenticate(token)
    cloud.gateway.sessions.authenticate(other)


def test_the_key_of_the_attempts_is_not_a_token(cloud: Cloud):
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.sign_in(TEST_EMAIL, "wrong")
    (row,) = cloud.rows("test-sessions")
    assert cloud.gateway.sessions.sessions.get(row["id"]["S"], now=cloud.gateway.clock()) is None


def test_too_many_wrong_passwords_block_sign_in_for_the_rest_of_the_window(cloud: Cloud):
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(AuthenticationError):
            cloud.gateway.sessions.sign_in(TEST_EMAIL, "wrong")
    with pytest.raises(RateLimitError) as refused:
        cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)
    assert 0 < refused.value.retry_after_s <= WINDOW.total_seconds() + 1
    cloud.time.shift(refused.value.retry_after_s)
    cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_correct_passwords_are_not_counted(cloud: Cloud):
    for _ in range(MAX_ATTEMPTS + 2):
        cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_a_created_merchant_can_authenticate_with_the_returned_credentials(cloud: Cloud):
    made = cloud.gateway.onboarding.create(name="Shop", email="Shop@Example.com", password=PASSWORD)
    api_key = made.merchant.api_key
    assert cloud.gateway.merchants.authenticate(api_key, made.api_secret).id == made.merchant.id
    assert cloud.gateway.sessions.sign_in("shop@example.com", PASSWORD).merchant.id == made.merchant.id
    assert made.api_secret not in str(cloud.rows("test-merchants"))
    assert PASSWORD not in str(cloud.rows("test-merchants"))


@pytest.mark.parametrize(
    ("email", "password", "why"),
    [
        (TEST_EMAIL, PASSWORD, "already exists"),
        ("x@y.z", "short", "at least 12 characters"),
        ("x@y.z", "p" * 201, "at most 200 characters"),
        ("x", PASSWORD, "email address is not valid"),
    ],
)
def test_an_invalid_merchant_is_rejected(cloud: Cloud, email: str, password: str, why: str):
    with pytest.raises(OnboardingError, match=why):
        cloud.gateway.onboarding.create(name="Shop", email=email, password=password)


def test_a_rolled_secret_works_immediately_and_the_old_one_until_its_overlap_ends(cloud: Cloud):
    merchants = cloud.gateway.merchants
    merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)
    rolled = cloud.gateway.onboarding.roll_api_secret(MERCHANT_ID, overlap=timedelta(hours=1))
    merchants.authenticate(TEST_API_KEY, rolled.api_secret)
    merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)
    cloud.time.shift(timedelta(hours=1))
    merchants.authenticate(TEST_API_KEY, rolled.api_secret)
    with pytest.raises(AuthenticationError):
        merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)


def ended(cloud: Cloud, token: str) -> bool:
    try:
        cloud.gateway.sessions.authenticate(token)
    except AuthenticationError:
        return True
    return False


def signed_in(cloud: Cloud, password: str = TEST_PASSWORD) -> str:
    return cloud.gateway.sessions.sign_in(TEST_EMAIL, password).token


def test_a_session_row_of_the_previous_version_is_valid_until_sessions_are_ended(cloud: Cloud):
    """Rows of the previous version have no epoch."""
    token = signed_in(cloud)
    table = Database().bind(SessionRow, "test-sessions")
    table(hash_token(token)).update([table.epoch.remove()])
    assert not ended(cloud, token)
    cloud.gateway.onboarding.end_sessions(MERCHANT_ID)
    assert ended(cloud, token)


def test_the_operator_ends_all_sessions_immediately_in_every_process(cloud: Cloud):
    tokens = [signed_in(cloud) for _ in range(2)]
    cloud.gateway.accounts.end_other_sessions(cloud.gateway.sessions.authenticate(tokens[0]), tokens[0])
    elsewhere = build(cloud.gateway.settings, production_externals(cloud.gateway.settings))
    elsewhere.sessions.authenticate(tokens[0])
    cloud.gateway.onboarding.end_sessions(MERCHANT_ID)
    for gateway in (cloud.gateway, elsewhere):
        with pytest.raises(AuthenticationError):
            gateway.sessions.authenticate(tokens[0])
    assert not ended(cloud, signed_in(cloud))


def test_a_new_password_of_the_operator_ends_all_sessions_and_replaces_the_old_one(cloud: Cloud):
    token = signed_in(cloud)
    cloud.gateway.onboarding.set_password(MERCHANT_ID, PASSWORD)
    assert ended(cloud, token)
    with pytest.raises(AuthenticationError):
        signed_in(cloud)
    assert not ended(cloud, signed_in(cloud, PASSWORD))


def test_a_sign_in_that_overlaps_a_new_password_creates_no_valid_session(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
):
    """The password changes after it was verified and before the session is written."""
    create = SessionStore.create

    def create_late(store: SessionStore, session: Session) -> None:
        cloud.gateway.onboarding.set_password(MERCHANT_ID, PASSWORD)
        create(store, session)

    monkeypatch.setattr(SessionStore, "create", create_late)
    assert ended(cloud, signed_in(cloud))


def test_the_old_password_is_rejected_although_the_index_still_has_it(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
):
    stale = cloud.gateway.merchants.find_by_email(TEST_EMAIL)
    cloud.gateway.onboarding.set_password(MERCHANT_ID, PASSWORD)
    monkeypatch.setattr(MerchantStore, "find_by_email", lambda *_: stale)
    with pytest.raises(AuthenticationError):
        signed_in(cloud)


def test_a_reactivated_merchant_is_unchanged_except_for_its_sessions(cloud: Cloud):
    token = signed_in(cloud)
    cloud.gateway.onboarding.deactivate(MERCHANT_ID)
    assert ended(cloud, token)
    cloud.gateway.onboarding.reactivate(MERCHANT_ID)
    assert ended(cloud, token)
    cloud.gateway.merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)
    assert not ended(cloud, signed_in(cloud))


def test_the_later_of_two_changes_with_the_same_current_password_is_rejected(cloud: Cloud):
    token = signed_in(cloud)
    merchant = cloud.gateway.sessions.authenticate(token)
    cloud.gateway.accounts.change_password(merchant, token, current=TEST_PASSWORD, new=PASSWORD)
    with pytest.raises(BadRequestError, match="current_password is wrong"):
        cloud.gateway.accounts.change_password(merchant, token, current=TEST_PASSWORD, new=PASSWORD + "!")
    assert not ended(cloud, signed_in(cloud, PASSWORD))


def test_a_deactivated_merchant_cannot_authenticate(cloud: Cloud):
    token = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    cloud.gateway.merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)
    cloud.gateway.onboarding.deactivate(MERCHANT_ID)
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    with pytest.raises(AuthenticationError):
        cloud.gateway.merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.authenticate(token)
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


@pytest.mark.parametrize(
    "act",
    [
        lambda onboarding: onboarding.roll_api_secret("unknown", overlap=timedelta()),
        lambda onboarding: onboarding.deactivate("unknown"),
        lambda onboarding: onboarding.reactivate("unknown"),
        lambda onboarding: onboarding.set_password("unknown", PASSWORD),
        lambda onboarding: onboarding.end_sessions("unknown"),
        lambda onboarding: onboarding.id_of("unknown@example.com"),
    ],
)
def test_an_unknown_merchant_is_rejected(cloud: Cloud, act: Callable[[OnboardingService], object]):
    with pytest.raises(OnboardingError, match=r"merchant unknown\S* does not exist"):
        act(cloud.gateway.onboarding)
    assert len(cloud.rows("test-merchants")) == 1
