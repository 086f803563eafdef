"""Transactions: the list with filters and pages, and a payment with its timeline."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from tests.browser.dashboard import Dashboard
from tests.e2e.api import Api, Json, card, eventually

FAILING = {"method": "upi", "vpa": "failure@upi"}
PAGE_SIZE = 20
MARKUP = "<img src=x onerror=alert(1)><b>broken</b>"


@pytest.fixture(scope="module")
def merchant(new_merchant):
    """One merchant for all tests, so that the acquirer processes the payments concurrently."""
    return new_merchant()


@pytest.fixture(scope="module")
def history(merchant):
    """Twenty-two payments: one failed, one by card, and others successful."""
    payments = [merchant.payment(**kind) for kind in (FAILING, card(), *[{}] * 20)]
    return [merchant.settled(payment["id"]) for payment in payments]


@pytest.fixture(scope="module")
def succeeded(history):
    return reversed(history[2:])  # the newest are on the first page


@pytest.fixture
def paid(succeeded):
    """A payment that no other test captures or refunds."""
    return next(succeeded)


@pytest.fixture
def signed_in(dashboard):
    dashboard.keep_session()
    return dashboard


def test_a_row_shows_the_payment(paid, signed_in):
    signed_in.open("/dashboard/transactions")
    row = signed_in.row(paid["id"])
    for test_id, text in (
        ("payment-id", paid["id"]),
        ("order-id", paid["order_id"]),
        ("amount", "₹500.00"),
        ("method", "upi"),
        ("status", "success"),
    ):
        expect(row.get_by_test_id(test_id)).to_have_text(text)
    expect(row.get_by_test_id("created-at")).to_have_attribute("datetime", paid["created_at"])
    expect(signed_in.part("transactions-table")).to_be_visible()


def test_a_row_shows_who_received_a_card_whose_number_the_gateway_does_not_know(history, signed_in):
    card_payment = history[1]

    def without_number(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        for payment in body["data"]:
            payment.pop("card_network", None)
            payment.pop("card_last4", None)
        route.fulfill(response=response, json=body)

    signed_in.page.route("**/api/v1/payments?*", without_number)
    signed_in.open("/dashboard/transactions?method=card")
    expect(signed_in.row(card_payment["id"])).to_contain_text("card entered at the acquirer")


def test_filters_are_part_of_the_url(history, signed_in):
    failed, by_card, *_ = history
    signed_in.open("/dashboard/transactions")
    rows = signed_in.part("transaction-row")
    expect(rows).to_have_count(PAGE_SIZE)
    signed_in.page.get_by_label("Status").select_option("failed")
    expect(rows).to_have_count(1)
    expect(signed_in.row(failed["id"])).to_be_visible()
    expect(signed_in.page).to_have_url(re.compile(r"status=failed"))
    signed_in.page.reload()
    expect(rows).to_have_count(1)
    signed_in.page.get_by_label("Status").select_option("")
    signed_in.page.get_by_label("Method").select_option("card")
    expect(signed_in.row(by_card["id"])).to_be_visible()
    # Another test may have paid by card, too.
    expect(rows.get_by_test_id("method").filter(has_text="upi")).to_have_count(0)
    signed_in.page.get_by_role("link", name="Clear").click()
    expect(rows).to_have_count(PAGE_SIZE)


def test_pages_can_be_browsed_in_both_directions(merchant, history, signed_in):
    total = eventually(lambda: total_of(merchant, at_least=len(history)))
    signed_in.open("/dashboard/transactions")
    rows = signed_in.part("transaction-row")
    expect(rows).to_have_count(PAGE_SIZE)
    expect(signed_in.page.get_by_text(f"{total} in all")).to_be_visible()
    signed_in.button("Older").click()
    expect(rows).to_have_count(total - PAGE_SIZE)
    expect(signed_in.row(history[0]["id"])).to_be_visible()
    signed_in.page.reload()
    expect(rows).to_have_count(total - PAGE_SIZE)
    signed_in.button("Newer").click()
    expect(rows).to_have_count(PAGE_SIZE)
    expect(signed_in.button("Newer")).to_be_disabled()


def total_of(merchant: Api, *, at_least: int) -> int | None:
    """The total of the merchant's payments, or None while it is below `at_least`."""
    total: int = merchant.get("/payments").json()["total"]
    return total if total >= at_least else None


