"""The server allows one successful payment per order, independent of the pages."""

from datetime import timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.order import MAX_ATTEMPTS
from tests.api.client import UPI, Api, Json, assert_bad_request, assert_error, card, made, shown
from tests.cloud import START, Cloud

ENOUGH_S = 10


@pytest.fixture
def order(merchant: Api) -> Json:
    return merchant.order()


def pay(buyer: Api, order: Json, by: Json = UPI, **options: Any) -> HTTPResponse:
    """Pay on the public route, as the checkout page does."""
    return buyer.anonymous.post("/payments/public", {"order_id": order["id"], **by}, **options)


def pay_as_merchant(merchant: Api, order: Json) -> HTTPResponse:
    return merchant.post("/payments", {"order_id": order["id"], **UPI})


def public(merchant: Api, order: Json, query: str = "") -> Json:
    return shown(merchant.anonymous.get(f"/orders/{order['id']}/public{query}"))


def assert_already_paid(response: HTTPResponse) -> None:
    assert_error(response, 409, "ORDER_ALREADY_PAID", "Order is already paid", "order_id")


def assert_in_progress(response: HTTPResponse, payment_id: str) -> None:
    error = response.json_body["error"]
    assert (response.status_code, error["code"]) == (409, "PAYMENT_IN_PROGRESS")
    assert error["description"] == "Another payment of this order is in progress"
    assert error["payment_id"] == payment_id


def payments(cloud: Cloud, order: Json) -> list[str]:
    """The statuses of the order's payments."""
    rows = cloud.rows(cloud.gateway.settings.tables.payments)
    return sorted(row["status"]["S"] for row in rows if row["order_id"]["S"] == order["id"])


def test_a_paid_order_cannot_be_paid_again(cloud: Cloud, merchant: Api, order: Json):
    payment = made(pay(merchant, order))
    cloud.run(for_s=ENOUGH_S)
    seen = public(merchant, order)
    assert (seen["status"], seen["payment_id"]) == ("paid", payment["id"])
    for by in (UPI, card()):
        assert_already_paid(pay(merchant, order, by))
    assert payments(cloud, order) == ["success"]
    read = shown(merchant.get(f"/orders/{order['id']}"))
    assert (read["status"], read["paid_payment_id"], read["attempts"]) == ("paid", payment["id"], 1)


def test_while_a_payment_is_pending_other_browsers_get_its_id(cloud: Cloud, merchant: Api, order: Json):
    payment = made(pay(merchant, order))
    for by in (UPI, card()):
        assert_in_progress(pay(merchant, order, by), payment["id"])
    seen = public(merchant, order)
    assert (seen["status"], seen["payment_id"]) == ("created", payment["id"])
    assert payments(cloud, order) == ["pending"]


def test_a_failed_payment_allows_another_one(cloud: Cloud, merchant: Api, order: Json):
    cloud.acquirer.approves = False
    made(pay(merchant, order))
    cloud.run(for_s=ENOUGH_S)
    assert public(merchant, order)["payment_id"] is None
    cloud.acquirer.approves = True
    second = made(pay(merchant, order))
    cloud.run(for_s=ENOUGH_S)
    assert payments(cloud, order) == ["failed", "success"]
    assert public(merchant, order)["payment_id"] == second["id"]


def test_the_number_of_attempts_per_order_is_limited_against_card_testing(
    cloud: Cloud, merchant: Api, order: Json
):
    cloud.acquirer.approves = False
    for _ in range(MAX_ATTEMPTS):
        made(pay(merchant, order, card()))
        cloud.run(for_s=ENOUGH_S)
    refused = pay(merchant, order, card())
    description = "Order has used up its 20 payment attempts"
    assert_error(refused, 429, "TOO_MANY_ATTEMPTS", description, "order_id")
    assert payments(cloud, order) == ["failed"] * MAX_ATTEMPTS


def test_a_merchant_can_create_several_payments_of_one_order(cloud: Cloud, merchant: Api, order: Json):
    """The contract allows it. The first successful payment pays the order."""
    first, second = (made(pay_as_merchant(merchant, order)) for _ in range(2))
    cloud.run(for_s=ENOUGH_S)
    third = made(pay_as_merchant(merchant, order))
    cloud.run(for_s=ENOUGH_S)
    assert payments(cloud, order) == ["success"] * 3
    read = shown(merchant.get(f"/orders/{order['id']}"))
    assert read["paid_payment_id"] in {first["id"], second["id"]}
    assert third["id"] != read["paid_payment_id"]
    assert (read["status"], read["attempts"]) == ("paid", 3)


