"""Orders in the dashboard: the list, and an order with its notes, payments, refunds and sums."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Shoot
from tests.browser.dashboard import Dashboard
from tests.browser.test_dashboard_accessibility import check
from tests.e2e.api import Api, Json

MARKUP = "<img src=x onerror=alert(1)>"
NOTES = {
    "customer": "Asha",
    MARKUP: MARKUP,
    "basket": {"lines": [{"sku": "A-1", "count": 2}]},
    "x" * 90: "y" * 300,
}
RECEIPT = "r" * 255


@pytest.fixture(scope="module")
def merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()


@pytest.fixture(scope="module")
def history(merchant: Api) -> dict[str, Json]:
    """A paid order with a failed payment, a success and a refund; and an open one with a long receipt."""
    paid = merchant.order(receipt="invoice-1", notes=NOTES)
    unpaid = merchant.order(receipt=RECEIPT, pay_once=True, expires_at="2026-12-20T00:00:00Z")
    failed = merchant.payment(order_id=paid["id"], vpa="failure@upi")
    merchant.settled(failed["id"])
    success = merchant.payment(order_id=paid["id"])
    merchant.settled(success["id"])
    refund = merchant.refund(success["id"], 12_000, reason="arrived broken")
    merchant.refunded(refund["id"])
    return {"paid": paid, "open": unpaid, "failed": failed, "success": success, "refund": refund}


@pytest.fixture
def signed_in(dashboard: Dashboard, history: dict[str, Json]) -> Dashboard:
    assert history
    dashboard.keep_session()
    return dashboard


def test_orders_are_listed_found_by_receipt_and_opened(history, signed_in):
    signed_in.open("/dashboard/orders")
    rows = signed_in.part("order-row")
    row = signed_in.page.locator(f"[data-order-id={history['paid']['id']}]")
    for text in ("invoice-1", "₹500.00", "paid"):
        expect(row).to_contain_text(text)
    expect(row.locator("[data-label=Attempts]")).to_have_text("2")
    receipt = signed_in.page.get_by_role("searchbox", name="Receipt")
    receipt.fill("invoice-1")
    receipt.press("Enter")
    expect(signed_in.page).to_have_url(re.compile(r"receipt=invoice-1$"))
    expect(rows).to_have_count(1)
    row.get_by_role("link").click()
    expect(signed_in.part("order-detail")).to_have_attribute("data-order-id", history["paid"]["id"])
    signed_in.page.get_by_role("link", name="← Orders").click()
    expect(rows).to_have_count(1)
    signed_in.page.get_by_role("link", name="Clear").click()
    expect(rows).not_to_have_count(1)
    expect(receipt).to_have_value("")


def test_an_order_shows_its_payments_refunds_sums_and_notes_as_text(history, signed_in):
    page = signed_in.page
    signed_in.open(f"/dashboard/orders?order={history['paid']['id']}")
    expect(signed_in.part("order-status")).to_have_text("paid")
    expect(signed_in.part("order-sums").locator("dd")).to_have_text(["₹500.00", "₹120.00", "₹380.00"])
    payments = signed_in.part("order-payment")
    expect(payments).to_have_count(2)
    expect(payments.first).to_contain_text("partially refunded")
    expect(payments.last).to_contain_text("failed")
    refund = signed_in.part("order-refund")
    for text in (history["refund"]["id"], "₹120.00", "arrived broken", "processed"):
        expect(refund).to_contain_text(text)
    notes = signed_in.part("order-notes")
    expect(notes.get_by_role("row", name=MARKUP)).to_contain_text(MARKUP)
    expect(notes.locator("pre")).to_have_text(re.compile(r'"sku": "A-1"'))
    expect(page.locator("main img")).to_have_count(0)
    expect(signed_in.part("checkout-link")).to_have_count(0)
    page.get_by_role("link", name=history["success"]["id"]).first.click()
    expect(signed_in.part("payment-detail")).to_be_visible()
    page.get_by_role("link", name=history["paid"]["id"]).click()
    expect(signed_in.part("order-detail")).to_be_visible()


def test_the_checkout_link_of_an_open_order_leads_to_its_checkout(gateway, history, signed_in):
    signed_in.open(f"/dashboard/orders?order={history['open']['id']}")
    checkout = signed_in.part("checkout-link")
    expect(checkout).to_have_text(f"{gateway.checkout_url}/checkout?order_id={history['open']['id']}")
    expect(signed_in.part("order-detail")).to_contain_text("one at a time, and none after the first success")
    expect(signed_in.page.get_by_text("No payment yet")).to_be_visible()
    signed_in.page.goto(checkout.inner_text())
    expect(signed_in.page.get_by_test_id("order-amount")).to_have_text("₹500.00")


def test_orders_are_accessible_and_fit_narrow_screens(history, signed_in, new_context, shoot: Shoot):
    here = replace(signed_in, page=new_context(reduced_motion="reduce").new_page())
    here.keep_session()
    for name, query in {"list": "", "paid": history["paid"]["id"], "open": history["open"]["id"]}.items():
        here.open("/dashboard/orders" + (f"?order={query}" if query else ""))
        expect(here.page.locator("main .card").first).to_be_visible()
        expect(here.page.locator(".loading")).to_have_count(0)
        check(here, shoot, f"orders-{name}")


PDF_PAGES = re.compile(rb"/Type\s*/Page\b")
PAPER_PX = {"width": 672, "height": 1000}  # A4 at 96 px per inch without margins of 16 mm
COLOURS = """() => [...document.querySelectorAll("body, main, .card, .status, td, dt, h1")]
  .filter((element) => element.checkVisibility())
  .map((element) => getComputedStyle(element))
  .map(({ color, backgroundColor }) => [color, backgroundColor])"""
DARK, LIGHT = {"rgb(0, 0, 0)", "rgb(51, 51, 51)"}, {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
CUT = """() => [...document.querySelectorAll(".printable td, .printable dd")]
  .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
  .map((element) => element.textContent)"""


@pytest.mark.parametrize("kind", ["order", "payment"])
def test_a_printed_page_is_black_on_white_and_complete_without_controls(
    history, signed_in, new_context, kind
):
    page = new_context(color_scheme="dark", viewport=PAPER_PX).new_page()
    here = replace(signed_in, page=page)
    here.keep_session()
    id_ = history["paid" if kind == "order" else "success"]["id"]
    here.open(f"/dashboard/{'orders?order' if kind == 'order' else 'transactions?payment'}={id_}")
    expect(here.part(f"{kind}-detail")).to_be_visible()
    expect(page).to_have_title(id_)
    expect(here.part("print-head")).to_be_hidden()
    expect(here.part("print-button")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    expect(here.part("print-head")).to_contain_text("Merchant")
    for hidden in (page.locator("header"), page.get_by_role("button"), page.locator(".back")):
        expect(hidden.locator("visible=true")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("invoice-1")
    sums = here.part("order-sums" if kind == "order" else "printed-refunds").locator("dd")
    expect(sums).to_have_text(["₹500.00", "₹120.00", "₹380.00"])
    expect(page.get_by_text(history["refund"]["id"]).locator("visible=true")).to_be_visible()
    colours = page.evaluate(COLOURS)
    assert {text for text, _ in colours} <= DARK
    assert {ground for _, ground in colours} <= LIGHT
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    most = {"order": 2, "payment": 1}[kind]  # the order has long notes
    for paper in ("A4", "Letter"):
        assert 1 <= len(PDF_PAGES.findall(page.pdf(format=paper))) <= most
    here.go("/dashboard/keys")
    expect(page).to_have_title("API keys · Dashboard (test)")
