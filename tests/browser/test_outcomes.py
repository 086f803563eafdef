"""The text for every outcome, and the way back to the shop with the signed outcome."""

import re

import pytest
from playwright.sync_api import Page, expect

from chalicelib.domain.decline import RETRY, DeclineCode, Retry
from tests.browser.buyer import Buyer
from tests.browser.mocked_payment import MockedPayment
from tests.browser.shop_page import ShopPage

SHOP = "https://shop.example/thanks"
SIGNED = f"{SHOP}?basket=1&payment_id=pay_1&order_id=order_1&status=success&timestamp=1&signature=abc"
UPI_CODES = {DeclineCode.EXPIRED}
NEXT = {
    Retry.LATER: re.compile("Try again"),
    Retry.OTHER_METHOD: re.compile("^(?!.*[Tt]ry again).*Use another card, or pay another way"),
    Retry.NEVER: re.compile("^(?!.*[Tt]ry again).*Do not use this card again. Pay another way"),
}


def failed(payment: MockedPayment, code: str, retry: str, description: str | None = None) -> None:
    payment.settle("failed", error_code="PAYMENT_FAILED", decline_code=code, retry=retry)
    if description:
        payment.fields["error_description"] = description


@pytest.fixture
def retried(page, payment, address):
    """A function that continues a failed card payment, and returns the page."""

    def open_page(code: str, retry: str, method: str = "card") -> Buyer:
        failed(payment, code, retry)
        payment.is_open, payment.method = True, method
        page.goto(address)
        buyer = Buyer(page)
        expect(buyer.part("error-state")).to_be_visible()
        return buyer

    return open_page


def test_every_decline_says_what_happened_that_there_is_no_charge_and_what_to_do(page, retried):
    titles = set()
    for code in DeclineCode:
        buyer = retried(code, RETRY[code])
        message = buyer.part("error-message")
        expect(message).to_have_text(re.compile(r"^[A-Z].+\. You were not charged\. .+\.$"))
        if code not in UPI_CODES:
            expect(message).to_have_text(NEXT[RETRY[code]])
        label = "Try again" if RETRY[code] is Retry.LATER else "Pay another way"
        expect(buyer.part("retry-button")).to_have_text(label)
        titles.add(page.locator("#error-title").inner_text())
    assert "Payment failed" not in titles
    assert len(titles) >= len(DeclineCode) - 1  # a suspected fraud is a declined payment for the buyer


def test_the_reason_from_the_api_is_shown(page, payment, address):
    failed(payment, "limit_exceeded", "other_method", "The payment exceeds your daily limit")
    payment.is_open = True
    page.goto(address)
    expect(Buyer(page).part("error-message")).to_have_text(
        "The payment exceeds your daily limit. You were not charged. Use another UPI ID, or pay by card."
    )


def test_a_code_of_a_later_api_has_a_general_text(retried):
    buyer = retried("code_of_a_later_version", "later")
    expect(buyer.part("error-message")).to_have_text(
        "Your payment did not go through. You were not charged. Try again later, or pay another way."
    )


def test_a_payment_without_a_code_has_the_general_text(page, payment, address):
    payment.settle("failed", error_description="Your bank declined the payment")
    payment.is_open = True
    page.goto(address)
    buyer = Buyer(page)
    expect(buyer.part("error-message")).to_have_text(
        "Your bank declined the payment. You can try again, or pay another way."
    )
    expect(buyer.part("retry-button")).to_have_text("Try again")


@pytest.mark.parametrize(("code", "retry"), [("expired_card", "other_method"), ("fraud_suspected", "never")])
def test_a_card_that_would_fail_again_leads_to_upi(retried, code, retry):
    buyer = retried(code, retry)
    buyer.part("retry-button").click()
    expect(buyer.part("method-upi")).to_have_attribute("aria-pressed", "true")
    expect(buyer.part("upi-form")).to_be_visible()
    expect(buyer.view.locator("#note")).to_have_text(re.compile("another"))


