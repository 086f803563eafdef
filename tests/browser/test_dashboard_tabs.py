"""Several dashboard tabs share one session, and signing out ends it in all of them."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import Dashboard
from tests.e2e.api import Json

SIGNED_OUT = "You signed out in another tab."


@pytest.fixture(scope="module")
def merchant(new_merchant):
    return new_merchant()


@pytest.fixture(scope="module")
def payment(merchant):
    return merchant.settled(merchant.payment()["id"])


@pytest.fixture
def signed_in(dashboard: Dashboard, payment: Json) -> Dashboard:
    """A dashboard with a separate session, because some tests end it."""
    dashboard.open("/dashboard/transactions")
    dashboard.fill_in(dashboard.merchant.email)
    expect(dashboard.part("transactions-table")).to_be_visible()
    return dashboard


def tab(dashboard: Dashboard, path: str) -> Dashboard:
    """Open a path in a new tab, as from the address bar."""
    other = replace(dashboard, page=dashboard.page.context.new_page())
    other.open(path)
    return other


@pytest.mark.parametrize(
    "click", [{"modifiers": ["ControlOrMeta"]}, {"button": "middle"}], ids=["ctrl", "middle"]
)
def test_a_row_opens_in_a_new_tab_without_signing_in(payment, signed_in, click):
    with signed_in.page.context.expect_page() as opened:
        signed_in.row(payment["id"]).get_by_role("link").click(**click)
    other = replace(signed_in, page=opened.value)
    expect(other.part("payment-detail")).to_have_attribute("data-payment-id", payment["id"])
    expect(signed_in.row(payment["id"])).to_be_visible()


def test_a_path_opens_in_a_new_tab_without_signing_in_and_after_a_reload(signed_in):
    other = tab(signed_in, "/dashboard/refunds")
    expect(other.page.get_by_text("No refund yet")).to_be_visible()
    signed_in.page.close()
    other.page.reload()
    expect(other.page.get_by_text("No refund yet")).to_be_visible()


def test_closing_the_last_tab_deletes_the_session(signed_in):
    context = signed_in.page.context
    signed_in.page.close()
    other = replace(signed_in, page=context.new_page())
    other.open("/dashboard")
    expect(other.part("login-form")).to_be_visible()


def test_signing_out_in_one_tab_signs_out_the_others_with_a_message(signed_in):
    other = tab(signed_in, "/dashboard/refunds")
    expect(other.page.get_by_text("No refund yet")).to_be_visible()
    signed_in.button("Sign out").click()
    for one in (signed_in, other):
        expect(one.part("login-form")).to_be_visible()
        assert one.page.evaluate("() => [sessionStorage.length, localStorage.length]") == [0, 0]
    expect(other.page.get_by_role("status").filter(has_text=SIGNED_OUT)).to_be_visible()
    expect(signed_in.page.get_by_text(SIGNED_OUT)).to_have_count(0)


def test_signing_in_in_one_tab_signs_in_the_other_tabs(dashboard, merchant):
    dashboard.open("/dashboard/refunds")
    other = tab(dashboard, "/dashboard/account")
    for one in (dashboard, other):
        expect(one.part("login-form")).to_be_visible()
    other.fill_in(merchant.email)
    expect(other.part("account")).to_be_visible()
    expect(dashboard.page.get_by_text("No refund yet")).to_be_visible()


def test_another_origin_cannot_request_the_session(signed_in, site):
    page: Page = signed_in.page.context.new_page()
    page.goto(site.put("/asking", "<link rel='icon' href='data:,'>"))
    heard = page.evaluate(
        """() => new Promise((resolve) => {
          const tabs = new BroadcastChannel("session");
          tabs.onmessage = ({ data }) => resolve(data);
          tabs.postMessage({ isWanted: true });
          setTimeout(() => resolve(null), 500);
        })"""
    )
    assert heard is None
