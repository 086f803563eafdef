"""Transactions: the list with its filters and pages, and one payment with all that happened to it."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.e2e.api import card, eventually

FAILING = {"method": "upi", "vpa": "failure@upi"}
MARKUP = "<img src=x onerror=alert(1)><b>broken</b>"


@pytest.fixture
def paid(merchant):
    return merchant.settled(merchant.payment()["id"])


@pytest.fixture
def signed_in(dashboard):
    dashboard.sign_in()
    return dashboard


def test_a_row_tells_what_a_payment_is(paid, signed_in):
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


def test_filters_live_in_the_address(merchant, paid, signed_in):
    failed = merchant.settled(merchant.payment(**FAILING)["id"])
    by_card = merchant.settled(merchant.payment(**card())["id"])
    signed_in.open("/dashboard/transactions")
    rows = signed_in.part("transaction-row")
    expect(rows).to_have_count(3)
    signed_in.page.get_by_label("Status").select_option("failed")
    expect(rows).to_have_count(1)
    expect(signed_in.row(failed["id"])).to_be_visible()
    expect(signed_in.page).to_have_url(re.compile(r"status=failed"))
    signed_in.page.reload()
    expect(rows).to_have_count(1)
    signed_in.page.get_by_label("Status").select_option("")
    signed_in.page.get_by_label("Method").select_option("card")
    expect(rows).to_have_count(1)
    expect(signed_in.row(by_card["id"])).to_be_visible()
    signed_in.page.get_by_role("link", name="Clear").click()
    expect(rows).to_have_count(3)


def test_a_payment_is_found_by_its_id(paid, signed_in):
    signed_in.open("/dashboard/transactions")
    signed_in.page.get_by_role("searchbox").fill(f" {paid['id']} ")
    signed_in.button("Find").click()
    expect(signed_in.part("payment-detail")).to_have_attribute("data-payment-id", paid["id"])
    signed_in.page.get_by_role("link", name="← Transactions").click()
    signed_in.page.get_by_role("searchbox").fill("what")
    signed_in.button("Find").click()
    expect(signed_in.page.get_by_role("alert")).to_have_text("An id begins with pay_ or order_")


def test_pages_go_back_and_forth(merchant, signed_in):
    order = merchant.order()
    ids = [merchant.payment(order_id=order["id"])["id"] for _ in range(22)]
    eventually(lambda: merchant.get("/payments").json()["total"] == 22)
    signed_in.open("/dashboard/transactions")
    rows = signed_in.part("transaction-row")
    expect(rows).to_have_count(20)
    signed_in.button("Older").click()
    expect(rows).to_have_count(2)
    expect(signed_in.row(ids[0])).to_be_visible()
    signed_in.page.reload()
    expect(rows).to_have_count(2)
    signed_in.button("Newer").click()
    expect(rows).to_have_count(20)
    expect(signed_in.button("Newer")).to_be_disabled()


def test_a_payment_tells_its_whole_story(merchant, receiver, signed_in):
    paid = merchant.settled(merchant.payment(**card())["id"])
    merchant.post(f"/payments/{paid['id']}/capture", {})
    merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 10_000, "reason": MARKUP})
    receiver.wait_for("refund.processed", payment_id=paid["id"])
    signed_in.open_payment(paid["id"])
    steps = signed_in.part("payment-timeline").locator("[data-step]")
    names = ["created", "success", "captured", "refund.created", "refund.processed"]
    expect(steps).to_have_count(len(names))
    assert [step.get_attribute("data-step") for step in steps.all()] == names
    for name, event in zip(names, ["payment.created", "payment.success", "payment.captured"], strict=False):
        expect(signed_in.step(name)).to_contain_text(event)
    expect(signed_in.step("success")).to_contain_text("Attempt 1")
    expect(signed_in.step("success")).to_contain_text("200")
    expect(signed_in.step("refund.created")).to_contain_text(MARKUP)
    expect(signed_in.page.locator("#main img, .timeline b:text('broken')")).to_have_count(0)
    expect(signed_in.part("refundable-amount")).to_have_text("₹400.00")


def test_a_failure_says_why(merchant, signed_in):
    failed = merchant.settled(merchant.payment(**FAILING)["id"])
    signed_in.open_payment(failed["id"])
    expect(signed_in.step("failed")).to_contain_text(failed["error_description"])
    expect(signed_in.part("capture-button")).to_have_count(0)
    expect(signed_in.part("refund-button")).to_have_count(0)


def test_a_pending_payment_is_seen_to_succeed(merchant, signed_in):
    signed_in.open_payment(merchant.payment()["id"])
    expect(signed_in.step("success")).to_be_visible()


def test_a_capture_is_asked_about_twice(merchant, paid, signed_in):
    signed_in.open_payment(paid["id"])
    signed_in.part("capture-button").click()
    signed_in.button("Cancel").click()
    assert merchant.get(f"/payments/{paid['id']}").json()["captured"] is False
    signed_in.part("capture-button").click()
    signed_in.part("confirm-capture-button").click()
    expect(signed_in.step("captured")).to_be_visible()
    expect(signed_in.part("capture-button")).to_have_count(0)
    assert merchant.get(f"/payments/{paid['id']}").json()["captured"] is True


def test_a_refund_is_asked_about_twice_and_bounded_by_what_is_left(merchant, paid, signed_in):
    signed_in.open_payment(paid["id"])
    signed_in.part("refund-button").click()
    amount = signed_in.part("refund-amount-input")
    expect(amount).to_have_value("500.00")
    for text, complaint in (
        ("500.01", "At most ₹500.00"),
        ("1.001", "Type an amount"),
        ("x", "Type an amount"),
    ):
        amount.fill(text)
        signed_in.part("review-refund-button").click()
        expect(signed_in.page.get_by_role("alert")).to_contain_text(complaint)
    amount.fill("120.50")
    signed_in.part("refund-reason-input").fill("came broken")
    signed_in.part("review-refund-button").click()
    expect(signed_in.page.get_by_role("dialog")).to_contain_text("Refund ₹120.50?")
    assert merchant.get("/refunds").json()["data"] == []
    signed_in.part("confirm-refund-button").click()
    expect(signed_in.step("refund.created")).to_contain_text("₹120.50")
    expect(signed_in.part("refundable-amount")).to_have_text("₹379.50")
    (refund,) = merchant.get("/refunds").json()["data"]
    assert (refund["amount"], refund["reason"]) == (12_050, "came broken")


def test_a_refund_whose_answer_was_lost_is_made_once(merchant, paid, signed_in, watch):
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
    expect(signed_in.page.get_by_role("alert")).to_contain_text("does not answer")
    signed_in.part("confirm-refund-button").click()
    expect(signed_in.part("refundable-amount")).to_have_text("₹400.00")
    assert len(merchant.get("/refunds").json()["data"]) == 1


def test_refunds_are_listed_with_their_payment(merchant, paid, signed_in):
    refund = merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 999}).json()
    signed_in.open("/dashboard/refunds")
    row = signed_in.page.locator(f"[data-refund-id={refund['id']}]")
    expect(row).to_contain_text("₹9.99")
    expect(row).to_contain_text("processed")
    row.get_by_role("link").click()
    expect(signed_in.part("payment-detail")).to_have_attribute("data-payment-id", paid["id"])


def test_lists_say_when_they_are_empty_and_when_they_fail(signed_in, watch):
    watch.forgive("status of 500")
    signed_in.open("/dashboard/transactions")
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


def test_somebody_elses_payment_is_not_found(new_merchant, signed_in, watch):
    watch.forgive("status of 404")
    theirs = new_merchant().payment()
    signed_in.open(f"/dashboard/transactions?payment={theirs['id']}")
    expect(signed_in.page.get_by_role("alert")).to_contain_text("Payment not found")


def test_a_day_without_payments_is_empty(paid, signed_in):
    signed_in.open("/dashboard/transactions?day=2020-01-01")
    expect(signed_in.page.get_by_text("No such payment")).to_be_visible()
    signed_in.open(f"/dashboard/transactions?day={datetime.now(UTC).date()}")
    expect(signed_in.row(paid["id"])).to_be_visible()


def test_an_orders_payments_are_found_by_its_id(merchant, paid, signed_in):
    merchant.payment()
    signed_in.open("/dashboard/transactions")
    signed_in.page.get_by_role("searchbox").fill(paid["order_id"])
    signed_in.button("Find").click()
    expect(signed_in.part("transaction-row")).to_have_count(1)
    expect(signed_in.row(paid["id"])).to_be_visible()