def test_a_payment_shows_its_complete_timeline(new_merchant, dashboard):
    merchant: Api = new_merchant()
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        paid = merchant.paid(**card())
        captured = merchant.post(f"/payments/{paid['id']}/capture", {}).json()
        refund = merchant.refund(paid["id"], 10_000, reason=MARKUP)
        receiver.wait_for("refund.processed", payment_id=paid["id"])
        merchant.paid()  # another payment with separate webhooks
        merchant.log_of("refund.processed", lambda log: log["status"] == "success")
    story = replace(dashboard, merchant=merchant)
    story.keep_session()
    story.open_payment(paid["id"])
    expected = {
        "created": ["payment.created", "payment.pending"],
        "success": ["payment.success"],
        "captured": ["payment.captured"],
        "refund.created": ["refund.created"],
        "refund.processed": ["refund.processed"],
    }
    steps = story.part("payment-timeline").locator("[data-step]")
    expect(steps).to_have_count(len(expected))
    assert [step.get_attribute("data-step") for step in steps.all()] == list(expected)
    for name, events in expected.items():
        expect(story.step(name).get_by_role("link")).to_have_text(events)
        expect(story.step(name).get_by_text("Attempt 1")).to_have_count(len(events))
        expect(story.step(name)).to_contain_text("200")
    times = [step.locator("time").first.get_attribute("datetime") for step in steps.all()]
    refunded_at = merchant.get(f"/refunds/{refund['id']}").json()["processed_at"]
    assert times == [
        paid["created_at"],
        paid["settled_at"],
        captured["captured_at"],
        refund["created_at"],
        refunded_at,
    ]
    expect(story.step("refund.created")).to_contain_text(MARKUP)
    expect(story.page.locator("#main img, .timeline b:text('broken')")).to_have_count(0)
    expect(story.part("refundable-amount")).to_have_text("₹400.00")


def test_a_failed_payment_shows_its_reason(history, signed_in):
    failed = history[0]
    signed_in.open_payment(failed["id"])
    expect(signed_in.step("failed")).to_contain_text(failed["error_description"])
    expect(signed_in.part("capture-button")).to_have_count(0)
    expect(signed_in.part("refund-button")).to_have_count(0)


def test_a_pending_payment_updates_to_success(merchant, signed_in):
    signed_in.open_payment(merchant.payment()["id"])
    expect(signed_in.step("success")).to_be_visible()


def test_a_capture_requires_confirmation(merchant, paid, signed_in):
    signed_in.open_payment(paid["id"])
    signed_in.part("capture-button").click()
    signed_in.button("Cancel").click()
    assert merchant.get(f"/payments/{paid['id']}").json()["captured"] is False
    signed_in.part("capture-button").click()
    signed_in.part("confirm-capture-button").click()
    expect(signed_in.step("captured")).to_be_visible()
    expect(signed_in.part("capture-button")).to_have_count(0)
    expect(signed_in.part("payment-detail")).to_be_focused()
    assert merchant.get(f"/payments/{paid['id']}").json()["captured"] is True


def test_the_focus_returns_to_the_payment_after_a_full_refund(paid, signed_in):
    signed_in.open_payment(paid["id"])
    signed_in.part("refund-button").click()
    signed_in.part("review-refund-button").click()
    signed_in.part("confirm-refund-button").click()
    expect(signed_in.part("refund-button")).to_have_count(0)
    expect(signed_in.part("payment-detail")).to_be_focused()


def test_the_back_link_keeps_filters_and_page(merchant, history, signed_in):
    eventually(lambda: total_of(merchant, at_least=len(history)))
    signed_in.open("/dashboard/transactions?method=upi")
    rows = signed_in.part("transaction-row")
    expect(rows).to_have_count(PAGE_SIZE)
    signed_in.button("Older").click()
    expect(signed_in.row(history[0]["id"])).to_be_visible()
    address, ids = signed_in.page.url, row_ids(signed_in)
    signed_in.row(history[0]["id"]).get_by_role("link").click()
    expect(signed_in.part("payment-detail")).to_be_visible()
    assert signed_in.page.evaluate("() => document.activeElement.id") == "main", "the link no longer exists"
    signed_in.page.reload()
    signed_in.page.get_by_role("link", name="← Transactions").click()
    expect(signed_in.row(history[0]["id"])).to_be_visible()
    assert (signed_in.page.url, row_ids(signed_in)) == (address, ids)
    signed_in.button("Newer").click()
    expect(rows).to_have_count(PAGE_SIZE)
    expect(signed_in.button("Newer")).to_be_disabled()
    expect(signed_in.button("Newer")).to_be_focused()


