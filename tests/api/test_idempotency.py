"""Idempotency keys: a repeated request creates one object and replays the first response."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.client import UPI, Api, Json, assert_bad_request, assert_error, card, made
from tests.cloud import START, Cloud

DAY = timedelta(hours=24)
REPLAYED = "Idempotent-Replayed"
ROUTES = ["/orders", "/payments", "/payments/public"]
every_route_that_creates = pytest.mark.parametrize("path", ROUTES)


@pytest.fixture
def order_id(merchant: Api) -> str:
    return str(merchant.order()["id"])


def body_of(path: str, order_id: str) -> Json:
    """A valid body for ``path``."""
    return {"amount": 500, "receipt": "r-1"} if path == "/orders" else {"order_id": order_id, **UPI}


def other_body_of(path: str, order_id: str) -> Json:
    """A different valid body for ``path``."""
    return body_of(path, order_id) | ({"receipt": "r-2"} if path == "/orders" else {"vpa": "other@bank"})


def assert_replayed(response: HTTPResponse, first: HTTPResponse) -> None:
    assert (response.status_code, response.body) == (first.status_code, first.body)
    assert response.headers[REPLAYED] == "true"


def assert_newly_created(response: HTTPResponse, *others: HTTPResponse) -> None:
    assert response.status_code == 201, response.body
    assert REPLAYED not in response.headers
    assert response.json_body["id"] not in {other.json_body["id"] for other in others}


def rows(cloud: Cloud) -> list[int]:
    """The number of rows in each table that a create request writes to."""
    tables = cloud.gateway.settings.tables
    return [len(cloud.rows(name)) for name in (tables.orders, tables.payments, tables.idempotency_keys)]


def decline_open_payments(cloud: Cloud) -> None:
    """Decline all pending payments, so that the public route accepts another payment of the order."""
    cloud.acquirer.approves = False
    cloud.run(for_s=10)


def test_buyers_of_the_same_merchant_may_use_the_same_key(merchant: Api):
    buyers = [merchant.order()["id"] for _ in range(2)]
    answers = [
        merchant.anonymous.post("/payments/public", {"order_id": order_id, **UPI}, key="k")
        for order_id in buyers
    ]
    assert_newly_created(answers[0])
    assert_newly_created(answers[1], answers[0])
    assert [made(answer)["order_id"] for answer in answers] == buyers


def test_a_repeated_public_request_is_replayed_during_and_after_processing(
    cloud: Cloud, merchant: Api, order_id: str
):
    body = {"order_id": order_id, **UPI}
    first = merchant.anonymous.post("/payments/public", body, key="k")
    assert_replayed(merchant.anonymous.post("/payments/public", body, key="k"), first)
    cloud.run(for_s=10)
    assert_replayed(merchant.anonymous.post("/payments/public", body, key="k"), first)


@every_route_that_creates
def test_a_repeated_request_replays_the_same_bytes_with_a_header(
    cloud: Cloud, merchant: Api, order_id: str, path: str
):
    first = merchant.post(path, body_of(path, order_id), key="k")
    assert first.status_code == 201
    assert REPLAYED not in first.headers
    held = rows(cloud)
    for _ in range(2):
        assert_replayed(merchant.post(path, body_of(path, order_id), key="k"), first)
    assert rows(cloud) == held


def test_a_replay_returns_the_first_response_after_the_payment_has_changed(
    cloud: Cloud, merchant: Api, order_id: str
):
    first = merchant.post("/payments", {"order_id": order_id, **card()}, key="k")
    cloud.run(for_s=10)
    second = merchant.post("/payments", {"order_id": order_id, **card()}, key="k")
    assert_replayed(second, first)
    assert second.json_body["status"] == "pending"


def test_a_repeated_request_charges_the_card_once(cloud: Cloud, merchant: Api, order_id: str):
    first = merchant.post("/payments", {"order_id": order_id, **UPI}, key="k")
    merchant.post("/payments", {"order_id": order_id, **UPI}, key="k")
    cloud.run(for_s=10)
    payment_id = made(first)["id"]
    charged = [one for one in cloud.acquirer.charges if payment_id in one.idempotency_key]
    assert len(charged) == 1


@pytest.mark.parametrize(
    "changes",
    [{"amount": 501}, {"currency": "USD"}, {"receipt": "r-2"}, {"receipt": None}, {"notes": {"a": 1}}],
    ids=str,
)
def test_an_order_with_a_changed_field_is_a_different_request(merchant: Api, changes: Json):
    made(merchant.post("/orders", {"amount": 500, "receipt": "r-1"}, key="k"))
    response = merchant.post("/orders", {"amount": 500, "receipt": "r-1", **changes}, key="k")
    assert response.status_code == 422


def test_an_order_is_replayed_after_it_expired(cloud: Cloud, merchant: Api):
    body = {"amount": 500, "expires_at": "2026-03-14T15:10:00Z"}
    first = merchant.post("/orders", body, key="k")
    cloud.time.move_to(START + timedelta(minutes=1))
    assert_replayed(merchant.post("/orders", body, key="k"), first)
    assert merchant.post("/orders", body | {"amount": 501}, key="k").status_code == 422
    description = "expires_at must be in the future and at most 30 days away"
    for key in ("another", None):
        assert_bad_request(merchant.post("/orders", body, key=key), description, "expires_at")
    cloud.time.move_to(START + DAY)
    assert_bad_request(merchant.post("/orders", body, key="k"), description, "expires_at")


def test_a_payment_is_replayed_after_its_card_expired(cloud: Cloud, merchant: Api, order_id: str):
    body = {"order_id": order_id, **card(expiry_month="3", expiry_year="2026")}
    cloud.time.move_to(datetime(2026, 4, 1, 11, 59, tzinfo=UTC))
    first = merchant.post("/payments", body, key="k")
    cloud.time.move_to(datetime(2026, 4, 1, 12, tzinfo=UTC))
    assert_replayed(merchant.post("/payments", body, key="k"), first)
    assert merchant.post("/payments", body | {"order_id": order_id, **card()}, key="k").status_code == 422
    expired = merchant.post("/payments", body)
    assert_error(expired, 400, "EXPIRED_CARD", "Card expiry date invalid", "card.expiry_year")


@pytest.mark.parametrize(
    "spelling",
    [
        b'{ "receipt": "r-1",\n "amount": 500 }',
        b'{"amount":500,"receipt":"\\u0072-1"}',
        b'{"amount":500,"receipt":"r-1","unknown":true}',
        b'{"amount":500,"receipt":"r-1","notes":null}',
        b'{"amount":500,"receipt":"r-1","notes":{},"currency":"INR"}',
    ],
)
def test_json_formatting_does_not_make_a_different_request(merchant: Api, spelling: bytes):
    first = merchant.post("/orders", {"amount": 500, "receipt": "r-1"}, key="k")
    assert_replayed(merchant.post("/orders", spelling, key="k"), first)


@every_route_that_creates
def test_a_different_request_with_the_same_key_is_rejected_and_changes_nothing(
    cloud: Cloud, merchant: Api, order_id: str, path: str
):
    first = merchant.post(path, body_of(path, order_id), key="k")
    held = rows(cloud)
    response = merchant.post(path, other_body_of(path, order_id), key="k")
    description = "Idempotency key was already used with a different request"
    assert_error(response, 422, "IDEMPOTENCY_KEY_REUSED", description)
    assert rows(cloud) == held
    assert_replayed(merchant.post(path, body_of(path, order_id), key="k"), first)


@pytest.mark.parametrize(
    "other",
    [
        UPI,
        card(number="4000 0000 0000 0002"),
        card(expiry_month="11"),
        card(expiry_year="2031"),
        card(holder_name="Ravi Rao"),
    ],
)
def test_a_payment_with_another_instrument_is_a_different_request(merchant: Api, order_id: str, other: Json):
    made(merchant.post("/payments", {"order_id": order_id, **card()}, key="k"))
    response = merchant.post("/payments", {"order_id": order_id, **other}, key="k")
    assert response.status_code == 422


@pytest.mark.parametrize("other", [card(cvv="738"), card(number="4000000000061111")])
def test_card_data_that_must_not_be_stored_does_not_make_a_different_request(
    merchant: Api, order_id: str, other: Json
):
    """Not even hashed: the digits between the prefix and the last four can be found by brute force."""
    first = merchant.post("/payments", {"order_id": order_id, **card()}, key="k")
    assert_replayed(merchant.post("/payments", {"order_id": order_id, **other}, key="k"), first)


def test_a_payment_of_another_order_is_a_different_request(merchant: Api, order_id: str):
    made(merchant.post("/payments", {"order_id": order_id, **UPI}, key="k"))
    response = merchant.post("/payments", {"order_id": merchant.order()["id"], **UPI}, key="k")
    assert response.status_code == 422


@every_route_that_creates
def test_a_key_is_scoped_to_the_merchant(merchant: Api, stranger: Api, path: str):
    """On the public route, the merchant is the one of the order."""
    answers = [one.post(path, body_of(path, one.order()["id"]), key="k") for one in (merchant, stranger)]
    assert_newly_created(answers[0])
    assert_newly_created(answers[1], answers[0])


def test_a_key_is_scoped_to_the_route(merchant: Api, order_id: str):
    orders = [order_id, order_id, merchant.order()["id"]]
    answers = [
        merchant.post(path, body_of(path, order), key="k") for path, order in zip(ROUTES, orders, strict=True)
    ]
    for number, answer in enumerate(answers):
        assert_newly_created(answer, *answers[:number])


@every_route_that_creates
@pytest.mark.parametrize("key", [None, ""])
def test_each_request_with_a_missing_or_empty_key_creates_an_object(
    cloud: Cloud, merchant: Api, order_id: str, path: str, key: str | None
):
    first = merchant.post(path, body_of(path, order_id), key=key)
    assert_newly_created(first)
    decline_open_payments(cloud)
    second = merchant.post(path, body_of(path, order_id), key=key)
    assert_newly_created(second, first)


@every_route_that_creates
@pytest.mark.parametrize("key", ["k" * 256, "caf\u00e9", "a\tb", "a\n"])
def test_a_key_that_is_too_long_or_not_printable_is_rejected(
    merchant: Api, order_id: str, path: str, key: str
):
    response = merchant.post(path, body_of(path, order_id), key=key)
    description = "Idempotency-Key must be 1 to 255 printable ASCII characters"
    assert_bad_request(response, description, "Idempotency-Key")


@pytest.mark.parametrize("key", ["k" * 255, "!", " ", "a#b/{c}~", "~" * 255])
def test_any_other_key_is_accepted(merchant: Api, key: str):
    first = merchant.post("/orders", {"amount": 500}, key=key)
    assert_replayed(merchant.post("/orders", {"amount": 500}, key=key), first)


def test_similar_keys_are_different(merchant: Api):
    answers = [merchant.post("/orders", {"amount": 500}, key=key) for key in ("k", "K", "k ", " k", "k#k")]
    for number, answer in enumerate(answers):
        assert_newly_created(answer, *answers[:number])


@every_route_that_creates
def test_a_rejected_request_stores_nothing_and_can_be_corrected(
    cloud: Cloud, merchant: Api, order_id: str, path: str
):
    held = rows(cloud)
    wrong = {"amount": 1} if path == "/orders" else {"order_id": order_id, "method": "upi", "vpa": "wrong"}
    refused = merchant.post(path, wrong, key="k")
    assert refused.status_code == 400
    assert rows(cloud) == held
    assert_newly_created(merchant.post(path, body_of(path, order_id), key="k"))


@every_route_that_creates
def test_a_key_is_stored_for_24_hours(cloud: Cloud, merchant: Api, order_id: str, path: str):
    first = merchant.post(path, body_of(path, order_id), key="k")
    cloud.time.move_to(START + DAY - timedelta(seconds=1))
    assert_replayed(merchant.post(path, body_of(path, order_id), key="k"), first)


@every_route_that_creates
@pytest.mark.parametrize("body", [body_of, other_body_of], ids=["same request", "another request"])
def test_an_expired_key_is_new_even_if_its_record_still_exists(
    cloud: Cloud, merchant: Api, order_id: str, path: str, body: Any
):
    first = merchant.post(path, body_of(path, order_id), key="k")
    held = rows(cloud)[2]
    decline_open_payments(cloud)
    cloud.time.move_to(START + DAY)
    second = merchant.post(path, body(path, order_id), key="k")
    assert_newly_created(second, first)
    assert rows(cloud)[2] == held, "the new record must replace the expired one"
    assert_replayed(merchant.post(path, body(path, order_id), key="k"), second)


def test_a_record_has_a_ttl(cloud: Cloud, merchant: Api):
    order = made(merchant.post("/orders", {"amount": 500}, key="k"))
    records = cloud.rows(cloud.gateway.settings.tables.idempotency_keys)
    [record] = [one for one in records if order["id"] in json.dumps(one)]
    assert record["expires_at"] == {"N": str(int((START + DAY).timestamp()))}
