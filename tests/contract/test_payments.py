"""Payments as specified by the contract."""

import re
from typing import Any

import pytest
import requests

from chalicelib.acquirers.simulated.values import APPROVED_TEST_CARD, DECLINED_TEST_CARD
from tests.cloud import START
from tests.e2e.api import UPI, Api, assert_error, card

pytestmark = pytest.mark.contract("5")

GONE = "order_0000000000000000"
VALID_MONTH = f"{START.month:02}"
THIS_YEAR = START.year

each_address = pytest.mark.parametrize(
    "path",
    [
        pytest.param("/payments", marks=pytest.mark.contract("5", "POST /payments")),
        pytest.param("/payments/public", marks=pytest.mark.contract("5", "POST /payments/public")),
    ],
)


@pytest.fixture(scope="module")
def merchant(new_merchant) -> Api:
    """One for all tests, because no test depends on the objects of another."""
    made: Api = new_merchant()
    return made


def pay(merchant: Api, **body: Any) -> requests.Response:
    return merchant.post("/payments", {"order_id": merchant.order()["id"], **body})


@pytest.fixture
def order_id(merchant):
    return merchant.order(amount=12_345)["id"]


@each_address
def test_a_upi_payment_is_created_as_pending(merchant, order_id, path):
    payer = merchant.anonymous if path.endswith("public") else merchant
    response = payer.post(path, {"order_id": order_id, "method": "upi", "vpa": "Asha.Rao_1-2@OkBank9"})
    assert response.status_code == 201
    payment = response.json()
    assert re.fullmatch(r"pay_[A-Za-z0-9]{16}", payment["id"])
    assert payment == {
        "id": payment["id"],
        "order_id": order_id,
        "amount": 12_345,
        "currency": "INR",
        "method": "upi",
        "vpa": "Asha.Rao_1-2@OkBank9",
        "status": "pending",
        "created_at": payment["created_at"],
    }
    assert payment["created_at"].endswith("Z")


@each_address
def test_a_card_payment_has_the_network_and_the_last_four_digits(merchant, order_id, path):
    payer = merchant.anonymous if path.endswith("public") else merchant
    response = payer.post(path, {"order_id": order_id, **card()})
    assert response.status_code == 201
    payment = response.json()
    assert payment == {
        "id": payment["id"],
        "order_id": order_id,
        "amount": 12_345,
        "currency": "INR",
        "method": "card",
        "card_network": "visa",
        "card_last4": "1111",
        "status": "pending",
        "created_at": payment["created_at"],
    }


@pytest.mark.contract("6")
@pytest.mark.parametrize(
    ("number", "network"),
    [
        ("4111-1111-1111-1111", "visa"),
        ("4222222222222", "visa"),
        ("5555 5555 5555 4444", "mastercard"),
        ("378282246310005", "amex"),
        ("6011111111111117", "rupay"),
        ("6521000000000007", "rupay"),
        ("8100000000000002", "rupay"),
        ("8999999999999997", "rupay"),
        ("3530111333300000", "unknown"),
    ],
)
def test_the_network_is_derived_from_the_number(merchant, number, network):
    response = pay(merchant, **card(number=number))
    assert response.status_code == 201, response.text
    assert response.json()["card_network"] == network


@pytest.mark.contract("6")
@pytest.mark.parametrize(
    "expiry",
    [
        {"expiry_month": VALID_MONTH, "expiry_year": str(THIS_YEAR)},
        {"expiry_month": int(VALID_MONTH), "expiry_year": THIS_YEAR % 100},
        {"expiry_month": "1", "expiry_year": str(THIS_YEAR + 1)[2:]},
    ],
)
def test_a_card_is_valid_until_the_end_of_its_month_as_text_or_integer(merchant, expiry):
    assert pay(merchant, **card(**expiry)).status_code == 201


@pytest.mark.parametrize("missing", ["order_id", "method"])
@pytest.mark.parametrize("value", [..., None, "", 7])
def test_the_error_names_a_required_field_that_is_missing_or_of_the_wrong_type(merchant, missing, value):
    body = {"order_id": GONE, **UPI}
    if value is ...:
        del body[missing]
    else:
        body[missing] = value
    error = assert_error(merchant.post("/payments", body), 400, "BAD_REQUEST_ERROR", field=missing)
    assert missing in error["description"]


@pytest.mark.parametrize(("method", "field"), [("upi", "vpa"), ("card", "card")])
def test_the_fields_of_the_method_are_required_before_the_order_is_read(merchant, method, field):
    response = merchant.post("/payments", {"order_id": GONE, "method": method})
    assert_error(response, 400, "BAD_REQUEST_ERROR", f"{field} is required", field)


@pytest.mark.parametrize("field", ["number", "expiry_month", "expiry_year", "cvv", "holder_name"])
def test_every_field_of_a_card_is_required(merchant, field):
    body = {"order_id": GONE, **card()}
    del body["card"][field]
    assert_error(merchant.post("/payments", body), 400, "BAD_REQUEST_ERROR", field=f"card.{field}")


def test_the_order_is_read_before_the_method_is_validated(merchant):
    response = merchant.post("/payments", {"order_id": GONE, "method": "cash"})
    assert_error(response, 404, "NOT_FOUND_ERROR", "Order not found")


