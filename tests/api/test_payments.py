"""``/payments``."""

import re

import pytest
from chalice.test import HTTPResponse

from tests.api.client import (
    TIME,
    UPI,
    VISA,
    Api,
    Json,
    assert_bad_request,
    assert_error,
    card,
    made,
    shown,
    without,
)
from tests.cloud import Cloud

ADDRESSES = ["/payments", "/payments/public"]
both_addresses = pytest.mark.parametrize("address", ADDRESSES)
MASTERCARD, AMEX, RUPAY, OTHER = "5555555555554444", "378282246310005", "6521111111111110", "3530111333300000"


@pytest.fixture
def order_id(merchant: Api) -> str:
    return str(merchant.order()["id"])


def at(address: str, merchant: Api) -> Api:
    """The client for ``address``: without credentials for the public route."""
    return merchant.anonymous if address.endswith("/public") else merchant


def assert_no_payment(response: HTTPResponse) -> None:
    assert_error(response, 404, "NOT_FOUND_ERROR", "Payment not found")


def assert_no_order(response: HTTPResponse) -> None:
    assert_error(response, 404, "NOT_FOUND_ERROR", "Order not found")


@both_addresses
def test_a_upi_payment_is_created_as_pending(merchant: Api, order_id: str, address: str):
    payment = made(at(address, merchant).post(address, {"order_id": order_id, **UPI}))
    assert re.fullmatch(r"pay_[A-Za-z0-9]{16}", payment["id"])
    assert payment == {
        "id": payment["id"],
        "order_id": order_id,
        "amount": 50_000,
        "currency": "INR",
        "method": "upi",
        "vpa": "buyer@bank",
        "status": "pending",
        "created_at": TIME,
    }


@both_addresses
def test_a_card_payment_has_the_network_and_the_last_digits(merchant: Api, order_id: str, address: str):
    payment = made(at(address, merchant).post(address, {"order_id": order_id, **card()}))
    assert payment == {
        "id": payment["id"],
        "order_id": order_id,
        "amount": 50_000,
        "currency": "INR",
        "method": "card",
        "card_network": "visa",
        "card_last4": "1111",
        "status": "pending",
        "created_at": TIME,
    }


@pytest.mark.parametrize(
    ("number", "network"),
    [(VISA, "visa"), (MASTERCARD, "mastercard"), (AMEX, "amex"), (RUPAY, "rupay"), (OTHER, "unknown")],
)
def test_the_network_is_derived_from_the_number(merchant: Api, number: str, network: str):
    payment = merchant.payment(**card(number=number))
    assert (payment["card_network"], payment["card_last4"]) == (network, number[-4:])


@both_addresses
def test_amount_and_currency_are_taken_from_the_order(merchant: Api, address: str):
    order = merchant.order(amount=12_345, currency="USD")
    body = {"order_id": order["id"], **card(), "amount": 1, "currency": "INR", "status": "success"}
    payment = made(at(address, merchant).post(address, body))
    assert (payment["amount"], payment["currency"], payment["status"]) == (12_345, "USD", "pending")


def test_an_order_may_have_several_payments(merchant: Api, order_id: str):
    ids = {merchant.payment(order_id=order_id)["id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize("month", ["3", "03", 3])
@pytest.mark.parametrize("year", ["26", "2026", 26, 2026])
def test_the_expiry_may_be_text_or_integers_and_the_current_month_is_valid(
    merchant: Api, month: str | int, year: str | int
):
    merchant.payment(**card(expiry_month=month, expiry_year=year))


@pytest.mark.parametrize("field", ["expiry_month", "expiry_year"])
@pytest.mark.parametrize(
    ("value", "description"),
    [
        (True, "must be text"),
        (1.0, "must be text"),
        (None, "must be text"),
        ("1" * 256, "must be at most 255 characters"),
        (10**300, "must be at most 255 characters"),
    ],
    ids=["boolean", "fraction", "null", "long text", "large integer"],
)
def test_an_expiry_that_is_neither_text_nor_an_integer_is_rejected(
    merchant: Api, order_id: str, field: str, value: object, description: str
):
    response = merchant.post("/payments", {"order_id": order_id, **card(**{field: value})})
    assert_bad_request(response, f"card.{field} {description}", f"card.{field}")


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "4111-1111-1111-1111", " 4111-1111 1111 1111 "])
def test_a_card_number_may_contain_spaces_and_hyphens(merchant: Api, number: str):
    assert merchant.payment(**card(number=number))["card_last4"] == "1111"


