"""The SDK accepts messages only from its frame; the page sends them to its embedder; old copies work."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import Buyer
from tests.browser.pages import render
from tests.browser.shop_page import ShopPage, shop_html

SUCCESS = {"type": "payment_success", "data": {"paymentId": "pay_forged", "status": "success"}}


def test_a_hostile_frame_on_the_shops_page_cannot_send_or_receive_messages(shop, site):
    hostile = site.put("/hostile", render("hostile.html")).replace(site.url, site.other_url)
    shop.open()
    shop.page.evaluate(
        "(src) => new Promise((done) => document.body.append(Object.assign("
        "document.createElement('iframe'), { src, onload: done })))",
        hostile,
    )
    expect(shop.checkout.part("vpa-input")).to_have_value("")  # a hostile message would fill it in
    assert shop.calls() == []
    shop.checkout.pay_by_upi("failure@upi")
    shop.calls_named("failure")
    (frame,) = (frame for frame in shop.page.frames if frame.url == hostile)
    assert {heard["type"] for heard in frame.evaluate("() => heard")} == {"connect"}  # its own message


def test_messages_of_another_window_of_the_checkout_origin_are_ignored(gateway, shop, watch):
    watch.forgive("NOT_FOUND_ERROR")
    shop.open()
    with shop.page.expect_popup() as opened:
        shop.page.evaluate(
            "(url) => { window.open(url); }", f"{gateway.checkout_url}/checkout?order_id=order_1"
        )
    opened.value.evaluate("(message) => opener.postMessage(message, '*')", SUCCESS)
    shop.page.wait_for_timeout(200)
    assert shop.calls() == []
    expect(shop.modal).to_be_visible()


def test_the_shops_own_scripts_cannot_forge_a_message(shop):
    shop.open()
    shop.page.evaluate("(message) => postMessage(message, '*')", SUCCESS)
    shop.page.wait_for_timeout(200)
    assert shop.calls() == []


def test_messages_of_a_frame_that_navigated_to_another_site_are_ignored(shop, site):
    shop.open()
    address = site.put("/hostile", render("hostile.html")).replace(site.url, site.other_url)
    shop.page.evaluate("(src) => { document.querySelector('iframe').src = src; }", address)
    shop.page.frame_locator("iframe").owner.wait_for()
    shop.page.wait_for_timeout(300)
    assert shop.calls() == []


def test_messages_after_closing_are_ignored(gateway, shop):
    shop.open()
    kept = shop.page.evaluate_handle("() => document.querySelector('iframe').contentWindow")
    shop.close_button.click()
    shop.calls_named("close")
    shop.page.evaluate(
        "([source, data, origin]) => dispatchEvent(new MessageEvent('message', { source, data, origin }))",
        [kept, SUCCESS, gateway.checkout_url],
    )
    assert [name for name, _ in shop.calls()] == ["close"]


@pytest.mark.parametrize("handshake", [True, False])
def test_the_page_sends_messages_only_to_its_embedders_origin(gateway, page, options, handshake):
    """The embedder has the same origin as the page, so that the test can read the sent messages."""
    address = f"{gateway.checkout_url}/embedder"
    embedder = render("embedder.html", handshake=json.dumps(handshake), order=options["orderId"])
    page.route(address, lambda route: route.fulfill(body=embedder, content_type="text/html"))
    page.goto(address)
    Buyer(page.frame_locator("iframe")).pay_by_upi("failure@upi")
    page.wait_for_function("() => sent.some(([type]) => type === 'payment_failed')")
    assert {target for _, target in page.evaluate("() => sent")} == {gateway.checkout_url}


@pytest.mark.parametrize(
    "old_copy",
    [
        ("strict-origin-when-cross-origin", "checkout?order_id={orderId}&embedded=true&key={key}"),
        ("no-referrer", "checkout?order_id={orderId}&embedded=true&key={key}"),
        ("no-referrer", "checkout?order_id={orderId}"),
        ("no-referrer", "checkout.html?order_id={orderId}&key={key}"),
        ("no-referrer", "checkout/?order_id={orderId}&embedded=true"),
    ],
)
def test_an_old_sdk_copy_continues_to_work(gateway, site, page, options, old_copy):
    referrer, address = old_copy
    frame = f"{gateway.checkout_url}/{address.format(**options)}"
    old = render("old_sdk.html", checkout=gateway.checkout_url, frame=frame, referrer=referrer)
    page.goto(site.put("/old", old))
    shop = ShopPage(page)
    shop.checkout.pay_by_upi("failure@upi")
    shop.calls_named("payment_failed")
    shop.checkout.part("retry-button").click()
    shop.checkout.pay_by_upi("success@upi")
    (_, failure), (_, success) = shop.calls_named("payment_failed", "payment_success")
    assert set(failure) == {"error", "reason", "description", "code", "paymentId", "orderId"}
    assert set(success) == {"paymentId", "orderId", "amount", "currency", "status"}
    assert "@upi" not in json.dumps([failure, success])  # no private data, because any embedder can listen


def test_the_previously_served_sdk_continues_to_work(gateway, site, page, options):
    html = shop_html(gateway.checkout_url, **options).replace("/checkout.js", "/checkout-1.0.0.js")
    page.goto(site.put("/before", html))
    shop = ShopPage(page).open()
    shop.checkout.pay_by_upi("failure@upi")
    shop.calls_named("failure")
    shop.checkout.part("retry-button").click()
    shop.checkout.pay_by_upi("success@upi")
    assert shop.calls_named("failure", "success", "close")[-1] == ["close", None]


@pytest.mark.parametrize("address", ["checkout", "checkout.html", "checkout/"])
def test_a_page_that_is_not_framed_sends_no_messages(gateway, page, options, address):
    page.add_init_script(
        "window.sent = [];"
        "for (const target of [window, window.opener].filter(Boolean)) {"
        "  target.postMessage = (message) => sent.push(message);"
        "}"
    )
    page.goto(f"{gateway.checkout_url}/{address}?order_id={options['orderId']}&embedded=true")
    buyer = Buyer(page)
    buyer.part("vpa-input").press("Escape")
    buyer.pay_by_upi()
    expect(buyer.part("success-state")).to_be_visible()
    assert page.evaluate("() => sent") == []


def test_a_shop_on_another_site_receives_messages(site, shop):
    shop.page.goto(shop.page.url.replace(site.url, site.other_url))
    shop.open().checkout.pay_by_upi()
    shop.calls_named("success", "close")
