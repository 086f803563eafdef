"""Signing in and out: who may see the dashboard, and where the token is."""

import json
import re

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.dashboard import PASSWORD, SCREENS, Dashboard

UNAUTHORIZED = "status of 401"


def token_of(page: Page) -> str:
    token: str = json.loads(page.evaluate("() => sessionStorage.getItem('session')"))["token"]
    return token


def test_the_right_password_opens_the_overview(dashboard):
    dashboard.open("/")
    expect(dashboard.part("login-form")).to_be_visible()
    dashboard.fill_in(dashboard.email, PASSWORD)
    expect(dashboard.part("dashboard")).to_be_visible()
    expect(dashboard.page).to_have_url(f"{dashboard.url}/dashboard")


def test_a_wrong_password_is_told_and_opens_nothing(dashboard, watch):
    watch.forgive(UNAUTHORIZED)
    dashboard.open("/login")
    dashboard.fill_in(dashboard.email, "not the password")
    expect(dashboard.page.get_by_role("alert")).to_have_text("The email address or the password is wrong.")
    expect(dashboard.part("login-form")).to_be_visible()


def test_too_many_wrong_passwords_are_told_to_wait(dashboard, watch):
    watch.forgive("status of (401|429)")
    for _ in range(10):
        requests.post(
            f"{dashboard.merchant.url}/api/v1/sessions",
            json={"email": dashboard.email, "password": "wrong"},
            timeout=10,
        )
    dashboard.open("/login")
    dashboard.fill_in(dashboard.email, PASSWORD)
    expect(dashboard.page.get_by_role("alert")).to_contain_text("Too many attempts. Try again in")


@pytest.mark.parametrize("path", SCREENS)
def test_an_address_opens_after_signing_in_and_survives_a_reload(dashboard, path):
    dashboard.open(path)
    expect(dashboard.part("login-form")).to_be_visible()
    dashboard.fill_in(dashboard.email, PASSWORD)
    for _ in range(2):
        expect(dashboard.page).to_have_url(dashboard.url + path)
        expect(dashboard.page.get_by_role("heading", level=1)).to_be_visible()
        dashboard.page.reload()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(dashboard, elsewhere):
    dashboard.open(f"/login?next={elsewhere}")
    dashboard.fill_in(dashboard.email, PASSWORD)
    expect(dashboard.page).to_have_url(f"{dashboard.url}/dashboard")


def test_the_token_is_in_this_tabs_storage_alone_and_gone_after_signing_out(dashboard):
    dashboard.sign_in()
    token = token_of(dashboard.page)
    assert dashboard.page.evaluate("() => [localStorage.length, document.cookie]") == [0, ""]
    with dashboard.page.expect_response(re.compile("/sessions/current")):
        dashboard.button("Sign out").click()
    expect(dashboard.part("login-form")).to_be_visible()
    assert dashboard.page.evaluate("() => sessionStorage.length") == 0
    answer = requests.get(
        f"{dashboard.merchant.url}/api/v1/merchants/me",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 401


def test_a_session_that_ended_elsewhere_leads_to_signing_in_and_back(dashboard, watch):
    watch.forgive(UNAUTHORIZED)
    dashboard.sign_in()
    requests.delete(
        f"{dashboard.merchant.url}/api/v1/sessions/current",
        headers={"Authorization": f"Bearer {token_of(dashboard.page)}"},
        timeout=10,
    )
    dashboard.page.get_by_role("link", name="Refunds").click()
    expect(dashboard.part("login-form")).to_be_visible()
    assert dashboard.page.evaluate("() => sessionStorage.length") == 0
    dashboard.fill_in(dashboard.email, PASSWORD)
    expect(dashboard.page).to_have_url(f"{dashboard.url}/dashboard/refunds")


def test_in_a_frame_there_is_no_dashboard(dashboard, site, watch):
    watch.forgive("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|Refused to frame|Framing")
    dashboard.sign_in()
    page = f"<link rel='icon' href='data:,'><iframe src='{dashboard.url}/dashboard'></iframe>"
    dashboard.page.goto(site.put("/framing", page))
    expect(dashboard.page.frame_locator("iframe").get_by_test_id("dashboard")).to_have_count(0)


def test_an_unknown_address_says_so(dashboard: Dashboard, watch):
    watch.forgive("status of 404")  # a static website's answer to what is no object of its bucket
    dashboard.sign_in()
    dashboard.open("/dashboard/nothing")
    expect(dashboard.page.get_by_role("heading", name="Not found")).to_be_visible()
