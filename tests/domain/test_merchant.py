"""Merchants: the API secret is kept as a hash and only the right one is accepted."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.merchant import Merchant, WebhookEndpoint, hash_api_secret
from tests.domain.examples import NOW, texts

SECRET = "secret_test_xyz789"


def merchant(secret: str = SECRET) -> Merchant:
    return Merchant(
        id="550e8400-e29b-41d4-a716-446655440000",
        name="Test Merchant",
        email="test@example.com",
        api_key="key_test_abc123",
        api_secret_hash=hash_api_secret(secret),
        webhook=WebhookEndpoint(url=None, secret="whsec_test_abc123"),
        created_at=NOW,
    )


def test_a_secret_is_kept_as_its_sha_256():
    assert hash_api_secret("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(secret=texts)
def test_a_merchant_accepts_its_own_secret(secret: str):
    assert merchant(secret).accepts(secret)


@given(wrong=st.one_of(texts, st.just(SECRET[:-1]), st.just(SECRET + " "), st.just(SECRET.upper())))
def test_a_merchant_accepts_no_other(wrong: str):
    assert merchant().accepts(wrong) is (wrong == SECRET)


def test_the_hash_is_not_accepted_in_place_of_the_secret():
    assert not merchant().accepts(hash_api_secret(SECRET))
