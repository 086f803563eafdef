"""The page Get started: from an account without a URL to a verified webhook, and sample data."""

import re
from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import APIResponse, Route, expect

from infra.local.receiver import Behaviour, Receiver
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.dashboard import Dashboard
from tests.browser.watch import Watch
from tests.e2e.api import Api, Json, eventually

SAMPLES = {"success": 6, "failed": 4, "pending": 2}  # payments by status


def is_done(dashboard: Dashboard, step: str, *, done: bool = True) -> None:
    expect(dashboard.part(f"step-{step}")).to_have_attribute("data-done", str(done).lower())


def test_an_account_without_a_url_reaches_a_verified_webhook(
    dashboard: Dashboard, merchant: Api, watch: Watch, shoot: Shoot
):
    watch.forgive("status of 400")
    dashboard.sign_in("/dashboard/start")
    for step in ("url", "test", "payment", "verified"):
        is_done(dashboard, step, done=False)
    expect(dashboard.part("start-test-button")).to_be_disabled()
    dashboard.part("start-url-input").fill("ftp://shop.example")
    dashboard.part("start-save-url-button").click()
    expect(dashboard.page.locator("#start-url-error")).to_contain_text("URL")
    with merchant.receiver() as receiver:
        dashboard.part("start-url-input").fill(receiver.url)
        dashboard.part("start-save-url-button").click()
        is_done(dashboard, "url")
        _send_test(dashboard, receiver)
        _pay(dashboard)
        receiver.wait_for("payment.success")
        expect(dashboard.part("start-accepted")).to_have_attribute("data-status", "pass")
        is_done(dashboard, "verified", done=False)
        dashboard.part("start-check-button").click()
        expect(dashboard.part("start-complete")).to_be_visible()
    is_done(dashboard, "verified")
    shoot(dashboard.page, "dashboard-start-complete")
    assert axe.violations(dashboard.page) == []
    dashboard.page.reload()
    for step in ("url", "test", "payment"):
        is_done(dashboard, step)
    expect(dashboard.part("start-accepted")).to_have_attribute("data-status", "pass")


def _send_test(dashboard: Dashboard, receiver: Receiver) -> None:
    receiver.behaviour = Behaviour(status=503)
    dashboard.part("start-test-button").click()
    result = dashboard.part("start-test-result")
    expect(result).to_contain_text(re.compile(r"503 after \d+ ms"))
    expect(result.get_by_role("link", name="signature debugger")).to_be_visible()
    is_done(dashboard, "test", done=False)
    receiver.behaviour = Behaviour()
    dashboard.part("start-test-button").click()
    expect(result).to_contain_text(re.compile(r"Success 200 after \d+ ms", re.IGNORECASE))
    is_done(dashboard, "test")


def _pay(dashboard: Dashboard) -> None:
    """Pay in the opened tab, as the page says."""
    with dashboard.page.context.expect_page() as opened:
        dashboard.part("start-payment-button").click()
    checkout = opened.value
    expect(checkout.get_by_test_id("test-mode")).to_have_text("Test mode: no money moves")
    checkout.get_by_test_id("vpa-input").fill("success@upi")
    checkout.get_by_test_id("pay-button").locator("visible=true").click()
    expect(dashboard.part("start-payment-result")).to_contain_text("pay_")
    is_done(dashboard, "payment")
    expect(dashboard.part("start-payment-result")).to_contain_text("success")
    checkout.close()


def test_a_receiver_that_accepts_forged_webhooks_is_reported(
    dashboard: Dashboard, merchant: Api, receiver: Receiver
):
    def accepts(route: Route) -> None:
        check = (route.request.post_data_json or {})["check"]
        reason = "the receiver accepted it"
        result = {"check": check, "purpose": "", "guide": "", "status": "fail", "reason": reason}
        route.fulfill(json=result | {"advice": None, "latency_ms": 1})

    dashboard.page.route("**/endpoints/default/lab", accepts)
    dashboard.sign_in("/dashboard/start")
    dashboard.part("start-check-button").click()
    expect(dashboard.part("start-tampered-body")).to_have_attribute("data-status", "fail")
    expect(dashboard.part("start-wrong-secret")).to_contain_text("the receiver accepted it")
    expect(dashboard.part("start-diagnosis")).to_be_visible()
    is_done(dashboard, "verified", done=False)


