"""The overview shows correct figures and updates them without a reload."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from playwright.sync_api import Route, expect

from tests.browser.dashboard import Dashboard
from tests.e2e.api import Api, eventually

FAILING = {"method": "upi", "vpa": "failure@upi"}
REFRESH_MS = 5_000
CHART = "Payments per day by outcome, last 30 days"


@pytest.fixture(scope="module")
def seller(new_merchant):
    """A merchant with three payments of ₹2,50,000.00, one of them failed; tests add no payments."""
    merchant: Api = new_merchant()
    order = merchant.order(amount=25_000_000)
    payments = [merchant.payment(order_id=order["id"], **kind) for kind in ({}, {}, FAILING)]
    for payment in payments:
        merchant.settled(payment["id"])
    eventually(lambda: merchant.get("/stats").json()["totals"]["success_rate"] == pytest.approx(2 / 3))
    return merchant


@pytest.fixture
def overview(dashboard: Dashboard, seller: Api) -> Dashboard:
    signed_in = replace(dashboard, merchant=seller)
    signed_in.sign_in()
    return signed_in


SHIFTS = """() => new Promise((resolve) => {
  const shifts = [];
  const note = (list) => list.getEntries().forEach(({ value, sources }) =>
    shifts.push([value, ...sources.map(({ node }) => node?.className || node?.nodeName)]));
  new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(shifts), 200);
})"""
MAX_SHIFT = 0.05
# The delay of each response, so that they arrive one after another.
LATENCIES_S = {"payments": 0.35, "stats": 0.5}
VIEWPORTS = [(1280, 860), (900, 1200), (390, 844), (320, 640)]


@pytest.mark.parametrize("viewport", VIEWPORTS, ids=lambda size: f"{size[0]} px")
@pytest.mark.parametrize("has_payments", [True, False], ids=["some payments", "no payment"])
def test_arriving_responses_do_not_shift_the_layout(dashboard, seller, new_context, viewport, has_payments):
    size = {"width": viewport[0], "height": viewport[1]}
    merchant = seller if has_payments else dashboard.merchant
    here = replace(dashboard, page=new_context(viewport=size).new_page(), merchant=merchant)
    here.keep_session()
    for path, latency_s in LATENCIES_S.items():
        here.page.route(re.compile(rf"/{path}(\?|$)"), delayed(latency_s))
    here.open("/dashboard")
    expect(here.part("total-transactions")).to_be_visible()
    expect(here.page.locator(".loading")).to_have_count(0)
    shifts = here.page.evaluate(SHIFTS)
    assert sum(value for value, *_ in shifts) < MAX_SHIFT, shifts


def delayed(latency_s: float) -> Callable[[Route], None]:
    def respond_later(route: Route) -> None:
        time.sleep(latency_s)
        route.continue_()

    return respond_later


def test_the_layout_shift_measurement_detects_a_shift(overview):
    overview.page.evaluate("() => document.querySelector('h1').style.marginTop = '200px'")
    shifts = overview.page.evaluate(SHIFTS)
    assert sum(value for value, *_ in shifts) > MAX_SHIFT


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_charts_and_the_list_use_utc_and_say_so(dashboard, seller, new_context, zone):
    here = replace(dashboard, page=new_context(timezone_id=zone).new_page(), merchant=seller)
    here.sign_in()
    expect(here.page.get_by_text("Days and times are in UTC.")).to_be_visible()
    latest = seller.get("/payments").json()["data"][0]
    created_at = datetime.fromisoformat(latest["created_at"])
    line = here.page.locator(".latest li").filter(has_text=latest["id"])
    expect(line.locator("time")).to_have_text(
        re.compile(rf"^{created_at.day} \w+ {created_at.year}, .* UTC$")
    )
    last_day = here.page.get_by_role("table", name=CHART).get_by_role("rowheader").last
    today = datetime.fromisoformat(seller.get("/stats").json()["days"][-1]["date"])
    expect(last_day).to_have_text(re.compile(rf"^{today.day} "))


def test_the_statistics_match_the_payments(seller, overview):
    expect(overview.part("total-transactions")).to_have_text("3")
    expect(overview.part("total-amount")).to_have_text("₹5,00,000.00")
    expect(overview.part("success-rate")).to_have_text("66.7%")
    expect(overview.part("stats-container")).to_be_visible()
    latest = overview.page.get_by_role("listitem").filter(has=overview.page.get_by_role("link"))
    expect(latest).to_have_count(3)
    for payment in seller.get("/payments").json()["data"]:
        line = latest.filter(has_text=payment["id"])
        expect(line).to_contain_text("₹2,50,000.00")
        expect(line.locator(".status")).to_have_text(payment["status"])


def test_the_charts_have_a_table_for_screen_readers(overview):
    table = overview.page.get_by_role("table", name=CHART)
    today = table.get_by_role("row").last
    expect(today.get_by_role("cell")).to_have_text(["0", "1", "2"])
    expect(overview.page.locator(".plot canvas")).to_have_count(2)


def test_the_days_of_a_chart_can_be_selected_with_the_keyboard(overview):
    chart = overview.page.get_by_role("slider", name=CHART)
    legend = overview.page.locator(".legend").first
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


def test_a_new_payment_appears_without_a_reload_or_flicker(dashboard, merchant):
    page = dashboard.page
    page.clock.install()
    dashboard.sign_in()
    expect(dashboard.part("total-transactions")).to_have_text("0")
    expect(dashboard.part("success-rate")).to_have_text("\N{EN DASH}")
    expect(dashboard.part("total-amount")).to_have_text("₹0.00")
    expect(page.get_by_text("No payment yet")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    flickered = dashboard.observe(".loading")
    shown = page.locator("[data-test-id=total-transactions], .plot canvas").element_handles()
    payment = merchant.settled(merchant.payment()["id"])
    eventually(lambda: merchant.get("/stats").json()["totals"]["success_rate"] == 1)
    page.clock.fast_forward(REFRESH_MS)
    expect(dashboard.part("success-rate")).to_have_text("100%")
    expect(page.get_by_text(payment["id"])).to_be_visible()
    assert not flickered()
    assert [element.evaluate("element => element.isConnected") for element in shown] == [True] * 3


def test_the_overview_shows_the_api_key_but_no_secret(overview, seller):
    expect(overview.part("api-key")).to_have_text(seller.credentials["X-Api-Key"])
    expect(overview.part("api-secret")).to_have_text("•" * 16)
    expect(overview.part("api-credentials")).to_contain_text("Shown once")


def test_the_card_about_the_first_steps_names_what_is_left(overview, seller):
    steps = overview.part("get-started").get_by_role("listitem")
    expect(steps).to_have_text(["○ Set a webhook URL", "○ Receive a webhook", "✓ Make a payment (done)"])
    with seller.receiver() as receiver:
        seller.send_webhooks_to(receiver.url)
        seller.post("/webhooks/test")
        receiver.wait_for("webhook.test")
        eventually(lambda: seller.get("/webhooks/endpoints").json()["data"][0]["health"]["last_success_at"])
    seller.send_webhooks_to(None)
    overview.open("/dashboard/webhooks")
    overview.page.get_by_role("link", name="Overview").click()
    expect(steps).to_have_text(
        ["○ Set a webhook URL", "✓ Receive a webhook (done)", "✓ Make a payment (done)"]
    )


def test_figures_remain_and_are_marked_when_a_refresh_fails(overview, watch):
    watch.forgive("ERR_FAILED")
    page = overview.page
    page.clock.install()
    overview.open("/dashboard")
    expect(overview.part("total-transactions")).to_have_text("3")
    page.route("**/api/v1/stats*", lambda route: route.abort())
    page.clock.fast_forward(REFRESH_MS)
    expect(page.get_by_text("Not up to date")).to_be_visible()
    expect(overview.part("total-transactions")).to_have_text("3")
    page.unroute("**/api/v1/stats*")
    page.clock.fast_forward(REFRESH_MS)
    expect(page.get_by_text("Not up to date")).to_have_count(0)