def test_a_card_that_can_be_tried_again_leads_to_the_card_form(page, payment, address):
    failed(payment, "incorrect_cvc", "later")
    page.goto(address)
    buyer = Buyer(page)
    buyer.pay_by_card()
    buyer.part("retry-button").click()
    expect(buyer.part("card-form")).to_be_visible()
    expect(buyer.view.locator("#note")).to_be_hidden()


def test_the_shop_receives_the_text_for_the_buyer(shop: ShopPage, payment):
    failed(payment, "insufficient_funds", "other_method", "Your account does not have enough money")
    buyer = shop.open().checkout
    buyer.pay_by_upi()
    expect(buyer.part("error-state")).to_be_visible()
    ((_, failure),) = shop.calls_named("failure")
    assert failure["error"] == buyer.part("error-message").inner_text()
    assert failure["description"] == "Your account does not have enough money"
    expect(shop.checkout.view.get_by_role("link")).to_have_count(0)


def ways_back(page: Page) -> set[str | None]:
    return {
        link.get_attribute("href") for link in page.get_by_role("link", name="Back to shop.example").all()
    }


@pytest.mark.parametrize("status", ["success", "failed"])
def test_the_way_back_has_the_signed_outcome(page, payment, address, watch, status):
    page.goto(f"{address}&return_url={SHOP}")
    buyer = Buyer(page)
    expect(buyer.part("order-amount")).to_have_text("₹500.00")
    assert ways_back(page) == {SHOP}
    buyer.pay_by_upi()
    expect(buyer.part("processing-state")).to_be_visible()
    assert ways_back(page) == {SHOP}
    payment.settle(status, return_url=SIGNED)
    state = buyer.part("success-state" if status == "success" else "error-state")
    expect(state.get_by_role("link", name="Back to shop.example")).to_have_attribute("href", SIGNED)
    assert ways_back(page) == {SIGNED}
    page.reload()
    expect(state.get_by_role("link", name="Back to shop.example")).to_have_attribute("href", SIGNED)
    (body,) = watch.bodies_posted_to("/payments/public")
    assert body["return_url"] == SHOP
    if status == "failed":  # a new payment has no outcome
        buyer.part("retry-button").click()
        payment.settle("pending")
        buyer.pay_by_upi()
        expect(buyer.part("processing-state")).to_be_visible()
        assert ways_back(page) == {SHOP}


def test_a_return_url_that_the_api_rejects_does_not_prevent_the_payment(page, payment, address, watch):
    watch.forgive("status of 400")
    payment.refusals = [{"description": "not registered", "field": "return_url"}]
    payment.settle("success")
    page.goto(f"{address}&return_url={SHOP}")
    buyer = Buyer(page)
    buyer.pay_by_upi()
    expect(buyer.part("success-state").get_by_role("link")).to_have_attribute("href", SHOP)
    first, second = watch.bodies_posted_to("/payments/public")
    assert (first.pop("return_url"), first) == (SHOP, second)
    posted = [each for each in watch.requests if each.method == "POST"]
    assert len({each.headers["idempotency-key"] for each in posted}) == len(posted)


def test_a_return_url_that_is_not_a_web_address_is_not_sent(page, payment, address, watch):
    payment.settle("success", return_url="javascript:alert(1)")
    page.goto(f"{address}&return_url=javascript:alert(1)")
    buyer = Buyer(page)
    buyer.pay_by_upi()
    expect(buyer.part("success-state")).to_be_visible()
    expect(page.get_by_role("link")).to_have_count(0)
    (body,) = watch.bodies_posted_to("/payments/public")
    assert "return_url" not in body


def test_in_the_shops_frame_there_is_no_way_back(shop: ShopPage, payment):
    payment.settle("failed", return_url=SIGNED)
    buyer = shop.open().checkout
    buyer.pay_by_upi()
    expect(buyer.part("error-state")).to_be_visible()
    expect(buyer.view.get_by_role("link")).to_have_count(0)
