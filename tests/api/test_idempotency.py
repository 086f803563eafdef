"""Idempotency keys: the same request twice makes one object and gets one answer."""

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
    """What ``path`` needs."""
    return {"amount": 500, "receipt": "r-1"} if path == "/orders" else {"order_id": order_id, **UPI}


def other_body_of(path: str, order_id: str) -> Json:
    """Another request to ``path``."""
    return body_of(path, order_id) | ({"receipt": "r-2"} if path == "/orders" else {"vpa": "other@bank"})


def assert_replayed(response: HTTPResponse, first: HTTPResponse) -> None:
    assert (response.status_code, response.body) == (first.status_code, first.body)
    assert response.headers[REPLAYED] == "true"


def assert_made_anew(response: HTTPResponse, *others: HTTPResponse) -> None:
    assert response.status_code == 201, response.body
    assert REPLAYED not in response.headers
    assert response.json_body["id"] not in {other.json_body["id"] for other in others}


def rows(cloud: Cloud) -> list[int]:
    """How many rows the tables hold that a request which creates writes to."""
    tables = cloud.gateway.settings.tables
    return [len(cloud.rows(name)) for name in (tables.orders, tables.payments, tables.idempotency_keys)]


def decline_open_payments(cloud: Cloud) -> None:
    """Let every pending payment fail, so that the public route accepts another one of its order."""
    cloud.acquirer.approves = False
    cloud.run(for_s=10)


def test_buyers_of_one_merchant_may_use_the_same_key(merchant: Api):
    buyers = [merchant.order()["id"] for _ in range(2)]
    answers = [
        merchant.anybody.post("/payments/public", {"order_id": order_id, **UPI}, key="k")
        for order_id in buyers
    ]
    assert_made_anew(answers[0])
    assert_made_anew(answers[1], answers[0])
    assert [made(answer)["order_id"] for answer in answers] == buyers


def test_a_buyer_who_repeats_a_request_gets_its_response_while_the_payment_is_open_and_after(
    cloud: Cloud, merchant: Api, order_id: str
):
    body = {"order_id": order_id, **UPI}
    first = merchant.anybody.post("/payments/public", body, key="k")
    assert_replayed(merchant.anybody.post("/payments/public", body, key="k"), first)
    cloud.run(for_s=10)
    assert_replayed(merchant.anybody.post("/payments/public", body, key="k"), first)


@every_route_that_creates
def test_a_repeat_gets_the_same_answer_to_the_byte_and_is_told_so(
    cloud: Cloud, merchant: Api, order_id: str, path: str
):
    first = merchant.post(path, body_of(path, order_id), key="k")
    assert first.status_code == 201
    assert REPLAYED not in first.headers
    held = rows(cloud)
    for _ in range(2):
        assert_replayed(merchant.post(path, body_of(path, order_id), key="k"), first)
    assert rows(cloud) == held


def test_a_repeat_gets_the_first_answer_though_the_payment_has_moved_on(
    cloud: Cloud, merchant: Api, order_id: str
):
    first = merchant.post("/payments", {"order_id": order_id, **card()}, key="k")
    cloud.run(for_s=10)
    second = merchant.post("/payments", {"order_id": order_id, **card()}, key="k")
    assert_replayed(second, first)
    assert second.json_body["status"] == "pending"


def test_a_repeat_owes_no_second_webhook_and_charges_nothing_twice(
    cloud: Cloud, merchant: Api, order_id: str
):
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
def test_an_order_with_any_field_changed_is_another_request(merchant: Api, changes: Json):
    made(merchant.post("/orders", {"amount": 500, "receipt": "r-1"}, key="k"))
    response = merchant.post("/orders", {"amount": 500, "receipt": "r-1", **changes}, key="k")
    assert response.status_code == 422


def test_an_order_is_replayed_after_its_time_of_expiry(cloud: Cloud, merchant: Api):
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
def test_the_spelling_of_a_body_does_not_make_it_another_request(merchant: Api, spelling: bytes):
    first = merchant.post("/orders", {"amount": 500, "receipt": "r-1"}, key="k")
    assert_replayed(merchant.post("/orders", spelling, key="k"), first)