def test_sample_data_is_created_once_even_if_it_is_stopped_and_a_response_is_lost(
    dashboard: Dashboard, merchant: Api, watch: Watch, shoot: Shoot
):
    watch.forgive("ERR_FAILED")
    lost = list[APIResponse]()

    def lose_one(route: Route) -> None:
        """The third payment is created, but its response does not arrive."""
        is_third = route.request.method == "POST" and route.request.headers["idempotency-key"].endswith("-3")
        if is_third and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    dashboard.page.route("**/api/v1/payments", lose_one)
    dashboard.sign_in("/dashboard/transactions")
    expect(dashboard.page.get_by_text("No payment yet")).to_be_visible()
    dashboard.part("sample-data-link").click()
    dialog = dashboard.page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(12)
    shoot(dashboard.page, "dashboard-sample-data")
    assert axe.violations(dashboard.page) == []
    dashboard.part("create-sample-data-button").click()
    expect(dialog.get_by_role("alert")).to_contain_text("nothing is created twice")
    dashboard.part("create-sample-data-button").click()
    dashboard.part("stop-sample-data-button").click()
    expect(dashboard.part("sample-data-progress")).to_contain_text("Stopped")
    dashboard.part("create-sample-data-button").click()
    expect(dashboard.part("sample-data-progress")).to_contain_text("with their captures and refunds")
    dashboard.part("created-samples-link").click()
    assert urlsplit(dashboard.page.url).path == "/dashboard/transactions"

    def settled() -> list[Json] | None:
        """The payments, after those that nothing follows have their outcome too."""
        payments: list[Json] = merchant.get("/payments?limit=100").json()["data"]
        pending = [payment for payment in payments if payment["status"] == "pending"]
        return payments if len(pending) <= SAMPLES["pending"] else None

    created = eventually(settled)
    assert merchant.get("/orders?limit=100").json()["total"] == 12
    assert Counter(payment["status"] for payment in created) == SAMPLES
    assert len(merchant.get("/refunds").json()["data"]) == 3
    assert len(lost) == 1


def test_a_live_dashboard_says_so_and_has_neither_test_payments_nor_sample_data(
    dashboard: Dashboard, merchant: Api
):
    def live(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace('mode:"test"', 'mode:"live"'))

    dashboard.page.route("**/*.js", live)
    dashboard.open("/login")
    expect(dashboard.part("mode")).to_have_text("Live")
    dashboard.sign_in("/dashboard/start")
    expect(dashboard.part("mode")).to_have_text("Live")
    expect(dashboard.page).to_have_title("Get started · Dashboard")
    expect(dashboard.part("step-verified")).to_be_visible()
    for absent in ("step-payment", "start-check-button", "sample-data-link"):
        expect(dashboard.part(absent)).to_have_count(0)
    dashboard.go("/dashboard/transactions")
    expect(dashboard.page.get_by_text("No payment yet")).to_be_visible()
    expect(dashboard.part("sample-data-link")).to_have_count(0)


def test_operations_explains_its_figures_and_what_is_absent_in_production(dashboard: Dashboard, watch: Watch):
    watch.forgive("status of 404")
    dashboard.sign_in("/dashboard/operations")
    expect(dashboard.part("health-worker")).to_have_text("running")
    expect(dashboard.part("jobs-table").get_by_role("rowheader")).to_have_text(
        ["Payments", "Refunds", "Webhooks", "All"]
    )
    expect(dashboard.part("jobs")).to_contain_text("In the dead-letter queue after repeated errors")
    dashboard.page.route("**/test/jobs/status", lambda route: route.fulfill(status=404, json={}))
    dashboard.page.reload()
    expect(dashboard.part("jobs")).to_contain_text("not available")


def test_the_menu_of_a_phone_opens_and_closes(dashboard: Dashboard):
    dashboard.page.set_viewport_size({"width": 320, "height": 640})
    dashboard.sign_in()
    button, link = (
        dashboard.part("menu-button"),
        dashboard.page.get_by_role("link", name="Transactions", exact=True),
    )
    expect(link).to_be_hidden()
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    dashboard.page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    button.click()
    link.click()
    expect(dashboard.page.get_by_role("heading", level=1)).to_have_text("Transactions")
    expect(link).to_be_hidden()
