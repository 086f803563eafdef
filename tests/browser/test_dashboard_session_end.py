"""A session that ends during work: the dashboard shows the reason and keeps typed text and the screen."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser import axe
from tests.browser.dashboard import Dashboard
from tests.browser.test_dashboard_sign_in import UNAUTHORIZED, token_of
from tests.e2e.api import Api
from tests.stack import PASSWORD

URL = "https://shop.example/hook-that-took-long-to-type"
NEW_PASSWORD = "a new password of the dashboard"


@pytest.fixture
def signed_in(dashboard: Dashboard, watch) -> Dashboard:
    watch.forgive(UNAUTHORIZED)
    dashboard.open("/login")
    dashboard.fill_in(dashboard.merchant.email)
    expect(dashboard.part("dashboard")).to_be_visible()
    return dashboard


def end_session(dashboard: Dashboard) -> None:
    """End the session over the API, as from another device."""
    token = token_of(dashboard.page)
    assert dashboard.merchant.bearing(token).delete("/sessions/current").status_code == 200


def require_reason(dashboard: Dashboard) -> None:
    expect(dashboard.part("session-ended")).to_contain_text("Your session has ended.")
    expect(dashboard.part("email-input")).to_have_value(dashboard.merchant.email)
    expect(dashboard.part("password-input")).to_be_focused()


def sign_in_again(dashboard: Dashboard, password: str = PASSWORD) -> None:
    require_reason(dashboard)
    dashboard.part("password-input").fill(password)
    dashboard.part("login-button").click()
    expect(dashboard.part("login-form")).to_have_count(0)


def test_a_typed_webhook_url_is_saved_after_a_new_sign_in(merchant, signed_in):
    signed_in.open("/dashboard/webhooks")
    url = signed_in.part("webhook-url-input")
    url.fill(URL)
    end_session(signed_in)
    signed_in.part("save-webhook-button").click()
    sign_in_again(signed_in)
    expect(signed_in.page.get_by_text("URL saved")).to_be_visible()
    expect(url).to_have_value(URL)
    assert merchant.get("/webhooks/config").json()["webhook_url"] == URL


def test_typed_text_remains_when_a_refresh_detects_the_ended_session(signed_in):
    signed_in.open("/dashboard/webhooks")
    url = signed_in.part("webhook-url-input")
    url.fill(URL)
    end_session(signed_in)
    sign_in_again(signed_in)
    expect(url).to_have_value(URL)
    expect(url).to_be_focused()
    expect(signed_in.page.get_by_text("No webhook yet")).to_be_visible()
    expect(signed_in.page.get_by_role("alert")).to_have_count(0)


def test_a_refund_continues_in_its_dialog_and_is_created_once(merchant, signed_in):
    paid = merchant.paid()
    signed_in.open_payment(paid["id"])
    signed_in.part("refund-button").click()
    signed_in.part("refund-amount-input").fill("120.50")
    signed_in.part("refund-reason-input").fill("arrived broken")
    end_session(signed_in)
    require_reason(signed_in)
    signed_in.page.keyboard.press("Escape")
    signed_in.page.keyboard.press("Escape")
    sign_in_again(signed_in)
    expect(signed_in.part("refund-amount-input")).to_have_value("120.50")
    expect(signed_in.part("refund-reason-input")).to_have_value("arrived broken")
    signed_in.part("review-refund-button").click()
    session = merchant.bearing(token_of(signed_in.page))

    def end_session_first(route: Route) -> None:
        assert session.delete("/sessions/current").status_code == 200
        route.continue_()

    signed_in.page.route(f"**/payments/{paid['id']}/refunds", end_session_first, times=1)
    signed_in.part("confirm-refund-button").click()
    sign_in_again(signed_in)
    expect(signed_in.page.get_by_role("dialog")).to_have_count(0)
    expect(signed_in.step("refund.created")).to_contain_text("₹120.50")
    assert len(merchant.get(f"/refunds?payment_id={paid['id']}").json()["data"]) == 1


def test_a_typed_new_password_remains(merchant, signed_in):
    with signed_in.page.expect_response(
        "**/webhooks/endpoints"
    ):  # the banner's, which would end the session first
        signed_in.open("/dashboard/account")
    signed_in.part("current-password-input").fill(PASSWORD)
    for part in ("new-password-input", "repeated-password-input"):
        signed_in.part(part).fill(NEW_PASSWORD)
    end_session(signed_in)
    signed_in.part("change-password-button").click()
    sign_in_again(signed_in)
    expect(signed_in.page.get_by_text("Password changed.")).to_be_visible()
    assert session_of(merchant, NEW_PASSWORD)


def session_of(merchant: Api, password: str = PASSWORD) -> Api:
    answer = merchant.anonymous.post("/sessions", {"email": merchant.email, "password": password})
    return merchant.bearing(answer.json()["token"])


def test_a_wrong_password_shows_an_error_and_the_page_remains(signed_in):
    signed_in.open("/dashboard/refunds")
    expect(signed_in.page.get_by_text("No refund yet")).to_be_visible()
    end_session(signed_in)
    require_reason(signed_in)
    signed_in.part("password-input").fill("wrong")
    signed_in.part("login-button").click()
    expect(signed_in.page.get_by_role("alert")).to_have_text("The email address or the password is wrong.")
    sign_in_again_after_error(signed_in)


def sign_in_again_after_error(dashboard: Dashboard) -> None:
    dashboard.part("password-input").fill(PASSWORD)
    dashboard.part("login-button").click()
    expect(dashboard.part("login-form")).to_have_count(0)


def test_the_user_can_sign_out_in_the_session_dialog(signed_in):
    signed_in.open("/dashboard/refunds")
    expect(signed_in.page.get_by_text("No refund yet")).to_be_visible()
    end_session(signed_in)
    require_reason(signed_in)
    signed_in.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(signed_in.page).to_have_url(re.compile("/login"))
    expect(signed_in.page.get_by_role("dialog")).to_have_count(0)
    expect(signed_in.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_another_merchant_who_signs_in_sees_no_data_of_the_first(merchant, new_merchant, signed_in):
    merchant.send_webhooks_to(URL)
    signed_in.open("/dashboard/webhooks")
    expect(signed_in.part("webhook-url-input")).to_have_value(URL)
    end_session(signed_in)
    require_reason(signed_in)
    other = new_merchant()
    signed_in.fill_in(other.email)
    expect(signed_in.part("login-form")).to_have_count(0)
    expect(signed_in.page.get_by_text(other.email)).to_be_visible()
    expect(signed_in.part("webhook-url-input")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_is_for_everybody(signed_in, shoot, scheme):
    signed_in.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    signed_in.page.set_viewport_size({"width": 320, "height": 640})
    signed_in.open("/dashboard/refunds")
    expect(signed_in.page.get_by_text("No refund yet")).to_be_visible()
    end_session(signed_in)
    require_reason(signed_in)
    shoot(signed_in.page, f"dashboard-session-ended-{scheme}")
    assert axe.violations(signed_in.page) == []
