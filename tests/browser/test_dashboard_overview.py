"""The overview: figures that are true, and stay so without a reload."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard
from tests.e2e.api import Api, eventually

FAILING = {"method": "upi", "vpa": "failure@upi"}
REFRESH_MS = 5_000
CHART = "Payments a day by outcome, the last 30 days"


@pytest.fixture(scope="module")
def seller(new_merchant):
    """A merchant with three payments of ₹2,50,000.00, of which one failed; no test adds to them."""
    merchant: Api = new_merchant()
    order = merchant.order(amount=25_000_000)
    payments = [merchant.payment(order_id=order["id"], **kind) for kind in ({}, {}, FAILING)]
    for payment in payments:
        merchant.settled(payment["id"])
    eventually(lambda: merchant.get("/stats").json()["totals"]["success_rate"] == pytest.approx(2 / 3))
    return merchant


@pytest.fixture
def of_seller(dashboard: Dashboard, seller: Api) -> Dashboard:
    signed_in = replace(dashboard, merchant=seller)
    signed_in.sign_in()
    return signed_in


def test_the_figures_are_those_of_the_payments(seller, of_seller):
    expect(of_seller.part("total-transactions")).to_have_text("3")
    expect(of_seller.part("total-amount")).to_have_text("₹5,00,000.00")
    expect(of_seller.part("success-rate")).to_have_text("66.7%")
    expect(of_seller.part("stats-container")).to_be_visible()
    latest = of_seller.page.get_by_role("listitem").filter(has=of_seller.page.get_by_role("link"))
    expect(latest).to_have_count(3)
    for payment in seller.get("/payments").json()["data"]:
        line = latest.filter(has_text=payment["id"])
        expect(line).to_contain_text("₹2,50,000.00")
        expect(line.locator(".status")).to_have_text(payment["status"])


def test_the_charts_can_be_read_without_seeing_them(of_seller):
    table = of_seller.page.get_by_role("table", name=CHART)
    today = table.get_by_role("row").last
    expect(today.get_by_role("cell")).to_have_text(["0", "1", "2"])
    expect(of_seller.page.locator(".plot canvas")).to_have_count(2)


def test_the_days_of_a_chart_are_walked_by_keys(of_seller):
    chart = of_seller.page.get_by_role("slider", name=CHART)
    legend = of_seller.page.locator(".legend").first
    chart.focus()
    expect(chart).to_have_attribute("aria-valuetext", re.compile("Pending 0, Failed 1, Succeeded 2$"))
    chart.press("ArrowLeft")
    expect(chart).to_have_attribute("aria-valuenow", "28")
    expect(legend).to_contain_text("Succeeded 0")
    chart.press("Home")
    chart.press("ArrowLeft")
    expect(chart).to_have_attribute("aria-valuenow", "0")
    chart.press("End")
    expect(legend).to_contain_text("Succeeded 2")


def test_a_payment_shows_up_without_a_reload_or_a_flicker(dashboard, merchant):
    page = dashboard.page
    page.clock.install()
    dashboard.sign_in()
    expect(dashboard.part("total-transactions")).to_have_text("0")
    expect(dashboard.part("success-rate")).to_have_text("\N{EN DASH}")
    expect(dashboard.part("total-amount")).to_have_text("₹0.00")
    expect(page.get_by_text("No payment yet")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    flickered = dashboard.ever_sees(".loading")
    shown = page.locator("[data-test-id=total-transactions], .plot canvas").element_handles()
    payment = merchant.settled(merchant.payment()["id"])
    eventually(lambda: merchant.get("/stats").json()["totals"]["success_rate"] == 1)
    page.clock.fast_forward(REFRESH_MS)
    expect(dashboard.part("success-rate")).to_have_text("100%")
    expect(page.get_by_text(payment["id"])).to_be_visible()
    assert not flickered()
    assert [element.evaluate("element => element.isConnected") for element in shown] == [True] * 3


def test_the_key_is_shown_and_the_secret_is_not_known(of_seller, seller):
    expect(of_seller.part("api-key")).to_have_text(seller.credentials["X-Api-Key"])
    expect(of_seller.part("api-secret")).to_have_text("•" * 16)
    expect(of_seller.part("api-credentials")).to_contain_text("Shown once")


def test_jobs_and_health_are_shown(of_seller):
    expect(of_seller.page.get_by_text("Healthy", exact=False)).to_be_visible()
    expect(of_seller.page.get_by_text("Waiting")).to_be_visible()


def test_a_figure_that_cannot_be_refreshed_stays_and_says_so(of_seller, watch):
    watch.forgive("ERR_FAILED")
    page = of_seller.page
    page.clock.install()
    of_seller.open("/dashboard")
    expect(of_seller.part("total-transactions")).to_have_text("3")
    page.route("**/api/v1/stats*", lambda route: route.abort())
    page.clock.fast_forward(REFRESH_MS)
    expect(page.get_by_text("Not up to date")).to_be_visible()
    expect(of_seller.part("total-transactions")).to_have_text("3")
    page.unroute("**/api/v1/stats*")
    page.clock.fast_forward(REFRESH_MS)
    expect(page.get_by_text("Not up to date")).to_have_count(0)