def test_the_attempt_limit_does_not_apply_to_the_merchants_requests(merchant: Api, order: Json):
    for _ in range(MAX_ATTEMPTS + 1):
        made(pay_as_merchant(merchant, order))
    assert shown(merchant.get(f"/orders/{order['id']}"))["attempts"] == MAX_ATTEMPTS + 1


def test_a_buyer_cannot_pay_while_the_merchants_payment_is_pending(cloud: Cloud, merchant: Api, order: Json):
    payment = made(pay_as_merchant(merchant, order))
    assert_in_progress(pay(merchant, order), payment["id"])
    cloud.run(for_s=ENOUGH_S)
    assert_already_paid(pay(merchant, order))


def test_pay_once_applies_to_both_routes(cloud: Cloud, merchant: Api):
    order = merchant.order(pay_once=True)
    assert order["pay_once"] is True
    payment = made(pay_as_merchant(merchant, order))
    assert_in_progress(pay_as_merchant(merchant, order), payment["id"])
    assert_in_progress(pay(merchant, order), payment["id"])
    cloud.run(for_s=ENOUGH_S)
    assert_already_paid(pay_as_merchant(merchant, order))
    assert_already_paid(pay(merchant, order))
    assert payments(cloud, order) == ["success"]


@pytest.mark.parametrize("value", ["true", 1, None, {}])
def test_pay_once_must_be_true_or_false(merchant: Api, value: object):
    response = merchant.post("/orders", {"amount": 100, "pay_once": value})
    assert_bad_request(response, "pay_once must be true or false", "pay_once")


def test_an_expired_order_cannot_be_paid(cloud: Cloud, merchant: Api):
    order = merchant.order(expires_at="2026-03-14T15:10:00+00:00")
    assert order["expires_at"] == "2026-03-14T15:10:00.000Z"
    cloud.time.move_to(START + timedelta(seconds=33))
    payment = made(pay(merchant, order))
    cloud.time.move_to(START + timedelta(seconds=34))
    assert_in_progress(pay(merchant, order), payment["id"])
    cloud.acquirer.approves = False
    cloud.run(for_s=ENOUGH_S)
    for refused in (pay(merchant, order), pay_as_merchant(merchant, order)):
        assert_error(refused, 409, "ORDER_EXPIRED", "Order has expired", "order_id")


@pytest.mark.parametrize(
    "expires_at",
    ["2026-03-14T15:09:26Z", "2026-03-14T15:09:25Z", "2026-04-13T15:09:26.001Z", "9999-12-31T23:59:59Z"],
)
def test_expires_at_must_be_in_the_future_and_within_30_days(merchant: Api, expires_at: str):
    response = merchant.post("/orders", {"amount": 100, "expires_at": expires_at})
    description = "expires_at must be in the future and at most 30 days away"
    assert_bad_request(response, description, "expires_at")


@pytest.mark.parametrize(
    "expires_at", ["soon", "", "2026-03-15", "2026-03-15T00:00:00", 1_800_000_000, True, {}]
)
def test_expires_at_must_have_an_offset(merchant: Api, expires_at: object):
    response = merchant.post("/orders", {"amount": 100, "expires_at": expires_at})
    description = "expires_at must be an ISO-8601 time with its offset, like 2026-03-14T15:09:26Z"
    assert_bad_request(response, description, "expires_at")


def test_an_order_with_another_expiry_is_a_different_request(merchant: Api):
    body = {"amount": 500, "expires_at": "2026-03-15T00:00:00Z"}
    made(merchant.post("/orders", body, key="k"))
    same = merchant.post("/orders", body | {"expires_at": "2026-03-15T05:30:00+05:30"}, key="k")
    assert same.headers["Idempotent-Replayed"] == "true"
    assert merchant.post("/orders", {"amount": 500}, key="k").status_code == 422
    assert merchant.post("/orders", body | {"pay_once": True}, key="k").status_code == 422


def test_the_key_parameter_must_belong_to_the_orders_merchant(merchant: Api, stranger: Api, order: Json):
    assert public(merchant, order, f"?key={merchant.credentials['X-Api-Key']}")["id"] == order["id"]
    for wrong in (stranger.credentials["X-Api-Key"], "", "key_unknown"):
        response = merchant.anonymous.get(f"/orders/{order['id']}/public?key={wrong}")
        assert_bad_request(response, "key does not belong to the merchant of this order", "key")


def test_a_rejected_payment_writes_nothing(cloud: Cloud, merchant: Api, order: Json):
    made(pay(merchant, order))
    tables = cloud.gateway.settings.tables
    before = [cloud.rows(name) for name in (tables.orders, tables.payments, tables.idempotency_keys)]
    assert pay(merchant, order, key="k").status_code == 409
    after = [cloud.rows(name) for name in (tables.orders, tables.payments, tables.idempotency_keys)]
    assert after == before