@both_addresses
@pytest.mark.parametrize(
    ("body", "path"),
    [
        (UPI, ["order_id"]),
        (UPI, ["method"]),
        (UPI, ["vpa"]),
        (card(), ["card"]),
        *[(card(), ["card", field]) for field in card()["card"]],
    ],
    ids=lambda value: ".".join(value) if isinstance(value, list) else value["method"],
)
def test_the_error_names_the_missing_field(merchant: Api, address: str, body: Json, path: list[str]):
    """Required fields are validated before the order is read, which does not exist here."""
    sent = without({"order_id": "order_0000000000000000", **body}, *path)
    field = ".".join(path)
    assert_bad_request(at(address, merchant).post(address, sent), f"{field} is required", field)


@pytest.mark.parametrize(
    ("body", "field", "description"),
    [
        ({**UPI, "order_id": 5}, "order_id", "order_id must be text"),
        ({**UPI, "order_id": ""}, "order_id", "order_id is required"),
        ({**UPI, "order_id": None}, "order_id", "order_id must be text"),
        ({**UPI, "order_id": "o" * 256}, "order_id", "order_id must be at most 255 characters"),
        ({**UPI, "method": 5}, "method", "method must be text"),
        ({**UPI, "method": ""}, "method", "method is required"),
        ({**UPI, "vpa": None}, "vpa", "vpa is required"),
        ({**UPI, "vpa": ["buyer@bank"]}, "vpa", "vpa must be text"),
        ({"method": "card", "card": None}, "card", "card is required"),
        ({"method": "card", "card": VISA}, "card", "card must be an object"),
        (card(number=int(VISA)), "card.number", "card.number must be text"),
        (card(cvv=737), "card.cvv", "card.cvv must be text"),
        (card(holder_name=""), "card.holder_name", "card.holder_name is required"),
        (card(holder_name="n" * 256), "card.holder_name", "card.holder_name must be at most 255 characters"),
    ],
)
def test_the_error_describes_the_invalid_field(
    merchant: Api, order_id: str, body: Json, field: str, description: str
):
    assert_bad_request(merchant.post("/payments", {"order_id": order_id, **body}), description, field)


@both_addresses
@pytest.mark.parametrize("method", ["cash", "UPI", "upi "])
def test_an_invalid_method_is_rejected(merchant: Api, order_id: str, address: str, method: str):
    response = at(address, merchant).post(address, {"order_id": order_id, **UPI, "method": method})
    assert_bad_request(response, "Invalid payment method", "method")


@both_addresses
@pytest.mark.parametrize("vpa", ["", "buyer", "@bank", "buyer@", "buyer@ok-bank", "buyer@bank\n", "b r@bank"])
def test_an_invalid_vpa_is_rejected(merchant: Api, order_id: str, address: str, vpa: str):
    response = at(address, merchant).post(address, {"order_id": order_id, "method": "upi", "vpa": vpa})
    assert_error(response, 400, "INVALID_VPA", "Invalid VPA format", "vpa")


@both_addresses
@pytest.mark.parametrize("number", ["", "4111111111111112", "411111111111", "4111x1111111x1111", "0" * 20])
def test_an_invalid_card_number_is_rejected(merchant: Api, order_id: str, address: str, number: str):
    response = at(address, merchant).post(address, {"order_id": order_id, **card(number=number)})
    assert_error(response, 400, "INVALID_CARD", "Card validation failed", "card.number")


