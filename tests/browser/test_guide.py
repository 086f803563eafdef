"""The examples of docs/sdk.md work unchanged: its page, its hash and its policy."""

import json
import re

import pytest
from playwright.sync_api import expect

from infra.project import ROOT
from infra.sites import integrity
from tests.browser.pages import render
from tests.browser.shop_page import ShopPage, key_of, shop_html
from tests.guides.shape import require_same
from tests.guides.terminal import Terminal
from tests.guides.walk import Walk

DOCUMENT = "docs/sdk.md"
GUIDE = (ROOT / DOCUMENT).read_text()
PAGE, PINNED_SCRIPT = re.findall(r"```html\n(.*?)```", GUIDE, re.DOTALL)
CHECKOUT = "http://localhost:3001"
UNPINNED_SCRIPT = f'<script src="{CHECKOUT}/checkout.js"></script>'


@pytest.fixture
def fill_in_guide(gateway, merchant):
    """A function that fills in the URLs, the key and an order in a text of the guide."""
    order_id = merchant.order()["id"]
    ours = {
        CHECKOUT: gateway.checkout_url,
        "http://localhost:8000": gateway.api_url,
        "localhost:8000": gateway.api_url,
        "order_…": order_id,
        "key_test_abc123": key_of(merchant),
        "secret_test_xyz789": merchant.credentials["X-Api-Secret"],
    }

    def fill(text: str) -> str:
        for documented, own in ours.items():
            text = text.replace(documented, own)
        return text

    return fill


@pytest.fixture
def put(site, page, fill_in_guide, watch):
    """A function that opens HTML of the guide as a page of the merchant."""
    watch.forgive("favicon")

    def open_page(html: str) -> ShopPage:
        page.goto(site.put("/guide", fill_in_guide(html)))
        return ShopPage(page).open()

    return open_page


@pytest.fixture
def calls(gateway, merchant, site, page):
    """The SDK callbacks for a failed payment and a following successful one."""
    html = shop_html(gateway.checkout_url, key=key_of(merchant), orderId=merchant.order()["id"])
    page.goto(site.put("/calls", html))
    shop = ShopPage(page).open()
    shop.checkout.pay_by_upi("failure@upi")
    shop.calls_named("failure")
    shop.checkout.part("retry-button").click()
    shop.checkout.pay_by_upi()
    return {name: json.dumps(data) for name, data in shop.calls_named("failure", "success", "close")}


@pytest.fixture
def error(gateway, site, page, order, watch):
    """The data of `onError` for a wrong key."""
    watch.forgive("400|BAD_REQUEST_ERROR")
    html = shop_html(gateway.checkout_url, key="key_unknown", orderId=order["id"])
    page.goto(site.put("/error", html.replace("onClose:", 'onError: note("error"), onClose:')))
    ((_, data),) = ShopPage(page).open().calls_named("error")
    return json.dumps(data)


@pytest.fixture
def new_gateway(site, page, put, merchant):
    """A function that creates a `gateway` with `options` and runs a script with it, on a separate page."""

    def run(script: str, **options: str) -> None:
        put(PAGE).close_button.click()
        page.evaluate(
            """([options, script]) => {
              document.body.append(Object.assign(document.createElement("div"), { id: "checkout" }));
              new Function("gateway", script)(new PaymentGateway(options));
            }""",
            [{"key": key_of(merchant), "orderId": merchant.order()["id"], **options}, script],
        )

    return run


@pytest.fixture
def show_inline(new_gateway, page):
    """A function that runs a script that shows the checkout inline."""

    def run(script: str) -> None:
        new_gateway(script)
        expect(page.locator("#checkout iframe")).to_be_visible()
        expect(ShopPage(page).checkout.part("order-amount")).to_have_text("₹500.00")

    return run


@pytest.fixture
def leave(new_gateway, page, site):
    """A function that runs a script that leaves the page for the checkout."""

    def run(script: str) -> None:
        new_gateway(script, returnUrl="/thanks?cart=17")
        expect(page.get_by_test_id("order-amount")).to_have_text("₹500.00")
        expect(page.locator("a.back")).to_have_attribute("href", f"{site.url}/thanks?cart=17")

    return run


@pytest.fixture
def open_checkout(put, fill_in_guide):
    """A function that opens the checkout of a page, or of the guide's page with another script tag."""

    def open_page(html: str) -> None:
        if not html.startswith("<!doctype"):
            html = fill_in_guide(PAGE).replace(fill_in_guide(UNPINNED_SCRIPT), html)
        expect(put(html).checkout.part("order-amount")).to_have_text("₹500.00")

    return open_page


@pytest.fixture
def pay(put, page, merchant):
    """A function that runs a script that awaits the payment, on a separate page."""

    def run(script: str) -> None:
        put(PAGE).close_button.click()
        page.evaluate(
            """([options, script]) => {
              const thank = (payment) => { document.title = payment.paymentId; };
              const run = Object.getPrototypeOf(async () => {}).constructor;
              run("gateway", "thank", script)(new PaymentGateway(options), thank);
            }""",
            [{"key": key_of(merchant), "orderId": merchant.order()["id"]}, script],
        )
        ShopPage(page).checkout.pay_by_upi()
        expect(page).to_have_title(re.compile("^pay_"))

    return run


def test_every_block_of_the_guide_works(
    tmp_path, fill_in_guide, open_checkout, pay, *, show_inline, leave, calls, error
):
    checks = {
        "html": open_checkout,
        "js": pay,
        "inline.js": show_inline,
        "redirect.js": leave,
        "onError": lambda shown: require_same(shown, error, "json"),
        "onSuccess": lambda shown: require_same(shown, calls["success"], "json"),
        "onFailure": lambda shown: require_same(shown, calls["failure"], "json"),
        "onClose": lambda shown: require_same(shown, calls["close"], "json"),
        "return_url.py": lambda text: exec(text, {}),
    }
    with Terminal(tmp_path) as terminal:
        Walk(terminal, fill=fill_in_guide, checks=checks).through(DOCUMENT)


def test_the_guides_page_accepts_a_payment_and_sends_a_verified_webhook(page, put, receiver, shoot):
    put(PAGE).checkout.pay_by_card()
    outcome = page.locator("#outcome")
    expect(outcome).to_have_text(re.compile("Paid: pay_"))
    payment_id = outcome.inner_text().removeprefix("Paid: ")
    (delivery, *_) = receiver.wait_for("payment.success", payment_id=payment_id)
    assert delivery.verified
    shoot(page, "guide-paid")


def test_the_guides_page_shows_a_failure(page, put):
    put(PAGE).checkout.pay_by_upi("failure@upi")
    expect(page.locator("#outcome")).to_have_text("Your bank declined the payment")


def test_the_guides_hash_matches_the_script():
    assert f'integrity="{integrity((ROOT / "sdk" / "checkout.js").read_bytes())}"' in PINNED_SCRIPT


def test_a_shop_with_a_strict_policy_needs_to_allow_only_the_checkout_origin(gateway, merchant, site, page):
    site.put("/strict.js", render("strict.js", key=key_of(merchant), order=merchant.order()["id"]))
    page.goto(site.put("/strict", render("strict.html", checkout=gateway.checkout_url)))
    shop = ShopPage(page).open()
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")
    expect(shop.modal).to_have_css("border-radius", "16px")
