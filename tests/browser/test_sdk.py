"""The SDK on a merchant's page: opening, callbacks and closing."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.pages import render
from tests.browser.shop_page import ShopPage, key_of, shop_html

EXPECTED_FRAME = "{checkout}/checkout?order_id={order}&embedded=true&key={key}"


def test_the_sdk_creates_the_contracts_elements(gateway, merchant, shop, order):
    shop.open()
    modal = shop.page.locator('#payment-gateway-modal[data-test-id="payment-modal"]')
    expect(modal.locator('button[data-test-id="close-modal-button"]')).to_be_visible()
    frame = EXPECTED_FRAME.format(checkout=gateway.checkout_url, order=order["id"], key=key_of(merchant))
    expect(modal.locator('iframe[data-test-id="payment-iframe"]')).to_have_attribute("src", frame)
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")


def test_success_calls_the_callback_and_then_closes_the_checkout(shop, order):
    shop.open().checkout.pay_by_upi()
    (_, paid), (_, closed) = shop.calls_named("success", "close")
    assert paid["paymentId"].startswith("pay_")
    assert paid == {
        "paymentId": paid["paymentId"],
        "orderId": order["id"],
        "amount": 50_000,
        "currency": "INR",
        "status": "success",
    }
    assert closed == {"reason": "success", "paymentId": paid["paymentId"]}
    expect(shop.modal).to_have_count(0)


def test_after_a_failure_the_checkout_remains_open_and_the_buyer_can_retry(shop, order, shoot):
    shop.open().checkout.pay_by_upi("failure@upi")
    ((_, failure),) = shop.calls_named("failure")
    assert set(failure) == {"error", "reason", "description", "code", "paymentId", "orderId"}
    assert all(isinstance(text, str) and text for text in failure.values())
    assert failure["orderId"] == order["id"]
    assert failure["code"] == "PAYMENT_FAILED"
    expect(shop.checkout.part("error-state")).to_be_visible()
    shoot(shop.page, "sdk-desktop-failure")
    shop.checkout.part("retry-button").click()
    shop.checkout.pay_by_upi("success@upi")
    calls = shop.calls_named("failure", "success", "close")
    assert calls[1][1]["paymentId"] != failure["paymentId"]


@pytest.mark.parametrize("way", ["button", "escape", "escape in the page", "method", "message"])
def test_every_way_of_closing_calls_the_callback_once_and_restores_the_focus(shop, way):
    shop.open()
    shop.close_by(way)
    expect(shop.modal).to_have_count(0)
    reason = "merchant" if way == "method" else "buyer"
    assert shop.calls_named("close") == [["close", {"reason": reason, "paymentId": None}]]
    expect(shop.page.locator("#pay")).to_be_focused()


def test_a_closed_checkout_can_be_reopened(shop):
    shop.open()
    shop.close_button.click()
    shop.open()
    expect(shop.page.locator("#payment-gateway-modal")).to_have_count(1)


def test_the_page_behind_the_dialog_does_not_scroll_or_get_the_focus(shop):
    shop.open()
    shop.page.mouse.move(20, 20)
    shop.page.mouse.wheel(0, 600)
    shop.page.wait_for_timeout(100)
    assert shop.page.evaluate("() => scrollY") == 0
    for _ in range(20):
        shop.page.keyboard.press("Tab")
        assert shop.page.evaluate("() => document.activeElement.id") != "pay"


def test_the_dialog_fills_the_screen_on_a_phone(gateway, site, new_context, options, shoot):
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2).new_page()
    page.goto(site.put("/phone", shop_html(gateway.checkout_url, **options)))
    shop = ShopPage(page).open()
    box = shop.modal.bounding_box()
    assert box == {"x": 0, "y": 0, **PHONE}
    shoot(page, "sdk-phone")


def test_the_dialog_is_centred_on_a_desktop(shop, shoot):
    shop.open()
    box = shop.modal.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] / 2 == pytest.approx(640, abs=10)
    shoot(shop.page, "sdk-desktop")


@pytest.mark.parametrize(
    ("options", "named", "received"),
    [
        ({"orderId": "order_1"}, "key", "undefined"),
        ({"key": "", "orderId": "order_1"}, "key", '""'),
        ({"key": "key_1"}, "orderId", "undefined"),
        ({"key": "key_1", "orderId": 7}, "orderId", "7"),
        ({"key": "key_1", "orderId": "order_1", "onSuccess": "f"}, "onSuccess", '"f"'),
    ],
)
def test_an_invalid_option_throws_an_error_with_expected_and_received_value(shop, options, named, received):
    message = shop.page.evaluate(
        "(options) => { try { new PaymentGateway(options); } catch (error) { return error.message; } }",
        options,
    )
    assert named in message
    assert received in message
    assert "must be" in message


def test_pay_returns_a_promise_of_the_payment(shop, options):
    shop.page.evaluate("(options) => { window.paid = new PaymentGateway(options).pay(); }", options)
    shop.checkout.pay_by_upi()
    paid = shop.page.evaluate("() => window.paid")
    assert paid["status"] == "success"


def test_the_promise_resolves_to_null_when_the_buyer_closes(shop, options):
    shop.page.evaluate("(options) => { window.paid = new PaymentGateway(options).pay(); }", options)
    shop.close_button.click()
    assert shop.page.evaluate("() => window.paid") is None


def test_the_sdk_is_also_an_es_module(gateway, site, page, options):
    module = render("module.html", checkout=gateway.checkout_url, options=json.dumps(options))
    page.goto(site.put("/module", module))
    shop = ShopPage(page)
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")
    shop.close_button.click()
    assert page.evaluate("() => window.paid") is None


def test_the_page_uses_the_prefilled_values_and_the_theme(gateway, site, page, options, shoot):
    more = {
        "prefill": {"vpa": "success@upi", "name": "Asha Rao"},
        "theme": {"color": "#7a1fa2", "dark": True},
        "locale": "en-IN",
    }
    html = shop_html(gateway.checkout_url, **options, **more)
    page.goto(site.put("/themed", html))
    shop = ShopPage(page).open()
    shop.checkout.part("method-upi").click()
    expect(shop.checkout.part("vpa-input")).to_have_value("success@upi")
    shoot(page, "sdk-themed-dark")
    shop.checkout.part("method-card").click()
    expect(shop.checkout.part("cardholder-name-input")).to_have_value("Asha Rao")


def test_a_page_that_does_not_load_is_a_failure_and_can_be_retried(shop, options, watch, shoot):
    watch.forgive(
        "ERR_FAILED|does not match the recipient|PaymentGateway: The checkout page at .* did not load"
    )
    shop.page.clock.install()
    shop.page.route("**/checkout?*", lambda route: route.abort())
    shop.page.click("#pay")
    shop.page.clock.fast_forward(10_500)
    again = shop.modal.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    ((name, failure),) = shop.calls()
    assert (name, failure["reason"], failure["code"]) == ("failure", "not_started", "PAGE_NOT_LOADED")
    assert all(isinstance(text, str) for text in failure.values())
    assert failure["orderId"] == options["orderId"]
    shoot(shop.page, "sdk-not-loaded")
    shop.page.unroute("**/checkout?*")
    again.click()
    shop.page.clock.fast_forward(1)
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")
    expect(again).to_be_hidden()
