"""Signatures, verified by the library of Standard Webhooks and by known values."""

import base64
import hashlib
import hmac
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.domain.clock import utc_now
from chalicelib.domain.signature import (
    hex_signature,
    new_signing_secret,
    signature_headers,
    standard_key,
    standard_signature,
)
from tests.domain.examples import NOW, texts

SEEDED = "whsec_test_abc123"
OURS, THEIRS = new_signing_secret(Random(1)), new_signing_secret(Random(2))
BODY = '{"event":"payment.success","amount":"₹500"}'.encode()
keys = st.binary(min_size=1, max_size=64)


def secret_of(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


def headers(*secrets: str, body: bytes = BODY) -> dict[str, str]:
    return signature_headers(secrets, webhook_id="msg_1", sent_at=utc_now(), body=body)


@given(seed=st.integers())
def test_a_new_secret_is_a_prefix_and_24_random_bytes_in_base64(seed: int):
    secret = new_signing_secret(Random(seed))
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", secret)
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 24


def test_new_secrets_differ():
    random = Random(1)
    assert new_signing_secret(random) != new_signing_secret(random)


def test_the_hex_signature_of_a_known_body():
    """The result of ``printf %s BODY | openssl dgst -sha256 -hmac whsec_test_abc123``."""
    signature = hex_signature(SEEDED, b'{"event":"payment.success"}')
    assert signature == "68db5c712c1755f85e19c06ec783197c7fc580436ea7bb9a6a98667e92b7daf5"


@given(secret=texts.filter(bool), body=st.binary())
def test_the_key_of_the_hex_signature_is_the_whole_secret_as_text(secret: str, body: bytes):
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert hex_signature(secret, body) == expected


@given(key=keys, body=texts)
def test_the_library_of_standard_webhooks_accepts_a_signed_request(key: bytes, body: str):
    signed = headers(secret_of(key), body=body.encode())
    Webhook(secret_of(key)).verify(body, signed, json_parse=False)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_the_library_rejects_a_modified_request(header: str):
    signed = headers(OURS)
    for changed in (signed | {header: signed[header][:-1] + "x"}, signed | {header: signed[header] + "0"}):
        with pytest.raises(WebhookVerificationError):
            Webhook(OURS).verify(BODY, changed)
    with pytest.raises(WebhookVerificationError):
        Webhook(OURS).verify(BODY + b" ", signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(THEIRS).verify(BODY, signed)


def test_one_secret_creates_one_signature():
    signed = headers(OURS)
    assert re.fullmatch(r"v1,[A-Za-z0-9+/]{43}=", signed["webhook-signature"])
    assert signed["X-Webhook-Signature"] == hex_signature(OURS, BODY)


def test_two_secrets_create_two_signatures_and_the_hex_one_uses_the_first():
    signed = headers(OURS, THEIRS)
    assert len(signed["webhook-signature"].split(" ")) == 2
    for secret in (OURS, THEIRS):
        Webhook(secret).verify(BODY, signed)
    assert signed["X-Webhook-Signature"] == hex_signature(OURS, BODY)


def test_the_headers_contain_the_id_and_the_time_in_seconds():
    signed = signature_headers([OURS], webhook_id="msg_1", sent_at=NOW, body=BODY)
    assert (signed["webhook-id"], signed["webhook-timestamp"]) == ("msg_1", "1773500966")
    assert signed["webhook-signature"] == standard_signature(
        OURS, webhook_id="msg_1", timestamp=1_773_500_966, body=BODY
    )


@given(key=keys)
def test_the_standard_key_is_the_decoded_tail(key: bytes):
    assert standard_key(secret_of(key)) == key


@pytest.mark.parametrize(
    "tail", ["test_abc123", "abc", "abcd-efg", "abcd_efg", "ab cd", "abcd\n", "a", "====", "abcde==="]
)
def test_a_tail_that_is_not_base64_is_used_as_the_standard_key(tail: str):
    assert standard_key("whsec_" + tail) == tail.encode()


def test_the_seeded_secret_signs_with_the_text_of_its_tail():
    Webhook(b"test_abc123").verify(BODY, headers(SEEDED))