@pytest.mark.parametrize("method", ["cash", "UPI", "upi ", "netbanking"])
def test_an_unknown_method_is_rejected_before_the_instrument_is_validated(merchant, method):
    response = pay(merchant, method=method, vpa="no vpa", card=card(number="1")["card"])
    assert_error(response, 400, "BAD_REQUEST_ERROR", "Invalid payment method")


@pytest.mark.contract("3", "INVALID_VPA")
@pytest.mark.parametrize(
    "vpa", ["buyer", "buyer@", "@upi", "a b@upi", "buyer@upi\n", "a@b@c", "buyer@u.pi", "é@upi", ""]
)
def test_an_invalid_vpa_is_rejected(merchant, vpa):
    assert_error(pay(merchant, method="upi", vpa=vpa), 400, "INVALID_VPA", "Invalid VPA format")


@pytest.mark.contract("3", "INVALID_CARD")
@pytest.mark.parametrize(
    "number",
    ["4111111111111112", "411111111111", "4" * 20, "4111 1111 1111 111x", "\u0664111111111111111", "", "   "],
)
def test_an_invalid_card_number_is_rejected(merchant, number):
    assert_error(pay(merchant, **card(number=number)), 400, "INVALID_CARD", "Card validation failed")


def test_the_number_is_validated_before_the_expiry(merchant):
    response = pay(merchant, **card(number="4111111111111112", expiry_year=2001))
    assert_error(response, 400, "INVALID_CARD", "Card validation failed")


@pytest.mark.contract("3", "EXPIRED_CARD")
@pytest.mark.parametrize(
    "expiry",
    [
        {"expiry_year": THIS_YEAR - 1},
        {"expiry_year": 20},
        {"expiry_month": 0},
        {"expiry_month": "13"},
        {"expiry_month": "-1"},
        {"expiry_month": "XII"},
        {"expiry_year": "020"},
    ],
)
def test_a_past_or_invalid_expiry_is_rejected(merchant, expiry):
    assert_error(pay(merchant, **card(**expiry)), 400, "EXPIRED_CARD", "Card expiry date invalid")


def test_the_error_for_a_rejected_card_contains_no_card_data(merchant):
    response = pay(merchant, **card(number="4111111111111112", cvv="9876543210"))
    assert "41111111" not in response.text
    assert "9876543210" not in response.text


def test_an_order_may_be_paid_several_times(merchant, order_id):
    bodies = [merchant.post("/payments", {"order_id": order_id, **UPI}).json() for _ in range(2)]
    assert bodies[0]["id"] != bodies[1]["id"]


@pytest.mark.contract("7", "GET /payments/{payment_id}")
@pytest.mark.parametrize("instrument", [UPI, card()], ids=["upi", "card"])
def test_a_payment_succeeds_after_its_delay(merchant, instrument):
    created = merchant.payment(**instrument)
    pending = merchant.get(f"/payments/{created['id']}").json()
    assert pending["status"] == "pending"
    settled = merchant.settled(created["id"])
    assert settled == {
        **created,
        "status": "success",
        "acquirer": settled["acquirer"],
        "acquirer_reference": settled["acquirer_reference"],
        **({"authentication": {"result": "not_required"}} if created["method"] == "card" else {}),
        "display_status": "success",
        "captured": False,
        "amount_refunded": 0,
        "settled_at": settled["updated_at"],
        "captured_at": None,
        "updated_at": settled["updated_at"],
    }
    assert settled["updated_at"] > created["created_at"]


@pytest.mark.contract("7")
@pytest.mark.parametrize(
    ("instrument", "status"),
    [
        ({"method": "upi", "vpa": "success@bank"}, "success"),
        ({"method": "upi", "vpa": "failure@bank"}, "failed"),
        (card(number=APPROVED_TEST_CARD), "success"),
        (card(number=DECLINED_TEST_CARD), "failed"),
    ],
)
def test_in_test_mode_the_instrument_decides(merchant, instrument, status):
    assert merchant.settled(merchant.payment(**instrument)["id"])["status"] == status


@pytest.mark.contract("7")
def test_a_failed_payment_has_an_error(merchant):
    settled = merchant.settled(merchant.payment(vpa="failure@upi")["id"])
    assert settled["status"] == "failed"
    assert settled["error_code"] == "PAYMENT_FAILED"
    assert settled["error_description"]


@pytest.mark.contract("5", "GET /payments/{payment_id}/public")
def test_the_public_payment_contains_no_private_fields(merchant):
    created = merchant.payment()
    merchant.settled(created["id"])
    response = merchant.anonymous.get(f"/payments/{created['id']}/public")
    assert response.status_code == 200
    public = response.json()
    assert public["status"] == "success"
    assert {"id", "order_id", "amount", "currency", "method", "status"} <= set(public)
    assert set(public) <= set(merchant.get(f"/payments/{created['id']}").json()) - {"vpa"}


@pytest.mark.parametrize("suffix", ["", "/public"])
def test_an_unknown_payment_is_not_found(merchant, suffix):
    response = merchant.get(f"/payments/pay_0000000000000000{suffix}")
    assert_error(response, 404, "NOT_FOUND_ERROR", "Payment not found")


def test_a_public_payment_of_an_unknown_order_is_rejected(merchant):
    response = merchant.anonymous.post("/payments/public", {"order_id": GONE, **UPI})
    assert_error(response, 404, "NOT_FOUND_ERROR", "Order not found")
