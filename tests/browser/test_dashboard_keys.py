"""The API keys screen: replacing the API secret with an overlap, and ending the overlap."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Route, expect

from tests.browser import axe
from tests.browser.dashboard import Dashboard
from tests.browser.test_dashboard_session_end import end_session, sign_in_again
from tests.browser.test_dashboard_sign_in import UNAUTHORIZED
from tests.e2e.api import Api

API_SECRET = "**/api/v1/merchants/me/api-secret"
FAILED = "Failed to load resource"


@pytest.fixture
def keys(dashboard: Dashboard) -> Dashboard:
    dashboard.sign_in("/dashboard/keys")
    return dashboard


def is_valid(merchant: Api, secret: str) -> bool:
    headers = {**merchant.credentials, "X-Api-Secret": secret}
    return replace(merchant, credentials=headers).get("/merchants/me").status_code == 200


def confirm(keys: Dashboard) -> str:
    """Confirm the dialog and return the new secret."""
    keys.part("confirm-replace-button").click()
    secret = keys.part("new-api-secret").text_content()
    assert secret
    return secret


def test_the_secret_is_replaced_and_the_overlap_ended(keys, merchant, shoot):
    old = merchant.credentials["X-Api-Secret"]
    keys.part("replace-secret-button").click()
    shoot(keys.page, "replace-secret")
    assert axe.violations(keys.page) == []
    secret = confirm(keys)
    for _ in range(3):
        keys.page.keyboard.press("Escape")
    expect(keys.part("new-api-secret")).to_be_visible()
    shoot(keys.page, "new-api-secret")
    keys.part("stored-secret-button").click()
    expect(keys.part("secret-overlap")).to_contain_text("Two secrets are valid.")
    assert is_valid(merchant, secret)
    assert is_valid(merchant, old)
    assert secret not in keys.page.content()
    shoot(keys.page, "secret-overlap")
    keys.part("end-overlap-button").click()
    keys.part("confirm-end-overlap-button").click()
    expect(keys.part("secret-overlap")).to_have_count(0)
    assert (
        merchant.bearing(session_token(keys)).get("/merchants/me").json()["previous_api_secret_valid_until"]
        is None
    )


def session_token(keys: Dashboard) -> str:
    token: str = keys.page.evaluate("() => JSON.parse(sessionStorage.getItem('session')).token")
    return token


def test_after_a_lost_response_the_dialog_asks_which_secret_is_in_use(keys, merchant, watch):
    watch.forgive(FAILED)
    old = merchant.credentials["X-Api-Secret"]

    def lose_response(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    keys.page.route(API_SECRET, lose_response, times=1)
    keys.part("replace-secret-button").click()
    keys.part("confirm-replace-button").click()
    expect(keys.page.get_by_role("alert")).to_contain_text("The gateway does not respond.")
    keys.part("confirm-replace-button").click()
    expect(keys.page.get_by_role("alert")).to_contain_text("The secret has just been replaced")
    expect(keys.page.get_by_text("Which one do your servers use?")).to_be_visible()
    keys.part("confirm-replace-button").click()
    expect(keys.page.get_by_text("Select the secret that your servers use.")).to_be_visible()
    keys.page.get_by_role("radio", name=re.compile("^The previous one")).check()
    secret = confirm(keys)
    assert is_valid(merchant, secret)
    assert is_valid(merchant, old)


def test_a_session_that_ends_in_the_dialog_keeps_its_input(keys, merchant, watch):
    watch.forgive(UNAUTHORIZED)
    keys.part("replace-secret-button").click()
    keys.part("overlap-select").select_option("72")
    end_session(keys)
    keys.part("confirm-replace-button").click()
    sign_in_again(keys)
    secret = keys.part("new-api-secret").text_content()
    assert is_valid(merchant, secret)
    keys.part("stored-secret-button").click()
    expect(keys.part("secret-overlap")).to_be_visible()