@every_route_that_creates
def test_another_request_with_the_same_key_is_refused_and_nothing_is_done(
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
def test_a_payment_with_another_instrument_is_another_request(merchant: Api, order_id: str, other: Json):
    made(merchant.post("/payments", {"order_id": order_id, **card()}, key="k"))
    response = merchant.post("/payments", {"order_id": order_id, **other}, key="k")
    assert response.status_code == 422


@pytest.mark.parametrize("other", [card(cvv="738"), card(number="4000000000061111")])
def test_what_may_not_be_kept_of_a_card_does_not_make_another_request(
    merchant: Api, order_id: str, other: Json
):
    """Not even as a hash: the digits between the prefix and the last four are soon tried out."""
    first = merchant.post("/payments", {"order_id": order_id, **card()}, key="k")
    assert_replayed(merchant.post("/payments", {"order_id": order_id, **other}, key="k"), first)


def test_a_payment_of_another_order_is_another_request(merchant: Api, order_id: str):
    made(merchant.post("/payments", {"order_id": order_id, **UPI}, key="k"))
    response = merchant.post("/payments", {"order_id": merchant.order()["id"], **UPI}, key="k")
    assert response.status_code == 422


@every_route_that_creates
def test_a_key_is_the_merchants_own(merchant: Api, stranger: Api, path: str):
    """On the public address the merchant is the order's."""
    answers = [one.post(path, body_of(path, one.order()["id"]), key="k") for one in (merchant, stranger)]
    assert_made_anew(answers[0])
    assert_made_anew(answers[1], answers[0])


def test_a_key_is_of_one_route(merchant: Api, order_id: str):
    orders = [order_id, order_id, merchant.order()["id"]]
    answers = [
        merchant.post(path, body_of(path, order), key="k") for path, order in zip(ROUTES, orders, strict=True)
    ]
    for number, answer in enumerate(answers):
        assert_made_anew(answer, *answers[:number])


@every_route_that_creates
@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_and_with_an_empty_one_each_request_makes_an_object(
    cloud: Cloud, merchant: Api, order_id: str, path: str, key: str | None
):
    first = merchant.post(path, body_of(path, order_id), key=key)
    assert_made_anew(first)
    decline_open_payments(cloud)
    second = merchant.post(path, body_of(path, order_id), key=key)
    assert_made_anew(second, first)


@every_route_that_creates
@pytest.mark.parametrize("key", ["k" * 256, "caf\u00e9", "a\tb", "a\n"])
def test_a_key_that_is_too_long_or_not_printable_is_refused(
    merchant: Api, order_id: str, path: str, key: str
):
    response = merchant.post(path, body_of(path, order_id), key=key)
    description = "Idempotency-Key must be 1 to 255 printable ASCII characters"
    assert_bad_request(response, description, "Idempotency-Key")


@pytest.mark.parametrize("key", ["k" * 255, "!", " ", "a#b/{c}~", "~" * 255])
def test_any_other_key_is_taken(merchant: Api, key: str):
    first = merchant.post("/orders", {"amount": 500}, key=key)
    assert_replayed(merchant.post("/orders", {"amount": 500}, key=key), first)


def test_a_key_is_told_from_another_that_resembles_it(merchant: Api):
    answers = [merchant.post("/orders", {"amount": 500}, key=key) for key in ("k", "K", "k ", " k", "k#k")]
    for number, answer in enumerate(answers):
        assert_made_anew(answer, *answers[:number])


@every_route_that_creates
def test_a_refused_request_stores_nothing_and_may_be_mended(
    cloud: Cloud, merchant: Api, order_id: str, path: str
):
    held = rows(cloud)
    wrong = {"amount": 1} if path == "/orders" else {"order_id": order_id, "method": "upi", "vpa": "wrong"}
    refused = merchant.post(path, wrong, key="k")
    assert refused.status_code == 400
    assert rows(cloud) == held
    assert_made_anew(merchant.post(path, body_of(path, order_id), key="k"))


@every_route_that_creates
def test_a_key_is_remembered_for_24_hours(cloud: Cloud, merchant: Api, order_id: str, path: str):
    first = merchant.post(path, body_of(path, order_id), key="k")
    cloud.time.move_to(START + DAY - timedelta(seconds=1))
    assert_replayed(merchant.post(path, body_of(path, order_id), key="k"), first)


@every_route_that_creates
@pytest.mark.parametrize("body", [body_of, other_body_of], ids=["same request", "another request"])
def test_an_older_key_counts_as_new_though_its_record_is_still_there(
    cloud: Cloud, merchant: Api, order_id: str, path: str, body: Any
):
    first = merchant.post(path, body_of(path, order_id), key="k")
    held = rows(cloud)[2]
    decline_open_payments(cloud)
    cloud.time.move_to(START + DAY)
    second = merchant.post(path, body(path, order_id), key="k")
    assert_made_anew(second, first)
    assert rows(cloud)[2] == held, "the expired record was there and has made place for the new one"
    assert_replayed(merchant.post(path, body(path, order_id), key="k"), second)


def test_a_record_says_when_dynamodb_may_delete_it(cloud: Cloud, merchant: Api):
    order = made(merchant.post("/orders", {"amount": 500}, key="k"))
    records = cloud.rows(cloud.gateway.settings.tables.idempotency_keys)
    [record] = [one for one in records if order["id"] in json.dumps(one)]
    assert record["expires_at"] == {"N": str(int((START + DAY).timestamp()))}
