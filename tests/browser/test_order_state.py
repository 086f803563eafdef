"""The page shows the order's state from the API in any browser: recipient, pending, paid or expired."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.buyer import Buyer
from tests.browser.conftest import Shoot
from tests.browser.held import hold_payments, refuse
from tests.browser.shop_page import ShopPage, shop_html

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
}
"""


@pytest.fixture
def other(new_context):
    """Another browser."""
    return new_context().new_page()


def pay(merchant: Any, order: dict[str, Any], vpa: str = "success@upi") -> dict[str, Any]:
    """Pay the order as another buyer's browser does."""
    body = {"order_id": order["id"], "method": "upi", "vpa": vpa}
    payment: dict[str, Any] = merchant.anonymous.post("/payments/public", body).json()
    return payment


def before(page: Page, address: str) -> Buyer:
    """Open the form."""
    page.goto(address)
    buyer = Buyer(page)
    expect(buyer.part("order-amount")).to_have_text("₹500.00")
    return buyer


def test_the_page_shows_the_recipient(merchant, page, address):
    name = merchant.get("/merchants/me").json()["name"]
    page.goto(address)
    buyer = Buyer(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Pay {name}")
    expect(page).to_have_title(f"Pay {name}")
    buyer.pay_by_upi()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Paid to {name}")
    expect(buyer.part("success-message")).to_have_text(f"₹500.00 was paid to {name}.")


def test_the_merchant_name_is_escaped(page, address):
    name = (
        '<img src=x onerror="alert(1)"> Ünïcode and Söns, a very long name that a merchant may have chosen'
        * 2
    )
    page.route("**/orders/*/public*", lambda route: _answer_order(route, merchant={"name": name}))
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Pay {name}")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320


def _answer_order(route: Route, **changes: object) -> None:
    response = route.fetch()
    route.fulfill(response=response, json={**response.json(), **changes})


def test_an_order_paid_in_another_browser_is_shown_as_paid(page, other, address, shoot: Shoot):
    page.goto(address)
    first = Buyer(page)
    first.pay_by_upi()
    expect(first.part("success-state")).to_be_visible()
    other.goto(address)
    second = Buyer(other)
    expect(second.part("success-state")).to_contain_text("This order is already paid")
    expect(second.part("payment-id")).to_have_text(first.part("payment-id").inner_text())
    expect(second.part("upi-form")).to_be_hidden()
    shoot(other, "desktop-already-paid")
    page.reload()
    expect(first.part("success-state")).to_be_visible()


def test_a_shop_that_opens_a_paid_order_can_continue(shop, page, other, address, order):
    other.goto(address)
    Buyer(other).pay_by_upi()
    expect(other.get_by_test_id("success-state")).to_be_visible()
    page.click("#pay")
    (_, paid), (_, closed) = shop.calls_named("success", "close")
    assert paid == {
        "paymentId": other.get_by_test_id("payment-id").inner_text(),
        "orderId": order["id"],
        "amount": 50_000,
        "currency": "INR",
        "status": "success",
    }
    assert closed == {"reason": "success", "paymentId": paid["paymentId"]}


def keep_open(page: Page, payment_id: str) -> None:
    """Mock the order with the pending payment, which would settle within one second."""
    page.route(
        "**/orders/*/public*", lambda route: _answer_order(route, status="created", payment_id=payment_id)
    )


def test_a_pending_payment_continues_in_any_browser(merchant, page, other, address, watch):
    hold_payments(page)
    page.goto(address)
    Buyer(page).pay_by_upi()
    with page.expect_response("**/payments/pay_*/public"):
        pass
    hold_payments(other)
    keep_open(other, merchant.get("/payments").json()["data"][0]["id"])
    other.goto(address)
    expect(other.get_by_test_id("processing-state")).to_be_visible()
    expect(other.get_by_test_id("processing-message")).to_contain_text("already being processed")
    other.unroute_all()
    expect(other.get_by_test_id("success-state")).to_be_visible()
    page.unroute_all()
    page.reload()
    expect(page.get_by_test_id("success-state")).to_be_visible()
    assert len(watch.bodies_posted_to("/payments/public")) == 1


def test_a_continued_payment_that_failed_can_be_retried(merchant, order, page, address):
    keep_open(page, pay(merchant, order, "failure@upi")["id"])
    page.goto(address)
    buyer = Buyer(page)
    expect(buyer.part("error-state")).to_contain_text("Your bank declined the payment")
    buyer.part("retry-button").click()
    buyer.pay_by_upi()
    expect(buyer.part("success-state")).to_be_visible()


def test_a_second_payment_continues_with_the_pending_one(merchant, order, page, address, watch):
    watch.forgive("409")
    buyer = before(page, address)
    opened = pay(merchant, order)
    buyer.fill_card()
    with page.expect_response("**/payments/public") as sent:
        buyer.card_button.click()
    assert sent.value.status == 409
    expect(buyer.part("success-state")).to_be_visible()
    expect(buyer.part("payment-id")).to_have_text(opened["id"])
    expect(buyer.part("card-number-input")).to_have_value("")


def test_paying_an_order_that_was_paid_meanwhile_shows_it_as_paid(merchant, order, page, address, watch):
    watch.forgive("409")
    buyer = before(page, address)
    paid = pay(merchant, order)
    merchant.settled(paid["id"])
    buyer.pay_by_card()
    expect(buyer.part("card-number-input")).to_have_value("")
    expect(buyer.part("success-state")).to_contain_text("This order is already paid")
    expect(buyer.part("payment-id")).to_have_text(paid["id"])


@pytest.mark.parametrize(
    "refusal",
    [("ORDER_EXPIRED", 409, "You can no longer pay"), ("TOO_MANY_ATTEMPTS", 429, "all payment attempts")],
    ids=lambda refusal: refusal[0],
)
def test_the_buyer_and_the_shop_are_notified_when_an_order_can_no_longer_be_paid(shop, watch, shoot, refusal):
    code, status, text = refusal
    watch.forgive(str(status))
    error = {"code": code, "description": "As the API says it"}
    shop.page.route("**/payments/public", lambda route: refuse(route, status, error))
    shop.open().checkout.pay_by_upi()
    expect(shop.checkout.part("error-message")).to_contain_text(text)
    expect(shop.checkout.part("error-message")).to_contain_text("you were not charged")
    expect(shop.checkout.part("retry-button")).to_be_hidden()
    ((_, failure),) = shop.calls_named("failure")
    assert (failure["reason"], failure["code"]) == ("not_started", code)
    assert failure["description"] == "As the API says it"
    assert len(watch.bodies_posted_to("/payments/public")) == 1  # no retry
    shoot(shop.page, f"sdk-{code.lower()}")


def test_a_payment_continues_in_a_cross_site_frame_without_storage(
    gateway, site, new_context, options, watch
):
    """As in a private window, which blocks third-party storage."""
    context = new_context()
    context.add_init_script(NO_STORAGE)
    page: Page = context.new_page()
    html = shop_html(gateway.checkout_url, **options)
    page.goto(site.put("/private", html).replace(site.url, site.other_url))
    hold_payments(page)
    shop = ShopPage(page).open()
    shop.checkout.pay_by_upi()
    expect(shop.checkout.part("processing-message")).to_have_text(re.compile("Waiting"))
    page.evaluate("() => gateway.close()")
    page.unroute_all()
    page.click("#pay")
    shop.calls_named("close", "success", "close")
    assert len(watch.bodies_posted_to("/payments/public")) == 1