@both_addresses
@pytest.mark.parametrize("cvv", ["", "12", "12345", "abc"])
def test_an_invalid_cvv_is_rejected(merchant: Api, order_id: str, address: str, cvv: str):
    response = at(address, merchant).post(address, {"order_id": order_id, **card(cvv=cvv)})
    assert_error(response, 400, "INVALID_CARD", "Card validation failed", "card.cvv")


@both_addresses
@pytest.mark.parametrize(
    "expiry",
    [("02", "2026"), (2, 26), ("12", "25"), ("13", "2030"), (0, 2030), ("", "2030"), ("12", 5), (12, 10**30)],
)
def test_a_past_or_invalid_expiry_is_rejected(
    merchant: Api, order_id: str, address: str, expiry: tuple[object, object]
):
    month, year = expiry
    body = {"order_id": order_id, **card(expiry_month=month, expiry_year=year)}
    response = at(address, merchant).post(address, body)
    assert_error(response, 400, "EXPIRED_CARD", "Card expiry date invalid", "card.expiry_year")


@both_addresses
def test_validation_follows_the_order_of_the_contract(merchant: Api, order_id: str, address: str):
    """Required fields, the order, the method, the VPA or the number, the expiry."""
    payer, nowhere = at(address, merchant), "order_0000000000000000"
    expired = card(expiry_year="2020")
    wrong_card = card(number="4111111111111112", expiry_year="2020")
    assert_bad_request(payer.post(address, {"order_id": nowhere, "method": "upi"}), "vpa is required", "vpa")
    assert_no_order(payer.post(address, {"order_id": nowhere, "method": "cash"}))
    assert_no_order(payer.post(address, {"order_id": nowhere, "method": "upi", "vpa": "none"}))
    assert_no_order(payer.post(address, {"order_id": nowhere, **wrong_card}))
    method = payer.post(address, {"order_id": order_id, **wrong_card, "method": "cash", "vpa": "none"})
    assert_bad_request(method, "Invalid payment method", "method")
    number = payer.post(address, {"order_id": order_id, **wrong_card})
    assert_error(number, 400, "INVALID_CARD", "Card validation failed", "card.number")
    expiry = payer.post(address, {"order_id": order_id, **expired})
    assert_error(expiry, 400, "EXPIRED_CARD", "Card expiry date invalid", "card.expiry_year")


@both_addresses
def test_upi_accepts_only_inr_orders(merchant: Api, address: str):
    payer, order = at(address, merchant), merchant.order(currency="EUR")
    for vpa in ("buyer@bank", "none", "4111111111111111@upi"):
        refused = payer.post(address, {"order_id": order["id"], "method": "upi", "vpa": vpa})
        assert_bad_request(refused, "Orders in EUR cannot be paid by upi", "method")
    nowhere = payer.post(address, {"order_id": "order_0000000000000000", **UPI})
    assert_no_order(nowhere)
    assert shown(merchant.get("/payments"))["data"] == []
    assert made(payer.post(address, {"order_id": order["id"], **card()}))["currency"] == "EUR"


@both_addresses
@pytest.mark.parametrize("text", [VISA, "4111 1111-1111 1111", f"Asha {AMEX} Rao", "1234567890128"])
def test_a_card_number_as_the_holder_name_is_rejected(merchant: Api, order_id: str, address: str, text: str):
    response = at(address, merchant).post(address, {"order_id": order_id, **card(holder_name=text)})
    assert_bad_request(response, "card.holder_name must not contain a card number", "card.holder_name")


@both_addresses
@pytest.mark.parametrize("vpa", [f"{VISA}@upi", "4111-1111-1111-1111@upi", f"buyer.{AMEX}@bank", f"a@{VISA}"])
def test_a_card_number_as_the_vpa_is_rejected(merchant: Api, order_id: str, address: str, vpa: str):
    response = at(address, merchant).post(address, {"order_id": order_id, "method": "upi", "vpa": vpa})
    assert_error(response, 400, "INVALID_VPA", "vpa must not contain a card number", "vpa")


