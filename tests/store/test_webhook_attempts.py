"""The size of an attempt's item and of a log's row is limited for any input of receivers and merchants."""

from dataclasses import replace

import pytest

from chalicelib.domain.event import EventName, PaymentEvent
from chalicelib.domain.kept_response import with_response
from chalicelib.domain.methods.upi import MAX_VPA_CHARS
from chalicelib.domain.money import MAX_AMOUNT
from chalicelib.domain.refund import MAX_REASON_CHARS
from chalicelib.domain.signature import signature_headers
from chalicelib.domain.webhook_log import MAX_EVENT_BYTES, Attempt, log_for
from chalicelib.domain.webhook_url import MAX_URL_CHARS
from chalicelib.store.item_size import item_bytes
from chalicelib.store.webhook_attempts import MAX_ATTEMPT_BYTES, NOT_STORED
from chalicelib.webhooks.attempts import HEADERS
from tests.domain.examples import UPI, attempt, payment, refund, webhook_endpoint
from tests.store import records
from tests.store.stores import NOW, Stores, fresh

LARGEST_ITEM_BYTES = 400 * 1024  # DynamoDB's limit
ROOMY_BYTES = 16 * 1024
CHARS = ["x", "\u00e9", "\u20ac", "\U0001f600", "\x00", '"', "\\"]


def largest(char: str) -> Attempt:
    """An attempt with the longest URL, two signatures and a response of the maximum stored size."""
    headers = signature_headers(("whsec_a", "whsec_b"), webhook_id="i" * 36, sent_at=NOW, body=b"{}")
    made = attempt(
        at=NOW, url="https://merchant.example/".ljust(MAX_URL_CHARS, "x"), request_headers=HEADERS | headers
    )
    many = {f"X-{number}-{char * 200}": char * 300 for number in range(100)}
    return with_response(made, code=503, headers=many, body=(char * 70_000).encode(), truncated=True)


@pytest.mark.parametrize("char", CHARS, ids=ascii)
def test_the_largest_attempt_is_stored_completely(on_moto: Stores, char: str):
    log = replace(records.webhook_log(), leased_until=NOW)
    made = largest(char)
    row = on_moto.attempts._row(log, made)
    assert item_bytes(row.serialize()) <= MAX_ATTEMPT_BYTES < LARGEST_ITEM_BYTES
    on_moto.attempts.add(log, made)
    assert on_moto.attempts.newest(log.id) == (made,)


@pytest.mark.parametrize(
    "response",
    [
        {"response_body": "x" * LARGEST_ITEM_BYTES},
        {"response_body": "\ud800"},
        {"response_headers": {"x": "\u00e9" * 10_000}},
        {"response_body": 7},
    ],
    ids=["too large", "not UTF-8", "large headers", "not text"],
)
def test_an_attempt_whose_response_cannot_be_stored_is_stored_without_it(stores: Stores, response):
    log = replace(records.webhook_log(), leased_until=NOW)
    stores.attempts.add(log, attempt(at=NOW, response_code=200, **response))
    (stored,) = stores.attempts.newest(log.id)
    assert (stored.response_code, stored.error) == (200, NOT_STORED)
    assert (stored.response_body, stored.response_headers) == (None, None)
    assert (stored.response_truncated, stored.response_headers_truncated) == (True, True)


@pytest.mark.parametrize("char", CHARS, ids=ascii)
def test_the_log_of_the_largest_event_is_small(on_moto: Stores, char: str):
    """Every text that a merchant or a buyer chooses has the maximum length of the API."""
    paid = payment(
        instrument=replace(UPI, vpa="v" * MAX_VPA_CHARS),
        amount_refundable=MAX_AMOUNT,
        created_at=NOW,
        updated_at=NOW,
    )
    given_back = refund(
        id=fresh("rfnd_"), reason=char * MAX_REASON_CHARS, amount=MAX_AMOUNT, processed_at=NOW
    )
    log = log_for(
        PaymentEvent.of(EventName.REFUND_PROCESSED, paid, sequence=10**6, refund=given_back),
        webhook_endpoint(),
    )
    assert item_bytes(on_moto.logs._row(log).serialize()) <= ROOMY_BYTES < MAX_EVENT_BYTES
    assert on_moto.logs.create(log)


def test_an_event_without_a_limit_is_a_bug():
    given_back = refund(reason="x" * MAX_EVENT_BYTES)
    with pytest.raises(AssertionError, match="has no limit"):
        log_for(
            PaymentEvent.of(EventName.REFUND_CREATED, payment(), sequence=3, refund=given_back),
            webhook_endpoint(),
        )
