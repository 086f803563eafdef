"""A shop's page has at most one open checkout."""

import pytest
from playwright.sync_api import expect

from tests.browser.shop_page import ShopPage, key_of, shop_html

OPEN = """([options, name]) => {
  const note = (event) => (data) => calls.push([`${name} ${event}`, data]);
  const gateway = new PaymentGateway({
    ...options, onSuccess: note("success"), onFailure: note("failure"), onClose: note("close"),
  });
  window[name] = gateway;
  window[`${name}Paid`] = gateway.pay();
}"""


@pytest.fixture
def other_order(merchant):
    return {"key": key_of(merchant), "orderId": merchant.order()["id"]}


def require_one(shop: ShopPage) -> None:
    expect(shop.page.locator("#payment-gateway-modal")).to_have_count(1)
    expect(shop.checkout.part("order-amount")).to_have_text("₹500.00")


def test_opening_an_instance_twice_opens_one_checkout(shop):
    shop.open()
    shop.page.evaluate("() => gateway.open()")
    require_one(shop)
    shop.close_button.click()
    shop.calls_named("close")


def test_another_instance_of_the_same_order_uses_the_open_checkout(shop, options):
    shop.page.evaluate(OPEN, [options, "first"])
    shop.page.evaluate(OPEN, [options, "second"])
    require_one(shop)
    shop.checkout.pay_by_upi()
    shop.calls_named("first success", "first close")
    assert shop.page.evaluate("async () => (await secondPaid).paymentId === (await firstPaid).paymentId")


def test_the_instance_that_uses_an_open_checkout_can_close_it(shop, options):
    shop.page.evaluate(OPEN, [options, "first"])
    shop.page.evaluate(OPEN, [options, "second"])
    shop.page.evaluate("() => second.close()")
    expect(shop.modal).to_have_count(0)
    shop.calls_named("first close")


def test_another_order_replaces_the_open_checkout(shop, options, other_order):
    shop.page.evaluate(OPEN, [options, "first"])
    shop.page.evaluate(OPEN, [other_order, "second"])
    require_one(shop)
    assert shop.calls_named("first close") == [["first close", {"reason": "replaced", "paymentId": None}]]
    assert shop.page.evaluate("() => firstPaid") is None
    expect(shop.checkout.part("order-id")).to_have_text(other_order["orderId"])
    shop.checkout.pay_by_upi()
    shop.calls_named("first close", "second success", "second close")


def test_a_double_click_with_delayed_orders_opens_one_checkout(shop, options, other_order):
    shop.page.evaluate(
        """(orders) => {
          const button = document.querySelector("#pay");
          const made = button.cloneNode(true);
          button.replaceWith(made);
          made.addEventListener("click", async () => {
            const order = orders.shift();
            await new Promise((done) => setTimeout(done, 50));
            new PaymentGateway({ ...order, onClose: (data) => calls.push(["close", data]) }).open();
          });
        }""",
        [options, other_order],
    )
    shop.page.dblclick("#pay")
    ((_, closed),) = shop.calls_named("close")
    assert closed["reason"] == "replaced"
    require_one(shop)
    expect(shop.checkout.part("order-id")).to_have_text(other_order["orderId"])


@pytest.fixture
def two_copies(gateway, site, page, options):
    """A function that opens a checkout with an older script and then loads the current script."""

    def open_first(copy: str) -> ShopPage:
        first = shop_html(gateway.checkout_url, **options).replace("/checkout.js", f"/{copy}")
        page.goto(site.put("/copies", first))
        page.evaluate(OPEN, [options, "first"])
        page.add_script_tag(url=f"{gateway.checkout_url}/checkout.js")
        return ShopPage(page)

    return open_first


@pytest.mark.parametrize("copy", ["checkout.js?again", "checkout-1.1.0.js", "checkout-1.0.0.js"])
@pytest.mark.parametrize("same_order", [True, False])
def test_two_copies_of_the_script_open_one_checkout(two_copies, options, other_order, copy, same_order):
    shop = two_copies(copy)
    shop.page.evaluate(OPEN, [options if same_order else other_order, "second"])
    require_one(shop)
    shop.checkout.pay_by_upi()
    if same_order and copy != "checkout-1.0.0.js":  # it closes, because it cannot share its checkout
        shop.calls_named("first success", "first close")
    else:
        shop.calls_named("first close", "second success", "second close")


def test_a_checkout_that_reopens_when_replaced_remains_the_only_one(shop, options, other_order):
    shop.page.evaluate(
        """([first, second]) => {
          let times = 0;
          const again = new PaymentGateway({ ...first, onClose: () => times++ || again.open() });
          again.open();
          new PaymentGateway(second).open();
        }""",
        [options, other_order],
    )
    require_one(shop)
    expect(shop.checkout.part("order-id")).to_have_text(options["orderId"])


def test_a_dialog_that_the_shops_page_has_removed_does_not_prevent_another(shop):
    shop.open()
    shop.page.evaluate("() => document.querySelector('#payment-gateway-modal').remove()")
    shop.page.evaluate("() => gateway.open()")
    require_one(shop)
