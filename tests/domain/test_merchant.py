"""Merchants: which secrets authenticate, which sign webhooks, and when a URL is disabled."""

import re
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.merchant import (
    Merchant,
    hash_api_secret,
    new_api_key,
    new_api_secret,
)
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from tests.domain.examples import NOW, texts

SECRET = "secret_test_xyz789"


def merchant(secret: str = SECRET, **changes: Any) -> Merchant:
    fields: dict[str, Any] = {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "name": "Test Merchant",
        "email": "test@example.com",
        "api_key": "key_test_abc123",
        "api_secret_hash": hash_api_secret(secret),
        "webhook": endpoint(),
        "created_at": NOW,
    }
    return Merchant(**fields | changes)


def endpoint(**changes: Any) -> WebhookEndpoint:
    fields: dict[str, Any] = {"url": "https://merchant.example/", "secret": "whsec_new"}
    return WebhookEndpoint(**fields | changes)


def test_a_secret_is_stored_as_its_sha_256():
    assert hash_api_secret("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(secret=texts)
def test_a_merchant_accepts_its_own_secret(secret: str):
    assert merchant(secret).accepts(hash_api_secret(secret), NOW)


@given(wrong=st.one_of(texts, st.just(SECRET[:-1]), st.just(SECRET + " "), st.just(SECRET.upper())))
def test_a_merchant_accepts_no_other_secret(wrong: str):
    assert merchant().accepts(hash_api_secret(wrong), NOW) is (wrong == SECRET)


def test_the_stored_hash_is_not_accepted_as_the_secret():
    kept = merchant().api_secret_hash
    assert not merchant().accepts(hash_api_secret(kept), NOW)


def rolled() -> Merchant:
    """A merchant with a new secret, whose predecessor is valid for an hour."""
    return merchant(
        "new",
        previous_api_secret_hash=hash_api_secret("old"),
        previous_api_secret_until=NOW + timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("secret", "minutes", "is_good"),
    [("old", 59, True), ("old", 60, False), ("new", 0, True), ("new", 60, True)],
)
def test_a_replaced_secret_is_valid_until_its_overlap_ends(secret: str, minutes: int, is_good: bool):
    assert rolled().accepts(hash_api_secret(secret), NOW + timedelta(minutes=minutes)) is is_good


def test_without_an_overlap_the_previous_secret_is_invalid():
    assert not merchant("new", previous_api_secret_hash=hash_api_secret("old")).accepts(
        hash_api_secret("old"), NOW
    )


def test_an_empty_text_is_not_a_secret_of_a_merchant_without_a_previous_one():
    assert not merchant().accepts(hash_api_secret(""), NOW)


def test_a_deactivated_merchant_accepts_no_secret():
    gone = merchant(deactivated_at=NOW)
    assert not gone.is_active
    assert not gone.accepts(hash_api_secret(SECRET), NOW)


@pytest.mark.parametrize("secret", ["api_secret_hash", "password_hash", "previous_api_secret_hash"])
def test_the_representation_of_a_merchant_contains_no_secret_or_hash(secret: str):
    assert "sensitive" not in repr(merchant(**{secret: "sensitive"}))
    assert "whsec" not in repr(merchant(webhook=endpoint(previous_secret="whsec_old")))


def test_keys_and_secrets_have_descriptive_prefixes_and_are_unique():
    random = Random(1)
    keys, secrets = ([make(random) for _ in range(500)] for make in (new_api_key, new_api_secret))
    assert len(set(keys)) == len(set(secrets)) == 500
    assert all(re.fullmatch(r"key_[A-Za-z0-9]{16}", key) for key in keys)
    assert all(re.fullmatch(r"secret_[A-Za-z0-9_-]{40}", secret) for secret in secrets)
