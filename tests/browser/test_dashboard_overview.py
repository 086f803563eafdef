"""The overview: figures that are true, and stay so without a reload."""

import pytest
from playwright.sync_api import expect

from tests.e2e.api import eventually

FAILING = {"method": "upi", "vpa": "failure@upi"}


@pytest.fixture
def paid(merchant):
    """Three payments of ₹2,50,000.00, of which one failed."""
    order = merchant.order(amount=25_000_000)
    payments = [merchant.payment(order_id=order["id"], **kind) for kind in ({}, {}, FAILING)]
    for payment in payments:
        merchant.settled(payment["id"])
    eventually(lambda: merchant.get("/stats").json()["totals"]["success_rate"] == pytest.approx(2 / 3))
    return payments


def test_the_figures_are_those_of_the_payments(paid, dashboard):
    dashboard.sign_in()
    expect(dashboard.part("total-transactions")).to_have_text("3")
    expect(dashboard.part("total-amount")).to_have_text("₹5,00,000.00")
    expect(dashboard.part("success-rate")).to_have_text("66.7%")
    expect(dashboard.part("stats-container")).to_be_visible()
    latest = dashboard.page.get_by_role("listitem").filter(has=dashboard.page.get_by_role("link"))
    expect(latest.filter(has_text=paid[0]["id"])).to_contain_text("₹2,50,000.00")


def test_the_charts_can_be_read_without_seeing_them(paid, dashboard):
    dashboard.sign_in()
    table = dashboard.page.get_by_role("table", name="Payments a day by outcome, the last 30 days")
    today = table.get_by_role("row").last
    expect(today.get_by_role("cell")).to_have_text(["0", "1", "2"])
    expect(dashboard.page.locator(".plot canvas")).to_have_count(2)


def test_a_payment_shows_up_without_a_reload(dashboard, merchant):
    dashboard.sign_in()
    expect(dashboard.part("total-transactions")).to_have_text("0")
    expect(dashboard.part("success-rate")).to_have_text("\N{EN DASH}")
    expect(dashboard.part("total-amount")).to_have_text("₹0.00")
    expect(dashboard.page.get_by_text("No payment yet")).to_be_visible()
    payment = merchant.payment()
    expect(dashboard.part("success-rate")).to_have_text("100%")
    expect(dashboard.page.get_by_text(payment["id"])).to_be_visible()


def test_the_key_is_shown_and_the_secret_is_not_known(dashboard, merchant):
    dashboard.sign_in()
    expect(dashboard.part("api-key")).to_have_text(merchant.credentials["X-Api-Key"])
    expect(dashboard.part("api-secret")).to_have_text("•" * 16)
    expect(dashboard.part("api-credentials")).to_contain_text("Shown once")


def test_jobs_and_health_are_shown(dashboard):
    dashboard.sign_in()
    expect(dashboard.page.get_by_text("Healthy", exact=False)).to_be_visible()
    expect(dashboard.page.get_by_text("Waiting")).to_be_visible()


def test_a_figure_that_cannot_be_refreshed_stays_and_says_so(dashboard, watch):
    watch.forgive("ERR_FAILED")
    dashboard.sign_in()
    expect(dashboard.part("total-transactions")).to_have_text("0")
    dashboard.page.route("**/api/v1/stats*", lambda route: route.abort())
    expect(dashboard.page.get_by_text("Not up to date")).to_be_visible()
    expect(dashboard.part("total-transactions")).to_have_text("0")
    dashboard.page.unroute("**/api/v1/stats*")
    expect(dashboard.page.get_by_text("Not up to date")).to_have_count(0)
