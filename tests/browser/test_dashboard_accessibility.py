"""Accessibility of the dashboard: axe-core on every screen, light and dark, phone, keyboard and zoom.

The tests save a screenshot of every screen in .build/screenshots.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import DESKTOP, SCREENSHOTS, Shoot
from tests.browser.dashboard import SCREENS, Dashboard
from tests.e2e.api import UNREACHABLE_URL, Api
from tests.stack import PASSWORD

WIDE, NARROW = {"width": 1920, "height": 1080}, {"width": 320, "height": 640}
VARIANTS: dict[str, tuple[dict[str, int], dict[str, Any]]] = {
    "wide-light": (WIDE, {"color_scheme": "light"}),
    "wide-dark": (WIDE, {"color_scheme": "dark"}),
    "narrow-dark": (NARROW, {"color_scheme": "dark"}),
    "narrow-light": (NARROW, {"color_scheme": "light"}),
    "forced-colours": (DESKTOP, {"color_scheme": "light", "forced_colors": "active"}),
}


@pytest.fixture(scope="module")
def merchant(new_merchant):
    return new_merchant()


@pytest.fixture(scope="module")
def story(merchant):
    """Data for every screen; returns a payment and a webhook log."""
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        declined = merchant.payment(method="upi", vpa="failure@upi")
        paid = merchant.paid()
        merchant.post(f"/payments/{paid['id']}/capture", {})
        merchant.refund(paid["id"], 10_000, reason="arrived broken")
        receiver.wait_for("refund.processed", payment_id=paid["id"])
        merchant.settled(declined["id"])
        log = merchant.log_of("payment.captured", lambda log: log["attempts"] > 0)
        add_failing_endpoint(merchant)
        yield paid["id"], log["id"]


def add_failing_endpoint(merchant: Api) -> None:
    """Add an endpoint with a long URL, whose webhook waits for a retry, so that the banner is shown."""
    fields = {
        "url": f"{UNREACHABLE_URL}/{'accounting/' * 6}events",
        "description": "Accounting",
        "events": ["payment.success", "refund.processed", "webhook_endpoint.disabled"],
        "payload": "thin",
    }
    endpoint = merchant.post("/webhooks/endpoints", fields).json()
    merchant.post(f"/webhooks/endpoints/{endpoint['id']}/test", {"event": "refund.processed"})
    merchant.log_of("refund.processed", lambda log: log["error"])


def test_every_screen_is_accessible(dashboard, story, new_context, shoot):
    payment_id, log_id = story
    here = replace(dashboard, page=new_context(reduced_motion="reduce", viewport=WIDE).new_page())
    here.open("/login")
    expect(here.part("login-form")).to_be_visible()
    check(here, shoot, "login")
    here.sign_in()
    for path in (
        *SCREENS,
        f"/dashboard/webhooks?log={log_id}",
        f"/dashboard/transactions?payment={payment_id}",
    ):
        here.go(path)
        expect(here.page.locator("nav [aria-current=page]")).to_have_attribute("href", urlsplit(path).path)
        expect(here.page.locator("main h1")).to_be_visible()
        expect(here.page.locator(".loading")).to_have_count(0)
        for summary in here.page.locator("main summary").all()[:1]:
            summary.click()
        check(here, shoot, name_of(path))
    here.part("refund-button").click()
    check(here, shoot, "refund")
    here.part("review-refund-button").click()
    check(here, shoot, "refund-again")
    here.go("/dashboard/transactions?from=2026-03-31&to=2026-03-01")
    here.part("export-button").click()
    here.part("export-period").select_option("last-30-days")
    check(here, shoot, "export")
    here.escape()
    check(here, shoot, "invalid-period")
    here.part("filter-period").select_option("last-30-days")
    expect(here.part("sums-table")).to_be_visible()
    check(here, shoot, "sums")


def test_the_dialogs_and_the_banner_of_webhooks_are_accessible(dashboard, story, new_context, shoot):
    here = replace(dashboard, page=new_context(reduced_motion="reduce", viewport=WIDE).new_page())
    here.sign_in("/dashboard/webhooks")
    expect(here.part("delivery-banner")).to_contain_text("Webhooks are not delivered")
    here.part("webhook-log-item").first.wait_for()
    check(here, shoot, "webhooks")
    here.page.screenshot(path=SCREENSHOTS / "dashboard-webhooks-full.png", full_page=True)
    here.part("add-endpoint-button").click()
    here.page.get_by_label("Selected event types").check()
    here.part("save-endpoint-button").click()
    check(here, shoot, "add-endpoint")
    here.button("Cancel").click()
    last = here.part("webhook-endpoint").last
    for name in ("edit", "sample", "lab", "replay", "regenerate", "delete"):
        secret = "-secret" if name == "regenerate" else ""
        last.get_by_test_id(f"{name}-endpoint{secret}-button").click()
        expect(here.page.get_by_role("dialog")).to_be_visible()
        expect(here.page.locator("dialog .loading")).to_have_count(0)
        check(here, shoot, f"{name}-endpoint")
        here.escape()
        expect(here.page.get_by_role("dialog")).to_have_count(0)
        expect(last.get_by_test_id(f"{name}-endpoint{secret}-button")).to_be_focused()


def name_of(path: str) -> str:
    return path.split("=", maxsplit=1)[0].strip("/").replace("/", "-").replace("?", "-")


def check(dashboard: Dashboard, shoot: Shoot, name: str) -> None:
    """Show the page in each variant, and assert that it has no violations and does not scroll horizontally.

    Saves a screenshot of each. The page is left in the first variant.
    """
    for variant in VARIANTS:
        show(dashboard.page, variant)
        shoot(dashboard.page, f"dashboard-{variant}-{name}")
        assert axe.violations(dashboard.page) == [], (variant, name)
        width = dashboard.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{name} scrolls horizontally ({variant})"
    show(dashboard.page, next(iter(VARIANTS)))


def show(page: Page, variant: str) -> None:
    """Change the size and the colours of a page that is open."""
    viewport, media = VARIANTS[variant]
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.emulate_media(**{"forced_colors": "none", **media})


def test_the_dashboard_works_with_the_keyboard_only(dashboard, merchant, story):
    payment_id, _ = story
    page = dashboard.page
    dashboard.open("/login")
    for text in (merchant.email, PASSWORD):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(dashboard.part("dashboard")).to_be_visible()
    press_until(page, "Transactions")
    page.keyboard.press("Enter")
    expect(dashboard.row(payment_id)).to_be_visible()
    assert page.evaluate("() => document.activeElement.id") == "main", "the opened page must have the focus"
    press_until(page, payment_id)
    page.keyboard.press("Enter")
    expect(dashboard.part("refund-button")).to_be_visible()
    press_until(page, "Refund", exact=True)
    page.keyboard.press("Enter")
    expect(dashboard.part("refund-amount-input")).to_be_focused()
    dashboard.escape()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(dashboard.part("refund-button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dashboard.part("refund-amount-input")).to_be_focused()
    press_until(page, "Cancel")
    page.keyboard.press("Enter")
    expect(dashboard.part("refund-button")).to_be_focused()
    page.keyboard.press("Enter")
    dashboard.part("refund-amount-input").press("ControlOrMeta+a")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    press_until(page, "Refund ₹1.00")
    page.keyboard.press("Enter")
    expect(dashboard.step("refund.created").last).to_contain_text("₹1.00")
    expect(dashboard.part("refund-button")).to_be_focused()


def press_until(page: Page, text: str, *, exact: bool = False) -> None:
    """Press Tab until the element with that text has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate("() => document.activeElement.textContent.trim()")
        if found == text or (not exact and found.startswith(text)):
            return
    pytest.fail(f"Tab does not reach {text}")


def test_the_content_security_policy_forbids_inline_code_and_other_origins(gateway, page):
    page.goto(f"{gateway.dashboard_url}/login")
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "unsafe" not in policy
    assert f"connect-src 'self' {gateway.api_url}/" in policy
    assert "require-trusted-types-for 'script'" in policy
