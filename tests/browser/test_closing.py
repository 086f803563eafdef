"""Closing the checkout: the page asks for confirmation during a payment, and the shop gets the reason."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.buyer import Buyer
from tests.browser.held import hold_payments
from tests.browser.pages import render
from tests.browser.shop_page import ShopPage
from tests.e2e.api import eventually

# The SDK handles the same message, so it knows of the payment as soon as this is set.
RECORD_PROGRESS = """() => {
  window.progress = null;
  addEventListener("message", ({ data }) => {
    if (data?.type === "payment_progress") window.progress = data.data;
  });
}"""
BUYERS_WAYS = ["button", "escape", "escape in the page", "message"]


@pytest.fixture
def processing(shop):
    """A checkout with a payment in progress."""
    return pay(shop)


def pay(shop: ShopPage) -> ShopPage:
    hold_payments(shop.page)
    shop.page.evaluate(RECORD_PROGRESS)
    shop.open().checkout.pay_by_upi()
    expect(shop.checkout.part("processing-message")).to_contain_text("Waiting")
    shop.page.wait_for_function("progress?.isProcessing && progress.paymentId")
    return shop


@pytest.mark.parametrize("way", BUYERS_WAYS)
def test_closing_during_a_payment_asks_for_confirmation(processing, way, merchant, shoot):
    processing.close_by(way)
    question = processing.checkout.part("close-question")
    expect(question).to_be_visible()
    expect(question.get_by_role("button", name="Keep waiting")).to_be_focused()
    assert axe.violations(processing.page.frames[-1]) == []
    shoot(processing.page, "sdk-close-question")
    processing.page.wait_for_timeout(2_500)  # longer than the SDK waits for an unresponsive page
    expect(processing.modal).to_be_visible()
    assert processing.calls() == []
    question.get_by_role("button", name="Close anyway").click()
    ((_, closed),) = processing.calls_named("close")
    (payment,) = merchant.get("/payments").json()["data"]
    assert closed == {"reason": "buyer", "paymentId": payment["id"]}
    expect(processing.modal).to_have_count(0)


def test_the_confirmation_works_with_the_keyboard(processing):
    question = processing.checkout.part("close-question")
    keyboard = processing.page.keyboard
    for answer in ("Enter", "Escape"):
        processing.close_by("button")
        expect(question.get_by_role("button", name="Keep waiting")).to_be_focused()
        keyboard.press(answer)
        expect(question).to_be_hidden()
    for _ in range(4):  # browsers close a dialog on a second Escape without asking its page
        processing.close_button.focus()
        keyboard.press("Escape")
    assert processing.calls() == []
    eventually(lambda: is_open_after_escape(processing))
    keyboard.press("Tab")
    keyboard.press("Enter")
    processing.calls_named("close")


def is_open_after_escape(processing: ShopPage) -> bool:
    """Press Escape unless the question is open. A key closes the question if it arrives after the focus."""
    question = processing.checkout.part("close-question")
    if not question.is_visible():
        processing.close_button.focus()
        processing.page.keyboard.press("Escape")
    return question.is_visible()


def test_the_confirmation_closes_when_the_payment_is_settled(processing):
    processing.close_by("button")
    expect(processing.checkout.part("close-question")).to_be_visible()
    processing.page.unroute_all()
    processing.calls_named("success", "close")


def test_the_shops_page_can_close_the_checkout_immediately(processing, merchant):
    processing.page.evaluate("() => gateway.close()")
    ((_, closed),) = processing.calls_named("close")
    (payment,) = merchant.get("/payments").json()["data"]
    assert closed == {"reason": "merchant", "paymentId": payment["id"]}


def test_closing_after_a_failed_payment_asks_for_no_confirmation(shop):
    shop.open().checkout.pay_by_upi("failure@upi")
    expect(shop.checkout.part("error-state")).to_be_visible()
    shop.close_button.click()
    assert shop.calls_named("failure", "close")[1][1] == {"reason": "buyer", "paymentId": None}


def test_an_unresponsive_page_can_be_closed(shop):
    shop.page.add_init_script(
        "addEventListener('message', (event) => {"
        "  if (event.data?.type === 'close_requested') event.stopImmediatePropagation();"
        "});"
    )
    shop.page.reload()
    pay(shop).close_button.click()
    shop.calls_named("close")


def test_escape_during_composition_does_not_close_the_checkout(shop):
    shop.open().checkout.part("vpa-input").click()
    for event in ("{ isComposing: true }", "{ keyCode: 229 }"):
        shop.checkout.part("vpa-input").evaluate(
            "(input) => input.dispatchEvent(new KeyboardEvent('keydown',"
            f" {{ key: 'Escape', bubbles: true, ...{event} }}))"
        )
    shop.page.wait_for_timeout(200)
    expect(shop.modal).to_be_visible()
    shop.page.keyboard.press("Escape")
    expect(shop.modal).to_have_count(0)


def test_an_old_sdk_copy_gets_only_the_contracts_messages(gateway, site, page, options):
    frame = f"{gateway.checkout_url}/checkout?order_id={options['orderId']}"
    old = render("old_sdk.html", checkout=gateway.checkout_url, frame=frame, referrer="no-referrer")
    page.goto(site.put("/old", old))
    hold_payments(page)
    buyer = Buyer(page.frame_locator("iframe"))
    buyer.pay_by_upi()
    expect(buyer.part("processing-message")).to_contain_text("Waiting")
    buyer.part("processing-state").click()
    page.keyboard.press("Escape")
    buyer.part("close-anyway-button").click()
    assert ShopPage(page).calls_named("close_modal") == [["close_modal", {}]]
