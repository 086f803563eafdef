"""The demo shop shows the events of the page, the server and the webhooks during a purchase."""

import re
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Locator, Route, expect

from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET, TEST_SIGNING_SECRET
from infra.local.receiver import MerchantAccount, Receiver
from tests.browser import axe
from tests.browser.conftest import PHONE
from tests.browser.shop_page import ShopPage
from tests.e2e.api import Api


@pytest.fixture
def test_merchant(gateway):
    """The seeded merchant without a webhook URL."""
    merchant = Api(gateway.api_url, "", {"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET})
    merchant.send_webhooks_to(None)
    yield merchant
    merchant.send_webhooks_to(None)


@pytest.fixture
def server(gateway, test_merchant):
    """The test merchant's server."""
    shop = MerchantAccount(
        page_origin=gateway.checkout_url,
        api_url=gateway.api_url,
        api_key=TEST_API_KEY,
        api_secret=TEST_API_SECRET,
    )
    port = urlsplit(gateway.receiver_url).port or 0
    with Receiver(secret=TEST_SIGNING_SECRET, port=port, shop=shop) as server:
        yield server


@pytest.fixture
def shop(gateway, server, page, watch):
    watch.hosts |= {urlsplit(gateway.receiver_url).netloc}
    page.goto(f"{gateway.checkout_url}/demo")
    return ShopPage(page)


def buy(shop: ShopPage) -> None:
    shop.page.get_by_test_id("buy-button").click()
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")


def timeline_entry(shop: ShopPage, name: str) -> Locator:
    return shop.page.get_by_test_id("timeline-entry").filter(has_text=name)


def test_a_purchase_shows_the_callbacks_and_the_webhooks(shop, shoot):
    shoot(shop.page, "demo-before")
    buy(shop)
    shop.checkout.pay_by_upi("failure@upi")
    expect(shop.checkout.part("error-state")).to_be_visible()
    shop.checkout.part("retry-button").click()
    shop.checkout.pay_by_upi("success@upi")
    for name in ("POST /api/v1/orders", "onFailure", "onSuccess", "onClose"):
        expect(timeline_entry(shop, name)).to_have_count(1)
    for event in ("payment.failed", "payment.success"):
        expect(timeline_entry(shop, event)).to_have_count(1)
        expect(timeline_entry(shop, event)).to_contain_text("signature verified")
    assert axe.violations(shop.page) == []
    shoot(shop.page, "demo-after")


def test_the_button_is_disabled_until_the_script_has_loaded(gateway, page, watch):
    watch.hosts |= {urlsplit(gateway.receiver_url).netloc}
    held: list[Route] = []
    page.route("**/demo/demo.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.goto(f"{gateway.checkout_url}/demo", wait_until="commit")
    expect(page.get_by_test_id("buy-button")).to_be_disabled()
    held[0].continue_()
    expect(page.get_by_test_id("buy-button")).to_be_enabled()


def test_the_demo_fits_on_a_phone_in_dark_mode(gateway, server, new_context, watch, shoot):
    watch.hosts |= {urlsplit(gateway.receiver_url).netloc}
    page = new_context(viewport=PHONE, color_scheme="dark", device_scale_factor=2, is_mobile=True).new_page()
    page.goto(f"{gateway.checkout_url}/demo")
    expect(page.get_by_test_id("buy-button")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
    assert axe.violations(page) == []
    shoot(page, "demo-phone-dark")


def test_an_unavailable_server_shows_an_error(gateway, page, watch):
    watch.hosts |= {urlsplit(gateway.receiver_url).netloc}
    watch.forgive("ERR_CONNECTION_REFUSED")
    page.goto(f"{gateway.checkout_url}/demo")
    page.get_by_test_id("buy-button").click()
    expect(page.get_by_test_id("demo-problem")).to_contain_text("could not create an order")


def test_an_existing_webhook_url_remains(gateway, test_merchant, shop):
    test_merchant.send_webhooks_to("https://shop.example/hook")
    buy(shop)
    expect(timeline_entry(shop, "https://shop.example/hook")).to_have_count(1)
    assert test_merchant.get("/webhooks/config").json()["webhook_url"] == "https://shop.example/hook"


@pytest.mark.parametrize("origin", [None, "http://shop.example"])
def test_only_the_shops_page_can_create_orders(gateway, server, origin):
    headers = {"Origin": origin} if origin else {}
    refused = requests.post(f"{gateway.receiver_url}/orders", headers=headers, timeout=60)
    assert refused.status_code == 403
    assert refused.headers["Access-Control-Allow-Origin"] == gateway.checkout_url


def test_the_demo_shows_the_inline_checkout_in_another_language(shop, shoot):
    shop.page.get_by_test_id("mode").select_option("mount")
    shop.page.get_by_test_id("language").select_option("hi-IN")
    buy(shop)
    expect(shop.modal).to_have_count(0)
    expect(shop.checkout.view.locator("html")).to_have_attribute("lang", "hi")
    shop.checkout.pay_by_upi()
    for name in ("onReady", "onSuccess"):
        expect(timeline_entry(shop, name)).to_have_count(1)
    assert axe.violations(shop.page) == []
    shoot(shop.page, "demo-inline-hindi")


def test_the_demo_shows_the_result_after_a_redirect(shop):
    shop.page.get_by_test_id("mode").select_option("redirect")
    shop.page.get_by_test_id("buy-button").click()
    expect(shop.page.get_by_test_id("order-id")).not_to_be_empty()
    order_id = shop.page.get_by_test_id("order-id").inner_text()
    back = shop.page.locator("a.back")
    expect(back).to_have_attribute("href", re.compile("/demo$"))
    shop.page.goto(f"{back.get_attribute('href')}?order_id={order_id}&status=failed")
    expect(timeline_entry(shop, "return URL")).to_contain_text("not paid")