def row_ids(dashboard: Dashboard) -> list[str | None]:
    return [row.get_attribute("data-payment-id") for row in dashboard.part("transaction-row").all()]


def test_a_refund_requires_confirmation_and_is_limited_to_the_refundable_amount(merchant, paid, signed_in):
    signed_in.open_payment(paid["id"])
    signed_in.part("refund-button").click()
    amount = signed_in.part("refund-amount-input")
    expect(amount).to_have_value("500.00")
    for text, complaint in (
        ("500.01", "At most ₹500.00"),
        ("1.001", "Enter an amount"),
        ("x", "Enter an amount"),
    ):
        amount.fill(text)
        signed_in.part("review-refund-button").click()
        expect(signed_in.page.get_by_role("alert")).to_contain_text(complaint)
    amount.fill("120.50")
    signed_in.part("refund-reason-input").fill("arrived broken")
    signed_in.part("review-refund-button").click()
    expect(signed_in.page.get_by_role("dialog")).to_contain_text("Refund ₹120.50?")
    assert refunds_of(merchant, paid) == []
    signed_in.part("confirm-refund-button").click()
    expect(signed_in.step("refund.created")).to_contain_text("₹120.50")
    expect(signed_in.part("refund-button")).to_be_focused()
    expect(signed_in.part("refundable-amount")).to_have_text("₹379.50")
    (refund,) = refunds_of(merchant, paid)
    assert (refund["amount"], refund["reason"]) == (12_050, "arrived broken")


@pytest.mark.parametrize(
    ("currency", "whole", "amount"),
    [("HUF", "HUF\u00a0500.00", 10_000), ("IQD", "IQD\u00a050.000", 10_000), ("JPY", "JP¥50,000", 10)],
)
def test_a_refund_amount_uses_the_minor_units_of_its_currency(merchant, signed_in, currency, whole, amount):
    order = merchant.order(amount=50_000, currency=currency)
    payment = merchant.settled(merchant.payment(order_id=order["id"], **card())["id"])
    signed_in.open_payment(payment["id"])
    expect(signed_in.part("refundable-amount")).to_have_text(whole)
    signed_in.part("refund-button").click()
    signed_in.part("refund-amount-input").fill("100" if currency == "HUF" else "10")
    signed_in.part("review-refund-button").click()
    signed_in.part("confirm-refund-button").click()
    expect(signed_in.step("refund.created")).to_be_visible()
    (refund,) = refunds_of(merchant, payment)
    assert refund["amount"] == amount


def refunds_of(merchant: Api, payment: Json) -> list[Json]:
    refunds: list[Json] = merchant.get(f"/refunds?payment_id={payment['id']}").json()["data"]
    return refunds


def test_a_refund_whose_response_was_lost_is_created_once(merchant, paid, signed_in, watch):
    watch.forgive("ERR_FAILED")
    signed_in.open_payment(paid["id"])
    signed_in.part("refund-button").click()
    signed_in.part("refund-amount-input").fill("100")
    signed_in.part("review-refund-button").click()

    def lose_answer(route):
        if route.request.method == "POST":
            route.fetch()
        route.abort()

    signed_in.page.route("**/refunds", lose_answer, times=1)
    signed_in.part("confirm-refund-button").click()
    expect(signed_in.page.get_by_role("alert")).to_contain_text("does not respond")
    signed_in.part("confirm-refund-button").click()
    expect(signed_in.part("refundable-amount")).to_have_text("₹400.00")
    assert len(refunds_of(merchant, paid)) == 1


LONG_REASON = "The buyer wrote a whole letter about this, with averyverylongwordwithoutanyspaceinit."
MISPLACED = """() => {
  const card = document.querySelector(".card.list").getBoundingClientRect();
  const frame = document.querySelector(".card.list .table-frame");
  const shown = (selector, within) =>
    [...within.querySelectorAll(selector)].filter((part) => part.checkVisibility());
  const box = (part) => part.getBoundingClientRect();
  const outside = shown("th, td, td > *", frame).filter(
    (part) => box(part).left < card.left - 0.5 || box(part).right > card.right + 0.5);
  const covered = shown("tr", frame).flatMap((row) => {
    const parts = shown("td > *", row).filter((part) => !part.closest(".cut"));
    return parts.filter((part) => parts.some((other) => other.parentNode !== part.parentNode &&
      box(part).left < box(other).right - 0.5 && box(other).left < box(part).right - 0.5 &&
      box(part).top < box(other).bottom - 0.5 && box(other).top < box(part).bottom - 0.5));
  });
  const names = [...outside, ...covered].map((part) => `${part.tagName} ${part.textContent}`);
  return frame.scrollWidth > frame.clientWidth ? [...names, "the table scrolls"] : names;
}"""
"""The elements that are outside their card or overlap another element."""


