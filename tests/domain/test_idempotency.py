"""Idempotency keys: valid keys, equal requests, and the returned response."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.card_number import holds_luhn_number
from chalicelib.domain.errors import BadRequestError, IdempotencyKeyReusedError
from chalicelib.domain.idempotency import (
    IdempotencyKey,
    IdempotencyRecord,
    StoredResponse,
    fingerprint_of,
    parse_key,
)
from tests.domain.examples import NOW, moments

RESPONSE = StoredResponse(status=201, body='{"id":"order_1"}')
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
requests = st.dictionaries(st.text(), values, max_size=5)


def record(*, merchant: str = "m", scope: str = "POST /orders", key: str = "k") -> IdempotencyRecord:
    return IdempotencyKey(key=key, scope=scope, fingerprint="f").record(merchant, RESPONSE, now=NOW)


@given(text=st.text(PRINTABLE, min_size=1, max_size=255))
def test_printable_ascii_of_up_to_255_characters_is_a_key(text: str):
    assume(not holds_luhn_number(text))
    assert parse_key(text) == text


@pytest.mark.parametrize("text", [None, ""])
def test_an_empty_text_is_not_a_key(text: str | None):
    assert parse_key(text) is None


@pytest.mark.parametrize("text", ["k" * 256, "k\n", "a\tb", "\x00", "\x7f", "caf\u00e9", "\U0001f511"])
def test_any_other_text_is_rejected(text: str):
    with pytest.raises(BadRequestError, match="1 to 255 printable ASCII") as caught:
        parse_key(text)
    assert caught.value.field == "Idempotency-Key"


@given(text=st.text(max_size=300))
def test_a_key_is_rejected_accepted_or_absent(text: str):
    is_printable = 1 <= len(text) <= 255 and all(letter in PRINTABLE for letter in text)
    is_key = is_printable and not holds_luhn_number(text)
    if is_key or not text:
        assert parse_key(text) == (text or None)
    else:
        with pytest.raises(BadRequestError):
            parse_key(text)


@given(request=requests)
def test_the_order_of_fields_does_not_change_the_fingerprint(request: dict[str, object]):
    assert fingerprint_of(dict(reversed(request.items()))) == fingerprint_of(request)


@given(one=requests, other=requests)
def test_different_requests_have_different_fingerprints(one: dict[str, object], other: dict[str, object]):
    assume(json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    assert fingerprint_of(one) != fingerprint_of(other)


def test_a_fingerprint_is_the_same_in_every_release():
    """Records outlive a deployment by up to a day. Another calculation would reject valid retries."""
    assert fingerprint_of({"b": [1, None, "₹"], "a": {"x": True}}) == (
        "457f6d5283dbae91423e3393669b594565d73b5f2c3ca355de4334f0b1288777"
    )


@given(now=moments)
def test_a_record_expires_after_24_hours(now: datetime):
    kept = IdempotencyKey(key="k", scope="POST /orders", fingerprint="f").record("m", RESPONSE, now=now)
    assert kept.expires_at == now + timedelta(hours=24)


def test_a_record_belongs_to_one_merchant_one_route_and_one_key():
    records = [record(), record(merchant="n"), record(scope="POST /payments"), record(key="l")]
    assert len({one.id for one in records}) == 4
    assert record().id == record().id


def test_the_same_request_gets_the_first_response():
    assert record().replay(fingerprint="f") is RESPONSE


def test_another_request_with_the_same_key_is_rejected():
    with pytest.raises(IdempotencyKeyReusedError):
        record().replay(fingerprint="g")
