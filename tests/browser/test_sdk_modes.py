"""SDK 2: inline, redirect, `onReady`, `onError` and `confirmClose`; and the versions before it."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.buyer import Buyer
from tests.browser.held import refuse
from tests.browser.pages import render
from tests.browser.shop_page import ShopPage, shop_html
from tests.e2e.api import Api, eventually

ADD_CALLBACKS = """(options) => {
  gateway = new PaymentGateway({
    ...options,
    ...Object.fromEntries(["Success", "Failure", "Close", "Ready", "Error"].map(
      (name) => [`on${name}`, (data) => calls.push([name.toLowerCase(), data])],
    )),
  });
}"""
EXPIRED = {"code": "ORDER_EXPIRED", "description": "Order has expired"}
FRAME = "[data-test-id=payment-iframe]"


@pytest.fixture
def inline(gateway, site, page, options) -> ShopPage:
    """A shop's page with the order's checkout inline."""
    html = render("inline.html", checkout=gateway.checkout_url, options=json.dumps(options))
    page.goto(site.put("/inline", html))
    return ShopPage(page)


@pytest.fixture
def opened(shop: ShopPage) -> Callable[..., ShopPage]:
    """A function that opens a checkout with options and all callbacks."""

    def open_checkout(**options: Any) -> ShopPage:
        shop.page.evaluate(ADD_CALLBACKS, options)
        shop.page.evaluate("() => gateway.open()")
        return shop

    return open_checkout


def frame_height(shop: ShopPage) -> float:
    box = shop.page.locator(FRAME).bounding_box()
    return box["height"] if box else 0


def is_as_high_as_its_content(shop: ShopPage) -> bool:
    container = shop.checkout.part("checkout-container")
    content: float = container.evaluate("(main) => main.getBoundingClientRect().height")
    shop.page.wait_for_timeout(50)
    return abs(frame_height(shop) - content) <= 1


def test_an_inline_checkout_grows_and_leaves_the_focus_to_the_shops_page(inline, order, shoot):
    inline.calls_named("ready")
    expect(inline.page.locator("#note")).to_be_focused()
    expect(inline.modal).to_have_count(0)
    expect(inline.close_button).to_have_count(0)
    eventually(lambda: is_as_high_as_its_content(inline))
    upi_height = frame_height(inline)
    inline.checkout.part("method-card").click()
    eventually(lambda: is_as_high_as_its_content(inline))
    assert frame_height(inline) > upi_height
    assert axe.violations(inline.page) == []
    shoot(inline.page, "sdk-inline")
    inline.page.keyboard.press("Escape")
    inline.checkout.part("method-upi").click()
    inline.checkout.pay_by_upi()
    (_, (_, paid)) = inline.calls_named("ready", "success")
    assert paid["orderId"] == order["id"]
    expect(inline.checkout.part("success-state")).to_be_visible()
    eventually(lambda: is_as_high_as_its_content(inline))
    shoot(inline.page, "sdk-inline-paid")
    inline.page.evaluate("() => { gateway.unmount(); gateway.unmount(); }")
    expect(inline.page.locator(FRAME)).to_have_count(0)
    closed = inline.calls_named("ready", "success", "close")[-1][1]
    assert closed == {"reason": "merchant", "paymentId": paid["paymentId"]}


def test_the_keyboard_moves_from_the_shops_page_through_an_inline_checkout(inline):
    inline.calls_named("ready")
    for _ in range(20):
        inline.page.keyboard.press("Tab")
        if inline.page.evaluate("() => document.activeElement.id") == "after":
            break
    expect(inline.page.locator("#after")).to_be_focused()
    inline.page.keyboard.press("Shift+Tab")
    expect(inline.page.locator(FRAME)).to_be_focused()


def test_an_inline_checkout_ignores_heights_of_other_windows_and_has_a_limit(inline):
    inline.calls_named("ready")
    eventually(lambda: is_as_high_as_its_content(inline))
    height = frame_height(inline)
    inline.page.evaluate("() => postMessage({ type: 'height', data: { height: 3000 } }, '*')")
    inline.page.wait_for_timeout(200)
    assert frame_height(inline) == height
    inline.page.frames[-1].evaluate(
        "() => parent.postMessage({ type: 'height', data: { height: 1e9 } }, '*')"
    )
    eventually(lambda: frame_height(inline) == 4_000)


def test_mount_needs_an_existing_element(shop, options):
    shop.page.evaluate(ADD_CALLBACKS, options)
    message = shop.page.evaluate(
        "() => { try { gateway.mount('#none'); } catch (error) { return error.message; } }"
    )
    assert "container must be an element" in message
    assert '"#none"' in message


@pytest.mark.parametrize("is_allowed", [True, False], ids=["allowed origin", "other origin"])
def test_redirect_mode_returns_a_buyer_who_has_paid_to_the_shop(
    gateway, site, page, options, merchant: Api, *, watch, shoot, is_allowed
):
    watch.forgive("status of 400")  # the payment is sent again without a URL that is not allowed
    if is_allowed:
        allowed = merchant.put("/merchants/me/return-origins", {"origins": [site.url]})
        assert allowed.status_code == 200
    site.put("/thanks", shop_html(gateway.checkout_url, **options))
    page.goto(site.put("/redirect", shop_html(gateway.checkout_url, **options, returnUrl="/thanks?cart=1")))
    page.evaluate(ADD_CALLBACKS, {**options, "returnUrl": "/thanks?cart=1", "locale": "hi-IN"})
    page.evaluate("() => gateway.redirect()")
    page.wait_for_url("**/checkout?*")
    buyer = Buyer(page)
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    page.clock.install()
    buyer.pay_by_upi()
    for _ in range(40):
        page.clock.run_for(1_000)
        page.wait_for_timeout(50)
        if buyer.part("success-state").is_visible():
            break
    if not is_allowed:
        expect(buyer.part("success-state")).to_be_visible()
        page.clock.run_for(20_000)
        expect(buyer.part("returning")).to_be_hidden()
        assert urlsplit(page.url).path == "/checkout"
        return
    expect(buyer.part("returning")).to_contain_text(urlsplit(site.url).netloc)
    shoot(page, "sdk-redirect-returning")
    page.clock.run_for(5_000)
    page.wait_for_url("**/thanks?*")
    query = parse_qs(urlsplit(page.url).query)
    assert query["cart"] == ["1"]
    assert query["order_id"] == [options["orderId"]]
    assert query["status"] == ["success"]


def test_an_invalid_return_url_throws_an_error(shop, options):
    shop.page.evaluate(ADD_CALLBACKS, {**options, "returnUrl": "javascript:alert(1)"})
    message = shop.page.evaluate(
        "() => { try { gateway.redirect(); } catch (error) { return error.message; } }"
    )
    assert "returnUrl must be" in message


@pytest.mark.parametrize(
    ("changes", "code", "description"),
    [
        ({"orderId": "order_0000000000000000"}, "ORDER_NOT_FOUND", "Order not found"),
        ({"key": "key_unknown"}, "WRONG_KEY", "key does not belong to the merchant of this order"),
    ],
)
def test_a_checkout_that_cannot_start_calls_on_error_instead_of_on_failure(
    opened, options, watch, *, changes, code, description
):
    watch.forgive("404|400|NOT_FOUND_ERROR|BAD_REQUEST_ERROR")
    wrong = {**options, **changes}
    shop = opened(**wrong)
    ((_, error),) = shop.calls_named("error")
    expect(shop.checkout.part("error-message")).to_have_text(error.pop("message"))
    assert error == {"code": code, "description": description, "orderId": wrong["orderId"]}


def test_an_expired_order_calls_on_error_after_on_ready(opened, options, watch):
    watch.forgive("409")
    shop = opened(**options, confirmClose=True)
    shop.calls_named("ready")
    shop.page.route("**/payments/public", lambda route: refuse(route, 409, EXPIRED))
    shop.checkout.pay_by_upi()
    (_, (_, error)) = shop.calls_named("ready", "error")
    assert error["code"] == "ORDER_EXPIRED"
    shop.close_button.click()  # nothing is lost, so there is no question
    shop.calls_named("ready", "error", "close")


def test_a_page_that_the_shops_policy_blocks_calls_on_error_immediately(gateway, site, page, options, watch):
    watch.forgive(
        "Content Security Policy|policy broken|PaymentGateway: The checkout page|does not match the recipient"
    )
    policy = '<meta http-equiv="Content-Security-Policy" content="frame-src \'none\'">'
    html = shop_html(gateway.checkout_url, **options).replace("<title>", f"{policy}<title>")
    page.goto(site.put("/blocked", html))
    page.evaluate(ADD_CALLBACKS, options)
    page.evaluate("() => gateway.open()")
    ((_, error),) = ShopPage(page).calls_named("error")
    assert error["code"] == "PAGE_NOT_LOADED"
    assert "policy" in error["description"]


def test_confirm_close_asks_before_typed_input_is_lost(opened, options, shoot):
    shop = opened(**options, confirmClose=True, prefill={"name": "Asha Rao"})
    shop.calls_named("ready")
    shop.checkout.part("vpa-input").fill("success@upi")
    question = shop.checkout.part("close-question")
    for way in ("button", "escape"):
        shop.close_by(way)
        expect(question).to_contain_text("Close without paying?")
        shoot(shop.page, "sdk-close-form-question")
        assert axe.violations(shop.page.frames[-1]) == []
        question.get_by_role("button", name="Continue to pay").click()
    shop.checkout.part("vpa-input").fill("")
    shop.close_button.click()  # only the shop's own prefilled text is left
    shop.calls_named("ready", "close")


def test_typed_input_is_lost_without_a_question_by_default(opened, options):
    shop = opened(**options)
    shop.calls_named("ready")
    shop.checkout.part("vpa-input").fill("success@upi")
    shop.close_button.click()
    shop.calls_named("ready", "close")


def test_the_previous_version_of_the_sdk_works_with_this_page(gateway, site, page, options):
    html = shop_html(gateway.checkout_url, **options, locale="ta-IN").replace(
        "/checkout.js", "/checkout-1.1.0.js"
    )
    page.goto(site.put("/previous", html))
    shop = ShopPage(page).open()
    expect(page.frame_locator(FRAME).locator("html")).to_have_attribute("lang", "ta")
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")
    shop.checkout.pay_by_upi("failure@upi")
    shop.calls_named("failure")
    shop.checkout.part("retry-button").click()
    shop.checkout.pay_by_upi("success@upi")
    (_, (_, paid), (_, closed)) = shop.calls_named("failure", "success", "close")
    assert closed == {"reason": "success", "paymentId": paid["paymentId"]}


def test_this_sdk_works_with_the_previous_version_of_the_page(shop, options):
    shop.page.route(
        "**/checkout?*", lambda route: route.fulfill(body=render("old_page.html"), content_type="text/html")
    )
    shop.page.evaluate(ADD_CALLBACKS, {**options, "confirmClose": True})
    shop.page.evaluate("() => gateway.open()")
    shop.calls_named("ready")
    shop.page.frame_locator(FRAME).get_by_role("button").click()
    (_, (_, error)) = shop.calls_named("ready", "error")
    assert error["code"] == "ORDER_EXPIRED"
    shop.close_button.click()
    (*_, (_, closed)) = shop.calls_named("ready", "error", "close")
    assert closed == {"reason": "buyer", "paymentId": "pay_1"}
    shop.page.evaluate("() => gateway.mount('main')")
    shop.calls_named("ready", "error", "close", "ready")
    assert frame_height(shop) == 660
