"""A repeated request creates one object and replays the first response."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.api import UPI, assert_error, card

pytestmark = pytest.mark.contract("9")

KEY = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"


@pytest.fixture
def order_id(merchant):
    return merchant.order()["id"]


def test_a_replayed_order_has_the_same_bytes_and_a_header(merchant):
    first, second = (merchant.post("/orders", {"amount": 500}, headers={KEY: "k1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert REPLAYED not in first.headers
    assert second.headers[REPLAYED] == "true"


@pytest.mark.parametrize("instrument", [UPI, card()], ids=["upi", "card"])
def test_a_replayed_payment_is_unchanged_after_the_payment_has_changed(merchant, order_id, instrument):
    body = {"order_id": order_id, **instrument}
    first = merchant.post("/payments", body, headers={KEY: "k1"})
    merchant.settled(first.json()["id"])
    second = merchant.post("/payments", body, headers={KEY: "k1"})
    assert second.status_code == 201
    assert second.content == first.content
    assert second.json()["status"] == "pending"
    assert second.headers[REPLAYED] == "true"


def test_json_formatting_does_not_make_a_different_request(merchant):
    options = {"headers": {KEY: "k1", "Content-Type": "application/json"}}
    first = merchant.request("POST", "/api/v1/orders", data=b'{"amount":500,"receipt":"a"}', **options)
    second = merchant.request("POST", "/api/v1/orders", data=b'{ "receipt": "a", "amount": 500 }', **options)
    assert second.content == first.content


@pytest.mark.contract("3", "IDEMPOTENCY_KEY_REUSED")
def test_a_different_request_with_the_same_key_is_rejected_and_changes_nothing(merchant, order_id):
    body = {"order_id": order_id, **UPI}
    first = merchant.post("/payments", body, headers={KEY: "k1"})
    different = merchant.post("/payments", {**body, "vpa": "other@upi"}, headers={KEY: "k1"})
    assert_error(different, 422, "IDEMPOTENCY_KEY_REUSED")
    assert merchant.post("/payments", body, headers={KEY: "k1"}).content == first.content


def test_concurrent_first_uses_create_one_payment(merchant, order_id):
    body = {"order_id": order_id, **UPI}
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda _n: merchant.post("/payments", body, headers={KEY: "k1"}), range(4)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert sum(REPLAYED not in response.headers for response in responses) == 1


def test_a_key_is_scoped_to_the_merchant(merchant, other_merchant):
    responses = [
        one.post("/orders", {"amount": 500}, headers={KEY: "k1"}) for one in (merchant, other_merchant)
    ]
    assert responses[0].json()["id"] != responses[1].json()["id"]
    assert REPLAYED not in responses[1].headers


def test_a_key_is_scoped_to_the_route(merchant):
    order = merchant.post("/orders", {"amount": 500}, headers={KEY: "k1"})
    payment = merchant.post("/payments", {"order_id": order.json()["id"], **UPI}, headers={KEY: "k1"})
    assert payment.status_code == 201
    assert REPLAYED not in payment.headers


def test_an_empty_key_is_ignored(merchant):
    orders = [merchant.post("/orders", {"amount": 500}, headers={KEY: ""}) for _ in range(2)]
    assert orders[0].json()["id"] != orders[1].json()["id"]


@pytest.mark.parametrize("path", ["/orders", "/payments"])
@pytest.mark.parametrize("key", ["k" * 256, "caf\u00e9".encode(), b"a\tb"])
def test_a_key_that_is_too_long_or_not_printable_is_rejected(merchant, order_id, path, key):
    body = {"amount": 500, "order_id": order_id, **UPI}
    error = assert_error(merchant.post(path, body, headers={KEY: key}), 400, "BAD_REQUEST_ERROR")
    assert KEY in error["description"]


def test_the_longest_key_is_accepted(merchant):
    responses = [merchant.post("/orders", {"amount": 500}, headers={KEY: "k" * 255}) for _ in range(2)]
    assert responses[0].content == responses[1].content


def test_a_rejected_request_stores_nothing(merchant):
    refused = merchant.post("/orders", {"amount": 1}, headers={KEY: "k1"})
    assert refused.status_code == 400
    corrected = merchant.post("/orders", {"amount": 500}, headers={KEY: "k1"})
    assert corrected.status_code == 201
    assert REPLAYED not in corrected.headers
