"""The account screen: changing the password and ending other sessions."""

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard
from tests.e2e.api import Api
from tests.stack import PASSWORD

NEW_PASSWORD = "a new password of the dashboard"


@pytest.fixture
def account(dashboard: Dashboard) -> Dashboard:
    dashboard.sign_in("/dashboard/account")
    return dashboard


def session_of(merchant: Api, password: str = PASSWORD) -> Api:
    answer = merchant.anonymous.post("/sessions", {"email": merchant.email, "password": password})
    assert answer.status_code == 201, answer.text
    return merchant.bearing(answer.json()["token"])


def is_signed_in(session: Api) -> bool:
    return session.get("/merchants/me").status_code == 200


def fill_in(account: Dashboard, current: str, new: str, repeated: str | None = None) -> None:
    account.part("current-password-input").fill(current)
    account.part("new-password-input").fill(new)
    account.part("repeated-password-input").fill(new if repeated is None else repeated)
    account.part("change-password-button").click()


def test_the_account_screen_shows_the_merchant(account, merchant):
    expect(account.part("account")).to_contain_text(merchant.merchant_id)
    expect(account.part("account")).to_contain_text(merchant.email)


def test_a_changed_password_ends_other_sessions_and_keeps_this_one(account, merchant):
    other = session_of(merchant)
    fill_in(account, PASSWORD, NEW_PASSWORD)
    expect(account.page.get_by_text("Password changed. All other sessions have ended.")).to_be_visible()
    expect(account.part("change-password-button")).to_be_focused()
    for field in ("current-password-input", "new-password-input", "repeated-password-input"):
        expect(account.part(field)).to_have_value("")
    assert not is_signed_in(other)
    assert is_signed_in(session_of(merchant, NEW_PASSWORD))
    account.page.reload()
    expect(account.part("account")).to_be_visible()
    account.page.get_by_role("link", name="Refunds").click()
    expect(account.page.get_by_text("No refund yet")).to_be_visible()


@pytest.mark.parametrize(
    ("passwords", "field", "complaint"),
    [
        (("", NEW_PASSWORD), "current-password", "Enter your current password."),
        ((PASSWORD, "p" * 11), "new-password", "Enter at least 12 characters."),
        ((PASSWORD, PASSWORD), "new-password", "Enter a password other than the current one."),
        ((PASSWORD, NEW_PASSWORD, "x"), "repeated-password", "The passwords do not match."),
    ],
)
def test_an_invalid_password_shows_a_field_error_and_is_not_sent(account, watch, passwords, field, complaint):
    fill_in(account, *passwords)
    expect(account.page.locator(f"#{field}-error")).to_have_text(complaint)
    expect(account.part(f"{field}-input")).to_have_attribute("aria-invalid", "true")
    assert not [request for request in watch.requests if request.url.endswith("/password")]


def test_a_wrong_current_password_shows_an_error_at_the_field(account, watch):
    watch.forgive("status of 400")
    fill_in(account, "wrong", NEW_PASSWORD)
    expect(account.page.locator("#current-password-error")).to_have_text("The current password is wrong.")
    expect(account.part("new-password-input")).to_have_value(NEW_PASSWORD)


def test_too_many_wrong_passwords_show_a_waiting_time(account, merchant, watch):
    watch.forgive("status of 429")
    session = session_of(merchant)
    body = {"current_password": "wrong", "new_password": NEW_PASSWORD}
    answers = [session.put("/merchants/me/password", body).status_code for _ in range(10)]
    assert answers == [400] * 10
    fill_in(account, PASSWORD, NEW_PASSWORD)
    expect(account.page.get_by_role("alert")).to_contain_text("Too many attempts. Try again in")


def test_other_sessions_end_after_confirmation(account, merchant):
    other = session_of(merchant)
    account.part("end-other-sessions-button").click()
    account.button("Cancel").click()
    assert is_signed_in(other)
    account.part("end-other-sessions-button").click()
    account.part("confirm-end-sessions-button").click()
    expect(account.page.get_by_text("All other sessions have ended.")).to_be_visible()
    expect(account.part("end-other-sessions-button")).to_be_focused()
    assert not is_signed_in(other)
    account.page.reload()
    expect(account.part("account")).to_be_visible()


def test_return_origins_are_saved_and_an_error_is_shown_at_the_field(account, merchant, watch):
    watch.forgive("status of 400")
    account.part("return-origins-input").fill("https://shop.example/ http://localhost:3001")
    account.part("save-return-origins-button").click()
    expect(account.page.get_by_text("Return pages saved")).to_be_visible()
    expect(account.part("return-origins-input")).to_have_value("http://localhost:3001 https://shop.example")
    assert merchant.get("/merchants/me").json()["return_origins"] == [
        "http://localhost:3001",
        "https://shop.example",
    ]
    account.part("return-origins-input").fill("shop.example")
    account.part("save-return-origins-button").click()
    expect(account.page.locator("#return-origins-error")).to_contain_text("origins must be")
    account.page.reload()
    expect(account.part("return-origins-input")).to_have_value("http://localhost:3001 https://shop.example")
