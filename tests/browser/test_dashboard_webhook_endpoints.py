"""Webhook endpoints in the dashboard: the log, its filters, the cards, the banner and the event catalogue."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Locator, Page, Route, expect

from chalicelib.domain.clock import utc_now
from chalicelib.domain.lab.check import CheckName
from infra.event_catalogue import catalogue
from infra.local.receiver import Receiver
from infra.local.receiver.behaviour import Behaviour
from tests.browser import axe
from tests.browser.conftest import SCREENSHOTS
from tests.browser.dashboard import Dashboard
from tests.browser.watch import Watch
from tests.e2e.api import UNREACHABLE_URL, Api, Json, eventually

BANNER = "Webhooks are not delivered"
REPLAYED_PER_REQUEST = 100


@pytest.fixture
def webhooks(dashboard: Dashboard) -> Dashboard:
    open_webhooks(dashboard)
    return dashboard


def open_webhooks(dashboard: Dashboard, query: str = "") -> None:
    dashboard.sign_in(f"/dashboard/webhooks{query}")
    expect(dashboard.part("edit-endpoint-button").first).to_be_visible()


def new_endpoint(merchant: Api, url: str, **fields: Any) -> Json:
    """Create a webhook endpoint."""
    response = merchant.post("/webhooks/endpoints", {"url": url, **fields})
    assert response.status_code == 201, response.text
    endpoint: Json = response.json()
    return endpoint


def endpoints(merchant: Api) -> list[Json]:
    listed: list[Json] = merchant.get("/webhooks/endpoints").json()["data"]
    return listed


@contextmanager
def subscribed(merchant: Api, **fields: Any) -> Iterator[tuple[Receiver, Json]]:
    """A receiver with an additional endpoint of the merchant."""
    with Receiver(secret="replaced") as receiver:
        endpoint = new_endpoint(merchant, receiver.url, **fields)
        verify_with(receiver, endpoint["secret"])
        yield receiver, endpoint


def verify_with(receiver: Receiver, secret: str) -> None:
    """Change the secret of a running receiver."""
    requests.put(
        receiver.url.replace("/webhook", "/secret"), json={"secret": secret}, timeout=10
    ).raise_for_status()


def card(dashboard: Dashboard, endpoint: Json) -> Locator:
    return dashboard.page.locator(f"[data-test-id=webhook-endpoint][data-endpoint-id={endpoint['id']}]")


def log_row(dashboard: Dashboard, log: Json) -> Locator:
    return dashboard.page.locator(f"[data-test-id=webhook-log-item][data-webhook-id='{log['id']}']")


# The log.


def test_a_row_that_waits_for_a_retry_is_shown_as_a_problem(merchant, receiver, dashboard):
    receiver.behaviour = Behaviour(status=500)
    payment = merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["retrying"])
    open_webhooks(dashboard)
    row = log_row(dashboard, log)
    expect(row).to_have_class(re.compile("retrying"))
    expect(row.get_by_test_id("webhook-status")).to_have_text("retrying")
    expect(row.get_by_test_id("webhook-next-attempt")).to_contain_text("Next attempt")
    expect(row.get_by_test_id("webhook-failure")).to_have_text("HTTP 500")
    expect(row.get_by_test_id("webhook-response-code")).to_have_text("500")
    expect(row.get_by_test_id("webhook-payment")).to_have_text(payment["id"])
    expect(row.get_by_test_id("webhook-amount")).to_have_text("₹500.00")
    expect(row.get_by_test_id("webhook-endpoint-name")).to_have_text(receiver.url.removeprefix("http://"))


def test_a_row_without_a_response_shows_the_reason(merchant, dashboard):
    merchant.send_webhooks_to(UNREACHABLE_URL)
    merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["error"])
    open_webhooks(dashboard)
    expect(log_row(dashboard, log).get_by_test_id("webhook-failure")).to_have_text(log["error"])


def test_a_delivered_row_is_not_marked(merchant, receiver, dashboard):
    merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["status"] == "success")
    open_webhooks(dashboard)
    row = log_row(dashboard, log)
    expect(row.get_by_test_id("webhook-status")).to_have_text("success")
    expect(row).not_to_have_class(re.compile("retrying"))
    expect(row.get_by_test_id("webhook-failure")).to_have_count(0)


def test_a_webhook_about_an_endpoint_opens_without_a_payment(merchant, receiver, dashboard):
    merchant.post("/webhooks/endpoints/default/test", {"event": "webhook_endpoint.disabled"})
    receiver.wait_for("webhook_endpoint.disabled")
    open_webhooks(dashboard)
    row = dashboard.part("webhook-log-item")
    expect(row.get_by_test_id("webhook-amount")).to_have_text("\N{EN DASH}")
    row.get_by_test_id("webhook-event").click()
    detail = dashboard.part("webhook-detail")
    expect(detail.get_by_role("link", name="default")).to_be_visible()
    expect(detail.get_by_text("Payment", exact=True)).to_have_count(0)


# The filters.


def test_logs_can_be_filtered_by_payment_endpoint_and_day(merchant, receiver, dashboard):
    first, second = merchant.payment(), merchant.payment()
    with subscribed(merchant, events=["payment.success"], description="Ledger") as (ledger, endpoint):
        for payment in (first, second):
            merchant.settled(payment["id"])
            ledger.wait_for("payment.success", payment_id=payment["id"])
            receiver.wait_for("payment.success", payment_id=payment["id"])
    open_webhooks(dashboard)
    page, rows = dashboard.page, dashboard.part("webhook-log-item")
    expect(rows).to_have_count(8)
    page.get_by_role("searchbox", name="Payment").fill(first["id"])
    page.keyboard.press("Enter")
    expect(rows).to_have_count(4)
    page.get_by_role("combobox", name="Endpoint").select_option("Ledger")
    expect(rows).to_have_count(1)
    expect(rows.get_by_test_id("webhook-payment")).to_have_text(first["id"])
    expect(rows.get_by_test_id("webhook-endpoint-name")).to_have_text("Ledger")
    assert f"payment={first['id']}" in page.url
    assert f"endpoint={endpoint['id']}" in page.url
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("searchbox", name="Payment").fill("")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    yesterday = utc_now() - timedelta(days=1)
    page.get_by_test_id("filter-to").fill(yesterday.date().isoformat())
    expect(page.get_by_text("No matching webhooks")).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(rows).to_have_count(8)


def test_a_failing_endpoint_links_to_its_log(merchant, receiver, dashboard):
    merchant.payment()
    endpoint = new_endpoint(merchant, UNREACHABLE_URL, events=["refund.failed"])
    merchant.post(f"/webhooks/endpoints/{endpoint['id']}/test", {"event": "refund.failed"})
    eventually(lambda: endpoints(merchant)[1]["health"]["last_failure_at"])
    open_webhooks(dashboard)
    card(dashboard, endpoint).get_by_role("link", name="View its log").click()
    expect(dashboard.part("webhook-event")).to_have_text(["refund.failed"])
    expect(dashboard.part("webhook-logs-table")).to_be_in_viewport()
    expect(dashboard.page).to_have_url(re.compile(f"endpoint={endpoint['id']}$"))


def test_an_id_of_another_kind_shows_an_error(webhooks):
    webhooks.page.get_by_role("searchbox", name="Payment").fill("order_1")
    webhooks.button("Find").click()
    expect(webhooks.page.get_by_role("alert")).to_have_text("An id starts with pay_")
    assert "payment=" not in webhooks.page.url


# The endpoints.


def test_an_endpoint_can_be_added_and_its_secret_is_shown_once(merchant, webhooks):
    page = webhooks.page
    with Receiver(secret="replaced") as receiver:
        webhooks.part("add-endpoint-button").click()
        webhooks.part("save-endpoint-button").click()
        expect(page.get_by_role("alert")).to_have_text("Enter a URL.")
        webhooks.part("endpoint-url-input").fill(receiver.url)
        webhooks.part("endpoint-description-input").fill("Ledger")
        page.get_by_label("Selected event types").check()
        webhooks.part("save-endpoint-button").click()
        expect(page.get_by_role("alert")).to_have_text("Select at least one event type.")
        page.get_by_role("checkbox", name="payment.success").check()
        page.get_by_role("checkbox", name="refund.processed").check()
        page.get_by_label("Thin").check()
        webhooks.part("save-endpoint-button").click()
        secret = webhooks.part("endpoint-secret")
        expect(secret).to_have_css("-webkit-text-security", "disc")
        page.keyboard.press("Escape")
        verify_with(receiver, secret.text_content() or "")
        webhooks.part("close-secret-button").click()
        expect(secret).to_have_count(0)
        expect(webhooks.part("add-endpoint-button")).to_be_focused()

        added = endpoints(merchant)[1]
        assert (added["url"], added["payload"]) == (receiver.url, "thin")
        assert sorted(added["events"]) == ["payment.success", "refund.processed"]
        shown = card(webhooks, added)
        expect(shown).to_contain_text(receiver.url)
        expect(shown).to_contain_text("Ledger")
        expect(shown.get_by_test_id("endpoint-payload")).to_have_text("Thin: ids only")
        expect(shown.get_by_test_id("endpoint-health")).to_have_text("No attempts")
        expect(shown.get_by_test_id("endpoint-status")).to_have_text("enabled")
        expect(shown.get_by_test_id("endpoint-events").locator("code")).to_have_count(2)

        paid = merchant.paid()
        (received,) = receiver.wait_for("payment.success")
        assert received.verified
        assert json.loads(received.body)["data"]["payment"] == {"id": paid["id"]}


def test_a_rejected_url_is_reported_at_its_field(merchant, webhooks, watch: Watch):
    watch.forgive("status of 400")
    webhooks.part("add-endpoint-button").click()
    webhooks.part("endpoint-url-input").fill("ftp://shop.example")
    webhooks.part("save-endpoint-button").click()
    expect(webhooks.page.get_by_role("alert")).to_contain_text("http:// or https:// URL")
    expect(webhooks.part("endpoint-url-input")).to_have_attribute("aria-invalid", "true")
    assert len(endpoints(merchant)) == 1


def test_a_card_shows_the_health_of_its_endpoint(merchant, dashboard):
    with subscribed(merchant, events=["payment.created", "payment.pending"]) as (receiver, endpoint):
        receiver.behaviour = Behaviour(fail_first_overall=1)
        merchant.payment()
        merchant.log_of("payment.created", lambda log: log["attempts"] > 0)
        merchant.log_of("payment.pending", lambda log: log["attempts"] > 0)
        eventually(lambda: endpoints(merchant)[1]["health"]["last_success_at"])
        open_webhooks(dashboard)
        shown = card(dashboard, endpoint)
        expect(shown.get_by_test_id("endpoint-health")).to_have_text(
            re.compile(r"^\d+(\.\d)?% successful, \d+ ms on average$")
        )
        for result in ("success", "failure"):
            expect(shown.get_by_test_id(f"endpoint-last-{result}")).to_have_attribute(
                "datetime", re.compile(r"^\d{4}-\d\d-\d\dT")
            )


def test_an_endpoint_can_be_edited(merchant, dashboard, watch: Watch):
    endpoint = new_endpoint(merchant, "https://shop.example/ledger", description="Ledger")
    open_webhooks(dashboard)
    page, shown = dashboard.page, card(dashboard, endpoint)
    expect(shown.get_by_test_id("endpoint-events")).to_have_text("All event types")
    shown.get_by_test_id("edit-endpoint-button").click()
    expect(dashboard.part("endpoint-url-input")).to_have_value(endpoint["url"])
    dashboard.part("endpoint-url-input").fill("https://shop.example/accounts")
    page.get_by_label("Selected event types").check()
    page.get_by_role("checkbox", name="refund.failed").check()
    dashboard.part("save-endpoint-button").click()
    expect(page.get_by_text("Endpoint saved")).to_be_visible()
    expect(shown).to_contain_text("https://shop.example/accounts")
    expect(shown.get_by_test_id("endpoint-events")).to_have_text("refund.failed")
    expect(shown.get_by_test_id("edit-endpoint-button")).to_be_focused()
    changes = [json.loads(request.post_data or "") for request in watch.requests if request.method == "PATCH"]
    assert changes == [{"url": "https://shop.example/accounts", "events": ["refund.failed"]}]


def test_the_subscription_of_the_default_endpoint_can_be_edited(merchant, webhooks):
    webhooks.part("webhook-config").get_by_test_id("edit-endpoint-button").click()
    expect(webhooks.part("endpoint-url-input")).to_have_count(0)
    webhooks.page.get_by_label("All event types").check()
    webhooks.part("save-endpoint-button").click()
    expect(webhooks.part("webhook-config").get_by_test_id("endpoint-events")).to_have_text("All event types")
    assert endpoints(merchant)[0]["events"] == ["*"]


def test_an_endpoint_can_be_disabled_and_enabled(merchant, dashboard):
    endpoint = new_endpoint(merchant, "https://shop.example/ledger")
    open_webhooks(dashboard)
    shown, toggle = (
        card(dashboard, endpoint),
        card(dashboard, endpoint).get_by_test_id("toggle-endpoint-button"),
    )
    toggle.click()
    expect(shown.get_by_test_id("endpoint-status")).to_have_text("disabled")
    expect(shown).to_contain_text("It was disabled on request.")
    assert endpoints(merchant)[1]["status"] == "disabled"
    expect(toggle).to_have_text("Enable")
    toggle.click()
    expect(shown.get_by_test_id("endpoint-status")).to_have_text("enabled")
    assert endpoints(merchant)[1]["status"] == "enabled"


def test_deleting_an_endpoint_requires_confirmation(merchant, dashboard):
    endpoint = new_endpoint(merchant, "https://shop.example/ledger")
    open_webhooks(dashboard)
    default = dashboard.part("webhook-config")
    expect(default.get_by_test_id("delete-endpoint-button")).to_have_count(0)
    card(dashboard, endpoint).get_by_test_id("delete-endpoint-button").click()
    dashboard.button("Cancel").click()
    assert len(endpoints(merchant)) == 2
    card(dashboard, endpoint).get_by_test_id("delete-endpoint-button").click()
    dashboard.part("confirm-delete-endpoint-button").click()
    expect(card(dashboard, endpoint)).to_have_count(0)
    assert len(endpoints(merchant)) == 1
    expect(dashboard.page.get_by_role("heading", name="Endpoints", exact=True)).to_be_focused()


def test_a_regenerated_secret_is_shown_once_and_signs(merchant, dashboard):
    with subscribed(merchant) as (receiver, endpoint):
        open_webhooks(dashboard)
        card(dashboard, endpoint).get_by_test_id("regenerate-endpoint-secret-button").click()
        dashboard.part("confirm-regenerate-endpoint-button").click()
        secret = dashboard.part("endpoint-secret")
        expect(secret).to_be_attached()
        regenerated = secret.text_content() or ""
        assert regenerated.startswith("whsec_")
        assert regenerated != endpoint["secret"]
        verify_with(receiver, regenerated)
        dashboard.part("close-secret-button").click()
        card(dashboard, endpoint).get_by_test_id("sample-endpoint-button").click()
        dashboard.part("sample-event-select").select_option("refund.processed")
        dashboard.part("send-sample-button").click()
        expect(dashboard.part("sample-result")).to_contain_text("200")
        (received,) = receiver.wait_for("refund.processed")
        assert received.verified


def test_an_endpoint_is_managed_with_the_keyboard_only(merchant, receiver, webhooks):
    page = webhooks.page
    press(page, webhooks.part("add-endpoint-button"), "Enter")
    expect(webhooks.part("endpoint-url-input")).to_be_focused()
    page.keyboard.type(receiver.url)
    press(page, page.get_by_label("All event types"), "ArrowDown")
    press(page, page.get_by_role("checkbox", name="payment.success"), "Space")
    press(page, webhooks.part("save-endpoint-button"), "Enter")
    press(page, webhooks.part("close-secret-button"), "Enter")
    expect(webhooks.part("add-endpoint-button")).to_be_focused()
    added = endpoints(merchant)[1]
    assert added["events"] == ["payment.success"]

    shown = card(webhooks, added)
    press(page, shown.get_by_test_id("sample-endpoint-button"), "Enter")
    press(page, webhooks.part("send-sample-button"), "Enter")
    expect(webhooks.part("sample-result")).to_contain_text("400 after")  # the receiver has another secret
    webhooks.escape()
    expect(shown.get_by_test_id("sample-endpoint-button")).to_be_focused()

    press(page, shown.get_by_test_id("replay-endpoint-button"), "Enter")
    press(page, webhooks.part("start-replay-button"), "Enter")
    expect(webhooks.part("replay-progress")).to_be_visible()
    webhooks.escape()
    expect(shown.get_by_test_id("replay-endpoint-button")).to_be_focused()

    press(page, shown.get_by_test_id("toggle-endpoint-button"), "Space")
    expect(shown.get_by_test_id("endpoint-status")).to_have_text("disabled")
    press(page, shown.get_by_test_id("delete-endpoint-button"), "Enter")
    press(page, webhooks.part("confirm-delete-endpoint-button"), "Enter")
    expect(shown).to_have_count(0)
    assert len(endpoints(merchant)) == 1


def press(page: Page, element: Locator, key: str) -> None:
    """Move the focus to the element with Tab, and press a key."""
    for _ in range(60):
        if element.evaluate("element => element === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {element}")


def test_webhooks_can_be_replayed(merchant, receiver, dashboard):
    merchant.paid()
    receiver.wait_for("payment.success")
    merchant.log_of("payment.success", lambda log: log["status"] == "success")
    open_webhooks(dashboard)
    dashboard.part("webhook-config").get_by_test_id("replay-endpoint-button").click()
    dashboard.part("start-replay-button").click()
    progress = dashboard.part("replay-progress")
    expect(progress).to_have_text("There are no such webhooks.")
    dashboard.page.get_by_label("All webhooks").check()
    expect(progress).to_have_text("")
    dashboard.part("start-replay-button").click()
    expect(progress).to_contain_text("Replayed 3 webhooks.")
    receiver.wait_for("payment.success", count=2)


def test_a_long_replay_shows_its_progress_and_can_be_stopped_and_continued(dashboard):
    open_webhooks(dashboard)
    pages = ReplayPages(4, held=2)
    dashboard.page.route("**/replay", pages)
    dashboard.part("replay-endpoint-button").click()
    dashboard.part("start-replay-button").click()
    progress = dashboard.part("replay-progress")
    expect(progress).to_have_text("Replayed 100 webhooks …")
    dashboard.part("stop-replay-button").click()
    pages.release()
    expect(progress).to_have_text("Replayed 200 webhooks and stopped.")
    expect(dashboard.part("stop-replay-button")).to_be_focused()
    expect(dashboard.part("start-replay-button")).to_have_text("Continue")
    dashboard.part("start-replay-button").click()
    expect(progress).to_contain_text("Replayed 400 webhooks.")


class ReplayPages:
    """Respond to replay requests with `count` pages. The response number `held` waits for `release`."""

    def __init__(self, count: int, *, held: int) -> None:
        self.count, self.held = count, held
        self.waiting: list[Route] = []

    def __call__(self, route: Route) -> None:
        if route.request.method == "OPTIONS":
            route.continue_()
        elif self._number(route) == self.held:
            self.waiting.append(route)
        else:
            self._respond(route)

    def release(self) -> None:
        self._respond(self.waiting.pop())

    def _respond(self, route: Route) -> None:
        number = self._number(route)
        following = str(number + 1) if number < self.count else None
        body = {"replayed": REPLAYED_PER_REQUEST, "next_cursor": following}
        route.fulfill(json=body, headers={"Access-Control-Allow-Origin": "*"})

    def _number(self, route: Route) -> int:
        return int(json.loads(route.request.post_data or "{}").get("cursor", 1))


def test_a_receiver_is_checked_with_visible_progress(merchant, dashboard):
    with subscribed(merchant) as (receiver, endpoint):
        open_webhooks(dashboard)
        card(dashboard, endpoint).get_by_test_id("lab-endpoint-button").click()
        progress = dashboard.part("lab-progress")
        expect(dashboard.part("lab-check")).to_have_count(len(CheckName))
        dashboard.part("run-lab-button").click()
        expect(progress).to_contain_text(f" of {len(CheckName)} checks: ")
        expect(progress).to_have_text("16 passed, 1 failed.", timeout=60_000)
        failed = dashboard.page.locator("[data-test-id=lab-check][data-status=fail]")
        expect(failed).to_have_attribute(
            "data-check", CheckName.TWO_SECRETS
        )  # it also verifies the hex signature
        expect(failed).to_contain_text(
            "Answered 400 to a webhook whose second signature is valid, expected 2xx."
        )
        expect(failed).to_contain_text("docs/webhooks.md#change-the-secret")
        assert receiver.deliveries
    expect(dashboard.part("run-lab-button")).to_have_text("Run again")
    require_accessible_results(dashboard.page)


def require_accessible_results(page: Page) -> None:
    """Save screenshots of the dialog in both themes, and at 320 px. AssertionError on violations."""
    for name, scheme, width in (("light", "light", 1280), ("dark", "dark", 1280), ("320-px", "dark", 320)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=SCREENSHOTS / f"dashboard-lab-results-{name}.png")
        assert axe.violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name


def test_checks_stop_on_request_and_show_an_error_of_the_api(merchant, dashboard, watch: Watch):
    watch.forgive("status of 429")
    with subscribed(merchant) as (_, endpoint):
        open_webhooks(dashboard)
        card(dashboard, endpoint).get_by_test_id("lab-endpoint-button").click()
        dashboard.page.get_by_label("X-Webhook-Signature only").check()
        dashboard.part("run-lab-button").click()
        dashboard.part("stop-lab-button").click()
        expect(dashboard.part("lab-progress")).to_contain_text("Stopped after ")
        limited = {"error": {"code": "RATE_LIMIT_ERROR", "description": "Too many requests"}}
        dashboard.page.route("**/lab", lambda route: route.fulfill(status=429, json=limited))
        dashboard.part("run-lab-button").click()
        expect(dashboard.page.get_by_role("alert")).to_have_text("Too many requests")


def test_a_stage_without_the_lab_shows_the_command(merchant, dashboard, watch: Watch):
    watch.forgive("status of 404")
    with subscribed(merchant) as (_, endpoint):
        open_webhooks(dashboard)
        missing = {"error": {"code": "NOT_FOUND_ERROR", "description": "Route not found"}}
        dashboard.page.route("**/lab", lambda route: route.fulfill(status=404, json=missing))
        card(dashboard, endpoint).get_by_test_id("lab-endpoint-button").click()
        expect(dashboard.page.get_by_role("dialog")).to_contain_text("python -m infra lab")


def test_endpoints_that_cannot_be_loaded_can_be_requested_again(dashboard, watch: Watch):
    watch.forgive("status of 500")
    error = {"code": "INTERNAL_SERVER_ERROR", "description": "Internal server error"}
    dashboard.page.route(
        "**/webhooks/endpoints",
        lambda route: route.fulfill(
            status=500, json={"error": error}, headers={"Access-Control-Allow-Origin": "*"}
        ),
    )
    dashboard.sign_in("/dashboard/webhooks")
    expect(dashboard.page.get_by_role("alert")).to_contain_text("Internal server error")
    expect(dashboard.part("webhook-config-form")).to_be_visible()
    dashboard.page.unroute("**/webhooks/endpoints")
    dashboard.button("Try again").click()
    expect(dashboard.part("edit-endpoint-button")).to_be_visible()


# The banner.


def test_a_banner_shows_failing_deliveries_on_every_page(merchant, receiver, dashboard):
    receiver.behaviour = Behaviour(status=500)
    merchant.payment()
    eventually(lambda: endpoints(merchant)[0]["health"]["last_failure_at"])
    dashboard.sign_in()
    banner = dashboard.part("delivery-banner")
    for path in ("/dashboard", "/dashboard/account"):
        dashboard.go(path)
        expect(banner).to_contain_text(BANNER)
    banner.get_by_role("link").click()
    expect(dashboard.part("webhook-config")).to_contain_text("The latest attempt failed")
    receiver.behaviour = Behaviour()
    dashboard.part("test-webhook-button").click()
    expect(dashboard.part("test-webhook-result")).to_contain_text("200")
    dashboard.page.reload()
    expect(dashboard.part("endpoint-last-success")).to_be_visible()
    expect(banner).not_to_contain_text(BANNER)


def test_the_banner_is_not_shown_without_failures(merchant, receiver, dashboard):
    merchant.paid()
    receiver.wait_for("payment.success")
    with dashboard.page.expect_response("**/webhooks/endpoints"):
        dashboard.sign_in()
    expect(dashboard.part("total-transactions")).to_be_visible()
    expect(dashboard.part("delivery-banner")).to_have_text("")


@pytest.mark.parametrize(
    ("reason", "is_shown"),
    [
        ("failing", True),
        ("requested", False),
    ],
)
def test_the_banner_shows_endpoints_that_were_disabled_for_failing(dashboard, reason, is_shown):
    with dashboard.page.expect_response("**/webhooks/endpoints"):
        respond_with_endpoints(dashboard.page, lambda found: disabled(found, reason))
        dashboard.sign_in("/dashboard/account")
    expect(dashboard.part("delivery-banner")).to_contain_text(BANNER if is_shown else re.compile("^$"))


def respond_with_endpoints(page: Page, change: Callable[[Json], Json]) -> None:
    """Change the default endpoint in the responses of the API."""

    def respond(route: Route) -> None:
        response = route.fetch()
        data = response.json()["data"]
        route.fulfill(response=response, json={"data": [change(data[0]), *data[1:]]})

    page.route("**/webhooks/endpoints", respond)


def disabled(endpoint: Json, reason: str) -> Json:
    text = "It is disabled."
    disabled = {"disabled_at": "2026-03-19T09:26:53.000Z", "disabled_reason": reason, "reason": text}
    health = {**endpoint["health"], **disabled}
    return {**endpoint, "url": "https://shop.example/hook", "status": "disabled", "health": health}


def test_pages_that_are_opened_in_a_row_share_one_request(dashboard, watch: Watch):
    with dashboard.page.expect_response("**/webhooks/endpoints"):
        dashboard.sign_in()
    for path in ("/dashboard/account", "/dashboard/keys", "/dashboard/refunds"):
        dashboard.go(path)
        expect(dashboard.page.locator("nav [aria-current=page]")).to_have_attribute("href", path)
    dashboard.page.wait_for_timeout(1_500)  # longer than the delay of the banner's request
    asked = [
        request for request in watch.requests if urlsplit(request.url).path.endswith("/webhooks/endpoints")
    ]
    assert len([request for request in asked if request.method == "GET"]) == 1


# The event catalogue.


def test_the_catalogue_shows_every_event_type_with_both_samples(dashboard):
    dashboard.sign_in("/dashboard/events")
    expect(dashboard.part("event-type")).to_have_count(len(catalogue()))
    for entry in catalogue():
        shown = dashboard.page.locator(f"[data-event='{entry['name']}']")
        shown.locator("summary").click()
        expect(shown).to_contain_text(entry["summary"])
        expect(shown).to_contain_text(entry["occurs"])
        for name in ("Full", "Thin"):
            shown.get_by_role("button", name=name, exact=True).click()
            text = shown.get_by_test_id("event-sample").text_content() or ""
            assert json.loads(text) == entry[name.lower()]


def test_a_sample_can_be_sent_from_the_catalogue(merchant, dashboard):
    with subscribed(merchant, description="Ledger") as (receiver, _):
        dashboard.sign_in("/dashboard/events")
        shown = dashboard.page.locator("[data-event='payment.captured']")
        shown.locator("summary").click()
        shown.get_by_test_id("send-sample-event-button").click()
        expect(dashboard.part("sample-event-select")).to_have_value("payment.captured")
        dashboard.part("sample-endpoint-select").select_option("Ledger")
        dashboard.part("send-sample-button").click()
        expect(dashboard.part("sample-result")).to_contain_text("200")
        (received,) = receiver.wait_for("payment.captured")
        assert received.verified


def test_without_an_endpoint_the_catalogue_links_to_the_endpoints(dashboard):
    dashboard.sign_in("/dashboard/events")
    dashboard.part("event-type").first.locator("summary").click()
    dashboard.part("send-sample-event-button").first.click()
    dashboard.page.get_by_role("link", name="Add one").click()
    expect(dashboard.part("webhook-config-form")).to_be_visible()
