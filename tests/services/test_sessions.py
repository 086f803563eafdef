"""Sessions and the operator's hand on merchants: who is let in, for how long, and who no more."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import AuthenticationError, RateLimitError
from chalicelib.services.merchants import CACHE_LIFE
from chalicelib.services.onboarding import (
    TEST_API_KEY,
    TEST_API_SECRET,
    TEST_EMAIL,
    TEST_PASSWORD,
    OnboardingError,
)
from chalicelib.services.sessions import MAX_ATTEMPTS, WINDOW
from tests.cloud import Cloud
from tests.services.shop import MERCHANT_ID

PASSWORD = "correct horse battery"


def test_who_knows_the_password_gets_a_session_that_lets_them_in(cloud: Cloud):
    signed_in = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)
    assert cloud.gateway.sessions.authenticate(signed_in.token).id == MERCHANT_ID


def test_the_address_may_be_written_in_capitals(cloud: Cloud):
    assert cloud.gateway.sessions.sign_in(TEST_EMAIL.upper(), TEST_PASSWORD).merchant.id == MERCHANT_ID


@pytest.mark.parametrize(
    ("email", "password"), [(TEST_EMAIL, "wrong"), ("nobody@example.com", TEST_PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_look_the_same(cloud: Cloud, email: str, password: str):
    with pytest.raises(AuthenticationError, match="Invalid API credentials"):
        cloud.gateway.sessions.sign_in(email, password)


def test_the_token_is_kept_as_a_hash(cloud: Cloud):
    token = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    assert token not in str(cloud.rows("test-sessions"))


def test_a_session_ends_after_twelve_hours_though_its_row_is_still_there(cloud: Cloud):
    token = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    cloud.time.shift(timedelta(hours=12) - timedelta(seconds=1))
    cloud.gateway.sessions.authenticate(token)
    cloud.time.shift(1)
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.authenticate(token)
    assert len(cloud.rows("test-sessions")) == 1


def test_a_session_ends_when_its_owner_signs_out(cloud: Cloud):
    token = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    other = cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token
    cloud.gateway.sessions.sign_out(token)
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.authenticate(token)
    cloud.gateway.sessions.authenticate(other)


def test_the_key_of_the_attempts_is_no_token(cloud: Cloud):
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.sign_in(TEST_EMAIL, "wrong")
    (row,) = cloud.rows("test-sessions")
    assert cloud.gateway.sessions.sessions.get(row["id"]["S"], now=cloud.gateway.clock()) is None


def test_too_many_wrong_passwords_shut_the_door_for_the_rest_of_the_window(cloud: Cloud):
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(AuthenticationError):
            cloud.gateway.sessions.sign_in(TEST_EMAIL, "wrong")
    with pytest.raises(RateLimitError) as refused:
        cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)
    assert 0 < refused.value.retry_after_s <= WINDOW.total_seconds() + 1
    cloud.time.shift(refused.value.retry_after_s)
    cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_right_passwords_do_not_count(cloud: Cloud):
    for _ in range(MAX_ATTEMPTS + 2):
        cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_a_created_merchant_is_let_in_by_what_was_told_once(cloud: Cloud):
    made = cloud.gateway.onboarding.create(name="Shop", email="Shop@Example.com", password=PASSWORD)
    api_key = made.merchant.api_key
    assert cloud.gateway.merchants.authenticate(api_key, made.api_secret).id == made.merchant.id
    assert cloud.gateway.sessions.sign_in("shop@example.com", PASSWORD).merchant.id == made.merchant.id
    assert made.api_secret not in str(cloud.rows("test-merchants"))
    assert PASSWORD not in str(cloud.rows("test-merchants"))


@pytest.mark.parametrize(
    ("email", "password", "why"),
    [
        (TEST_EMAIL, PASSWORD, "there is a merchant"),
        ("x@y.z", "short", "12 characters"),
        ("x", PASSWORD, "no email"),
    ],
)
def test_a_merchant_that_cannot_be_is_refused(cloud: Cloud, email: str, password: str, why: str):
    with pytest.raises(OnboardingError, match=why):
        cloud.gateway.onboarding.create(name="Shop", email=email, password=password)


def test_a_rolled_secret_works_at_once_and_the_old_one_until_its_overlap_ends(cloud: Cloud):
    merchants = cloud.gateway.merchants
    merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)
    rolled = cloud.gateway.onboarding.roll_api_secret(MERCHANT_ID, overlap=timedelta(hours=1))
    merchants.authenticate(TEST_API_KEY, rolled.api_secret)
    merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)
    cloud.time.shift(timedelta(hours=1))
    merchants.authenticate(TEST_API_KEY, rolled.api_secret)
    with pytest.raises(AuthenticationError):
        merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)


def test_a_deactivated_merchant_is_let_in_no_more(cloud: Cloud):
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


def test_an_unknown_merchant_is_neither_rolled_nor_deactivated(cloud: Cloud):
    with pytest.raises(OnboardingError, match="there is no merchant"):
        cloud.gateway.onboarding.roll_api_secret("nobody", overlap=timedelta())
    with pytest.raises(OnboardingError, match="there is no merchant"):
        cloud.gateway.onboarding.deactivate("nobody")
