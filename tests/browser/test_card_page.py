"""Orders whose card is entered on a page of the acquirer."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.buyer import Buyer
from tests.browser.mocked_payment import BANK, MockedPayment
from tests.browser.shop_page import ShopPage
from tests.browser.test_accessibility import VARIANTS, Walk

CARD_PAGE = f"{BANK}/c/1"
FIELDS = ("card-number-input", "expiry-input", "cvv-input", "cardholder-name-input")


@pytest.fixture(autouse=True)
def _own_hosts(watch):
    watch.hosts |= {"bank.example"}


def opened(page: Page, address: str) -> Buyer:
    page.goto(address)
    expect(page.get_by_test_id("order-amount")).to_have_text("₹500.00")
    return Buyer(page)


def with_card_page(payment: MockedPayment) -> None:
    payment.order_fields = {"card_entry": "page"}
    payment.ask_for_authentication(url=CARD_PAGE, embeddable=False)


def test_the_form_leads_to_the_card_page_and_has_no_fields(page, payment, address, watch):
    with_card_page(payment)
    buyer = opened(page, address)
    buyer.part("method-card").click()
    for field in FIELDS:
        expect(buyer.part(field)).to_be_hidden()
    expect(buyer.part("card-page")).to_contain_text("secure page of the payment provider")
    expect(buyer.card_button).to_have_text("Continue to card page")
    buyer.card_button.click()
    state, link = buyer.part("challenge-state"), buyer.part("challenge-link")
    expect(state.get_by_role("heading")).to_have_text("Continue in a new tab")
    expect(buyer.part("challenge-message")).to_contain_text("the payment page opens there")
    expect(link).to_have_attribute("href", CARD_PAGE)
    with page.expect_popup() as provider:
        link.click()
    assert provider.value.url == CARD_PAGE
    assert provider.value.evaluate("() => opener") is None
    payment.settle("success")
    expect(buyer.part("success-state")).to_be_visible()
    assert watch.bodies_posted_to("/payments/public") == [{"order_id": payment.order["id"], "method": "card"}]


def test_the_card_page_can_be_reached_with_the_keyboard_only(page, payment, address):
    with_card_page(payment)
    buyer = opened(page, address)
    buyer.part("method-card").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(buyer.card_button).to_be_focused()
    page.keyboard.press("Enter")
    expect(buyer.part("challenge-state").get_by_role("heading")).to_be_focused()


def test_a_failed_payment_can_be_repeated_on_the_card_page(page, payment, address):
    with_card_page(payment)
    buyer = opened(page, address)
    buyer.part("method-card").click()
    buyer.card_button.click()
    expect(buyer.part("challenge-state")).to_be_visible()
    payment.settle("failed", decline_code="processing_error", retry="later")
    buyer.part("retry-button").click()
    expect(buyer.card_button).to_have_text("Continue to card page")
    expect(buyer.card_button).to_be_focused()
    expect(buyer.part("card-number-input")).to_be_hidden()


def test_a_reload_continues_with_the_card_page(page, payment, address, watch):
    with_card_page(payment)
    buyer = opened(page, address)
    buyer.part("method-card").click()
    buyer.card_button.click()
    expect(buyer.part("challenge-link")).to_be_visible()
    page.reload()
    expect(buyer.part("challenge-link")).to_have_attribute("href", CARD_PAGE)
    assert len(watch.bodies_posted_to("/payments/public")) == 1


@pytest.mark.parametrize("order_fields", [{"card_entry": "number"}, {}], ids=["number", "older API"])
def test_without_a_card_page_the_form_has_its_fields(page, payment, address, order_fields):
    payment.order_fields = order_fields
    buyer = opened(page, address)
    buyer.part("method-card").click()
    for field in FIELDS:
        expect(buyer.part(field)).to_be_visible()
    expect(buyer.part("card-page")).to_be_hidden()
    expect(buyer.card_button).to_have_text("Pay ₹500.00")


def test_an_order_without_cards_offers_only_upi(page, payment, address):
    payment.order_fields = {"card_entry": None}
    buyer = opened(page, address)
    expect(buyer.part("method-card")).to_be_hidden()
    expect(buyer.part("upi-form")).to_be_visible()


def test_the_buyer_and_the_shop_learn_that_no_method_can_pay_the_order(shop: ShopPage, payment):
    payment.order_fields, payment.upi_flows = {"card_entry": None}, []
    buyer = shop.open().checkout
    expect(buyer.part("error-state")).to_contain_text("This order cannot be paid here")
    expect(buyer.part("retry-button")).to_be_hidden()
    ((_, failure),) = shop.calls_named("failure")
    assert failure["reason"] == "not_started"


@pytest.mark.parametrize(
    "variant", ["desktop-light", "desktop-dark", "narrow-light", "narrow-dark", "phone-light"]
)
def test_the_states_of_the_card_page_are_accessible(gateway, order, new_context, shoot, variant: str):
    options: dict[str, Any] = VARIANTS[variant]
    page = new_context(**options).new_page()
    payment = MockedPayment(gateway.api_url, order)
    payment.over(page)
    with_card_page(payment)
    walk, buyer = Walk(page, f"card-page-{variant}", shoot), Buyer(page)
    opened(page, f"{gateway.checkout_url}/checkout?order_id={order['id']}")
    buyer.part("method-card").click()
    walk.check("form")
    buyer.card_button.click()
    expect(buyer.part("challenge-link")).to_be_visible()
    walk.check("action")