WIDEN = """() => document.querySelectorAll("[data-test-id$=amount]").forEach((cell) => {
  cell.textContent = "KWD 12,345.678";
})"""
"""Write a wide amount with a currency code into every row of the lists of payments and webhooks."""


@pytest.fixture
def refunded(merchant, paid, receiver):
    """A refund with all fields of a row, and its webhook log."""
    merchant.refunded(merchant.refund(paid["id"], 49_999, reason=LONG_REASON)["id"])
    merchant.log_of("refund.processed", lambda log: log["attempts"] > 0)


@pytest.mark.usefixtures("refunded")
@pytest.mark.parametrize(
    ("path", "row"),
    [("refunds", "refund-row"), ("transactions", "transaction-row"), ("webhooks", "webhook-log-item")],
)
def test_a_table_fits_in_its_card_at_every_width(signed_in, path, row):
    signed_in.open(f"/dashboard/{path}")
    expect(signed_in.part(row).first).to_be_visible()
    signed_in.page.evaluate(WIDEN)
    for width in range(320, 1_700, 20):
        signed_in.page.set_viewport_size({"width": width, "height": 700})
        assert signed_in.page.evaluate(MISPLACED) == [], f"{path} at {width} px"


def test_refunds_are_listed_with_their_payment(merchant, paid, signed_in):
    refund = merchant.refunded(merchant.refund(paid["id"], 999)["id"])
    signed_in.open("/dashboard/refunds")
    row = signed_in.page.locator(f"[data-refund-id={refund['id']}]")
    expect(row).to_contain_text("₹9.99")
    expect(row).to_contain_text("processed")
    row.get_by_role("link").click()
    expect(signed_in.part("payment-detail")).to_have_attribute("data-payment-id", paid["id"])


def test_lists_show_when_they_are_empty_and_when_they_fail(new_merchant, dashboard, watch):
    watch.forgive("status of 500")
    signed_in = replace(dashboard, merchant=new_merchant())
    signed_in.sign_in("/dashboard/transactions")
    expect(signed_in.page.get_by_text("No payment yet")).to_be_visible()
    broken = {
        "error": {"code": "INTERNAL_SERVER_ERROR", "description": "An internal error", "request_id": "r-1"}
    }
    headers = {"Access-Control-Allow-Origin": "*"}
    signed_in.page.route(
        "**/api/v1/refunds*", lambda route: route.fulfill(status=500, json=broken, headers=headers)
    )
    signed_in.page.get_by_role("link", name="Refunds").click()
    expect(signed_in.page.get_by_role("alert")).to_contain_text("r-1")
    signed_in.page.unroute("**/api/v1/refunds*")
    signed_in.button("Try again").click()
    expect(signed_in.page.get_by_text("No refund yet")).to_be_visible()


def test_a_payment_of_another_merchant_is_not_found(new_merchant, signed_in, watch):
    watch.forgive("status of 404")
    theirs = new_merchant().payment()
    signed_in.open(f"/dashboard/transactions?payment={theirs['id']}")
    expect(signed_in.page.get_by_role("alert")).to_contain_text("Payment not found")


def test_links_with_a_day_use_the_zone_of_the_merchant_and_not_that_of_the_viewer(
    history, dashboard, new_context
):
    by_card = history[1]
    created_at = datetime.fromisoformat(by_card["created_at"])
    zone = "Pacific/Kiritimati" if created_at.hour >= 10 else "Etc/GMT+12"  # a zone with another date
    day = created_at.date()
    here = replace(dashboard, page=new_context(timezone_id=zone).new_page())
    here.keep_session()
    here.open(f"/dashboard/transactions?method=card&day={day}")
    expect(here.row(by_card["id"])).to_be_visible()
    here.open(f"/dashboard/transactions?method=card&day={day - timedelta(days=1)}")
    expect(here.page.get_by_text("No matching payments")).to_be_visible()


def test_an_address_can_show_the_payments_of_an_order(paid, signed_in):
    signed_in.open(f"/dashboard/transactions?order={paid['order_id']}")
    expect(signed_in.part("order-filter")).to_contain_text(paid["order_id"])
    expect(signed_in.part("transaction-row")).to_have_count(1)
    expect(signed_in.row(paid["id"])).to_be_visible()
