"""The merchant's guide, docs/sdk.md, does as it tells: its page as it stands, its hash, its policy."""

import re

import pytest
from playwright.sync_api import expect

from infra.project import ROOT
from infra.sites import integrity
from tests.browser.pages import render
from tests.browser.shop_page import ShopPage, key_of

GUIDE = (ROOT / "docs" / "sdk.md").read_text()
PAGE, PINNED_SCRIPT = re.findall(r"```html\n(.*?)```", GUIDE, re.DOTALL)
CHECKOUT = "http://localhost:3001"


@pytest.fixture
def as_told(gateway, merchant):
    """Puts the addresses, the key and an order into what the guide tells to write."""
    order_id = merchant.order()["id"]

    def fill(html: str) -> str:
        filled = html.replace(CHECKOUT, gateway.checkout_url).replace("order_…", order_id)
        return filled.replace("key_test_abc123", key_of(merchant))

    return fill


@pytest.fixture
def put(site, page, as_told, watch):
    """Opens what the guide tells to write, as a page of the merchant's."""
    watch.forgive("favicon")

    def open_page(html: str) -> ShopPage:
        page.goto(site.put("/guide", as_told(html)))
        return ShopPage(page).open()

    return open_page


def test_the_guides_page_takes_a_payment_and_the_verified_webhook_arrives(page, put, receiver, shoot):
    put(PAGE).checkout.pay_by_card()
    outcome = page.locator("#outcome")
    expect(outcome).to_have_text(re.compile("Paid: pay_"))
    payment_id = outcome.inner_text().removeprefix("Paid: ")
    (delivery, *_) = receiver.wait_for("payment.success", payment_id=payment_id)
    assert delivery.verified
    shoot(page, "guide-paid")


def test_the_guides_page_says_a_failure(page, put):
    put(PAGE).checkout.pay_by_upi("failure@upi")
    expect(page.locator("#outcome")).to_have_text("The buyer's bank declined the payment")


def test_the_guides_hash_is_that_of_the_script():
    assert f'integrity="{integrity((ROOT / "sdk" / "checkout.js").read_bytes())}"' in PINNED_SCRIPT


def test_the_pinned_script_works_as_told(put):
    unpinned = f'<script src="{CHECKOUT}/checkout.js"></script>'
    assert unpinned in PAGE
    expect(put(PAGE.replace(unpinned, PINNED_SCRIPT)).checkout.part("order-amount")).to_have_text("₹500.00")


def test_a_shop_with_a_strict_policy_needs_to_allow_only_the_checkouts_address(gateway, merchant, site, page):
    site.put("/strict.js", render("strict.js", key=key_of(merchant), order=merchant.order()["id"]))
    page.goto(site.put("/strict", render("strict.html", checkout=gateway.checkout_url)))
    shop = ShopPage(page).open()
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")
    expect(shop.modal).to_have_css("border-radius", "16px")
