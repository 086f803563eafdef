"""A checkout that cannot start shows the reason to the buyer, the shop's page and the developer."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import render
from tests.browser.shop_page import ShopPage, key_of, shop_html


@pytest.fixture
def opened(gateway, site, page, options):
    """A function that opens a checkout with changed options and returns the failure."""

    def open_checkout(**changes: str):
        page.goto(site.put("/wrong", shop_html(gateway.checkout_url, **{**options, **changes})))
        shop = ShopPage(page).open()
        ((_, failure),) = shop.calls_named("failure")
        assert all(isinstance(text, str) for text in failure.values())
        assert failure["reason"] == "not_started"
        assert failure["paymentId"] == ""
        expect(shop.checkout.part("error-state")).to_be_visible()
        expect(shop.checkout.part("upi-form")).to_be_hidden()
        return shop, failure

    return open_checkout


@pytest.mark.parametrize("order_id", ["order_0000000000000000", "order_1", "<b>"])
def test_an_unknown_order_is_a_failure(opened, watch, order_id):
    watch.forgive("404|NOT_FOUND_ERROR")
    shop, failure = opened(orderId=order_id)
    assert (failure["code"], failure["description"]) == ("NOT_FOUND_ERROR", "Order not found")
    assert failure["orderId"] == order_id
    assert any("NOT_FOUND_ERROR: Order not found" in message for message in watch.messages)
    shop.close_button.click()
    shop.calls_named("failure", "close")


@pytest.mark.parametrize("key", ["another merchant's", "key_unknown"])
def test_a_key_of_another_merchant_is_a_failure(opened, watch, shoot, new_merchant, key):
    watch.forgive("400|BAD_REQUEST_ERROR")
    if key == "another merchant's":
        key = key_of(new_merchant())
    shop, failure = opened(key=key)
    assert failure["code"] == "BAD_REQUEST_ERROR"
    assert failure["description"] == "key does not belong to the merchant of this order"
    expect(shop.checkout.part("error-message")).to_contain_text("API key does not belong to this order")
    expect(shop.checkout.part("retry-button")).to_be_hidden()
    assert any("key does not belong to the merchant" in message for message in watch.messages)
    shoot(shop.page, "sdk-wrong-key")


def test_an_unavailable_api_can_be_retried(opened, page, watch):
    watch.forgive("ERR_FAILED")
    page.route("**/orders/*/public*", lambda route: route.abort())
    shop, failure = opened()
    assert failure["code"] == "NETWORK_ERROR"
    page.unroute_all()
    shop.checkout.part("retry-button").click()
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")


def test_an_old_sdk_copy_with_a_wrong_key_gets_a_failure(gateway, site, page, options, watch):
    watch.forgive("400|BAD_REQUEST_ERROR")
    frame = f"{gateway.checkout_url}/checkout?order_id={options['orderId']}&embedded=true&key=key_other"
    page.goto(
        site.put(
            "/old", render("old_sdk.html", checkout=gateway.checkout_url, frame=frame, referrer="origin")
        )
    )
    ((_, failure),) = ShopPage(page).calls_named("payment_failed")
    assert failure["description"] == "key does not belong to the merchant of this order"
