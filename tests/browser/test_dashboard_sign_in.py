"""Signing in and out, and the storage of the token."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import SCREENS, Dashboard

UNAUTHORIZED = "status of 401"


def token_of(page: Page) -> str:
    token: str = json.loads(page.evaluate("() => sessionStorage.getItem('session')"))["token"]
    return token


def sign_in_by_hand(dashboard: Dashboard) -> None:
    dashboard.open("/login")
    dashboard.fill_in(dashboard.merchant.email)
    expect(dashboard.part("dashboard")).to_be_visible()


def test_the_correct_password_opens_the_overview(dashboard):
    dashboard.open("/")
    expect(dashboard.part("login-form")).to_be_visible()
    dashboard.fill_in(dashboard.merchant.email)
    expect(dashboard.part("dashboard")).to_be_visible()
    expect(dashboard.page).to_have_url(f"{dashboard.url}/dashboard")


def test_a_wrong_password_shows_an_error_and_does_not_sign_in(dashboard, watch):
    watch.forgive(UNAUTHORIZED)
    dashboard.open("/login")
    dashboard.fill_in(dashboard.merchant.email, "not the password")
    expect(dashboard.page.get_by_role("alert")).to_have_text("The email address or the password is wrong.")
    expect(dashboard.part("login-form")).to_be_visible()


def test_too_many_wrong_passwords_show_a_waiting_time(dashboard, merchant, watch):
    watch.forgive("status of (401|429)")
    for _ in range(10):
        merchant.anonymous.post("/sessions", {"email": merchant.email, "password": "wrong"})
    dashboard.open("/login")
    dashboard.fill_in(dashboard.merchant.email)
    expect(dashboard.page.get_by_role("alert")).to_contain_text("Too many attempts. Try again in")


def test_a_path_opens_after_signing_in_and_after_a_reload(dashboard):
    for path in SCREENS:
        forget_session(dashboard.page)
        dashboard.open(path)
        expect(dashboard.part("login-form")).to_be_visible()
        dashboard.fill_in(dashboard.merchant.email)
        require_open(dashboard, path)
        dashboard.page.reload()
        require_open(dashboard, path)


def require_open(dashboard: Dashboard, path: str) -> None:
    expect(dashboard.page).to_have_url(dashboard.url + path)
    expect(dashboard.page.locator("nav [aria-current=page]")).to_have_attribute("href", path)
    expect(dashboard.page.get_by_role("heading", level=1)).to_be_visible()


def test_signing_in_does_not_redirect_to_another_site(dashboard):
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        forget_session(dashboard.page)
        dashboard.open(f"/login?next={elsewhere}")
        dashboard.fill_in(dashboard.merchant.email)
        expect(dashboard.page).to_have_url(f"{dashboard.url}/dashboard")


def forget_session(page: Page) -> None:
    if page.url != "about:blank":
        page.evaluate("() => sessionStorage.clear()")


def test_the_token_is_only_in_session_storage_and_deleted_on_sign_out(dashboard, merchant):
    sign_in_by_hand(dashboard)
    token = token_of(dashboard.page)
    assert dashboard.page.evaluate("() => [localStorage.length, document.cookie]") == [0, ""]
    with dashboard.page.expect_response(re.compile("/sessions/current")):
        dashboard.button("Sign out").click()
    expect(dashboard.part("login-form")).to_be_visible()
    assert dashboard.page.evaluate("() => sessionStorage.length") == 0
    assert merchant.bearing(token).get("/merchants/me").status_code == 401


def test_after_an_ended_session_signing_in_returns_to_the_page(dashboard, merchant, watch):
    watch.forgive(UNAUTHORIZED)
    sign_in_by_hand(dashboard)
    token = token_of(dashboard.page)
    with dashboard.page.expect_response("**/webhooks/endpoints"):  # of the banner, the last
        dashboard.open("/dashboard/docs")
    merchant.bearing(token).delete("/sessions/current")
    dashboard.page.get_by_role("link", name="Refunds").click()
    expect(dashboard.part("login-form")).to_be_visible()
    assert dashboard.page.evaluate("() => sessionStorage.length") == 0
    dashboard.fill_in(dashboard.merchant.email)
    expect(dashboard.part("login-form")).to_have_count(0)
    expect(dashboard.page).to_have_url(f"{dashboard.url}/dashboard/refunds")
    expect(dashboard.page.get_by_text("No refund yet")).to_be_visible()


@pytest.mark.parametrize("clock", ["2001-01-01T00:00:00Z", "2098-01-01T00:00:00Z"])
def test_a_wrong_device_clock_does_not_end_the_session(dashboard, clock):
    dashboard.page.clock.install(time=clock)
    sign_in_by_hand(dashboard)
    dashboard.page.reload()
    expect(dashboard.part("dashboard")).to_be_visible()
    dashboard.open("/dashboard/refunds")
    expect(dashboard.page.get_by_text("No refund yet")).to_be_visible()


def test_invalid_session_data_in_the_storage_is_ignored(dashboard):
    dashboard.open("/login")
    for kept in ("{", "null", "5", "{}", '{"token": "x"}'):
        dashboard.page.evaluate("kept => sessionStorage.setItem('session', kept)", kept)
        dashboard.open("/dashboard")
        expect(dashboard.part("login-form")).to_be_visible()


def test_requests_rejected_before_signing_in_are_repeated_afterwards(dashboard, watch):
    watch.forgive(UNAUTHORIZED)
    page = dashboard.page
    refusal = {"error": {"code": "AUTHENTICATION_ERROR", "description": "Invalid API credentials"}}
    headers = {"Access-Control-Allow-Origin": "*"}
    answers = re.compile("/api/v1/(stats|payments)")
    page.route(answers, lambda route: route.fulfill(status=401, json=refusal, headers=headers))
    dashboard.keep_session()
    dashboard.open("/dashboard")
    expect(dashboard.part("login-form")).to_be_visible()
    page.unroute(answers)
    showed_alert = dashboard.observe("[role=alert]")
    dashboard.fill_in(dashboard.merchant.email)
    expect(dashboard.part("total-transactions")).to_have_text("0")
    assert not showed_alert()


def test_the_dashboard_cannot_be_framed(dashboard, site, watch):
    watch.forgive("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|Refused to frame|Framing")
    dashboard.sign_in()
    page = f"<link rel='icon' href='data:,'><iframe src='{dashboard.url}/dashboard'></iframe>"
    dashboard.page.goto(site.put("/framing", page))
    expect(dashboard.page.frame_locator("iframe").get_by_test_id("dashboard")).to_have_count(0)


def test_an_unknown_path_shows_not_found(dashboard: Dashboard, watch):
    watch.forgive("status of 404")  # the response of a static website for a missing object
    dashboard.sign_in("/dashboard/nowhere")
    expect(dashboard.page.get_by_role("heading", name="Not found")).to_be_visible()