def test_an_order_of_another_merchant_cannot_be_paid(stranger: Api, order_id: str):
    assert_no_order(stranger.post("/payments", {"order_id": order_id, **UPI}))


def test_a_public_payment_belongs_to_the_orders_merchant(merchant: Api, stranger: Api, order_id: str):
    payment = made(merchant.anonymous.post("/payments/public", {"order_id": order_id, **UPI}))
    shown(merchant.get(f"/payments/{payment['id']}"))
    assert_no_payment(stranger.get(f"/payments/{payment['id']}"))


@pytest.mark.parametrize("method", [UPI, card()], ids=["upi", "card"])
def test_a_pending_payment_has_all_fields_except_an_error(merchant: Api, method: Json):
    payment = merchant.payment(**method)
    assert shown(merchant.get(f"/payments/{payment['id']}")) == {
        **payment,
        "acquirer": "recording",
        "display_status": "pending",
        "captured": False,
        "amount_refunded": 0,
        "settled_at": None,
        "captured_at": None,
        "updated_at": TIME,
    }


def test_a_successful_payment_has_its_time_of_success(cloud: Cloud, merchant: Api):
    payment = merchant.payment()
    cloud.run(for_s=10)
    settled = shown(merchant.get(f"/payments/{payment['id']}"))
    assert settled == {
        **payment,
        "status": "success",
        "acquirer": "recording",
        "acquirer_reference": f"ref_charge:{payment['id']}",
        "display_status": "success",
        "captured": False,
        "amount_refunded": 0,
        "settled_at": settled["updated_at"],
        "captured_at": None,
        "updated_at": settled["updated_at"],
    }
    assert "2026-03-14T15:09:31.000Z" <= settled["updated_at"] <= "2026-03-14T15:09:36.000Z"


def test_a_failed_payment_has_an_error(cloud: Cloud, merchant: Api):
    cloud.acquirer.approves = False
    payment = merchant.payment(**card())
    cloud.run(for_s=10)
    settled = shown(merchant.get(f"/payments/{payment['id']}"))
    assert (settled["status"], settled["error_code"]) == ("failed", "PAYMENT_FAILED")
    assert settled["error_description"] == "Declined"
    assert (settled["decline_code"], settled["retry"]) == ("card_declined", "other_method")
    assert settled["settled_at"] == settled["updated_at"] > settled["created_at"]


@pytest.mark.parametrize("approves", [True, False])
@pytest.mark.parametrize("method", [UPI, card()], ids=["upi", "card"])
def test_the_public_payment_contains_no_buyer_or_merchant_data(
    cloud: Cloud, merchant: Api, method: Json, approves: bool
):
    cloud.acquirer.approves = approves
    payment = merchant.payment(**method)
    cloud.run(for_s=10)
    public = shown(merchant.anonymous.get(f"/payments/{payment['id']}/public"))
    private = shown(merchant.get(f"/payments/{payment['id']}"))
    fields = {"id", "order_id", "amount", "currency", "method", "status", "created_at", "updated_at"}
    fields |= set() if approves else {"error_code", "error_description", "decline_code", "retry"}
    assert public == {name: private[name] for name in fields}


def test_a_payment_of_another_merchant_has_the_same_error_as_an_unknown_payment(merchant: Api, stranger: Api):
    assert_no_payment(stranger.get(f"/payments/{merchant.payment()['id']}"))
    assert_no_payment(stranger.get("/payments/pay_0000000000000000"))


@pytest.mark.parametrize("payment_id", ["none", "%C3%A9", "order_0000000000000000"])
def test_an_unknown_payment_is_not_found(merchant: Api, payment_id: str):
    assert_no_payment(merchant.get(f"/payments/{payment_id}"))
    assert_no_payment(merchant.anonymous.get(f"/payments/{payment_id}/public"))
