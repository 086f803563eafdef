"""The pages that act as the buyer's bank and phone, in a browser.

The tests save a screenshot of every state in .build/screenshots.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.browser.conftest import DESKTOP, Shoot
from tests.browser.test_accessibility import Walk
from tests.e2e.api import Api, card, eventually

NARROW = {"viewport": {"width": 320, "height": 640}}
VARIANTS: dict[str, dict[str, Any]] = {
    "wide-light": {"viewport": DESKTOP, "color_scheme": "light"},
    "narrow-dark": {**NARROW, "color_scheme": "dark"},
    "without-script": {"java_script_enabled": False},
    "forced-colours": {"forced_colors": "active"},
}
CHALLENGE, CHALLENGE_PAGE = "4000002760003184", "4000000000003220"
FRAME = """<!doctype html><title>Shop</title><body><iframe src="{url}" width="400" height="640"></iframe>
<script>addEventListener("message", ({{ data }}) => document.body.dataset.message = data.type);</script>"""


def new_challenge(merchant: Api, number: str = CHALLENGE, **changes: object) -> str:
    """The id of a new card payment that requires a challenge."""
    return str(merchant.payment(vpa=None, **card(number=number), **changes)["id"])


def challenge(merchant: Api, number: str = CHALLENGE, **changes: object) -> tuple[str, str]:
    """The id of a new card payment, and the address of its page of the issuer."""
    payment_id = new_challenge(merchant, number, **changes)
    return payment_id, action_of(merchant, payment_id)["url"]


def new_link(merchant: Api, **changes: object) -> str:
    """The id of a new payment by UPI link."""
    return str(merchant.payment(vpa=None, flow="intent", **changes)["id"])


def link(merchant: Api, **changes: object) -> tuple[str, str]:
    """The id of a new payment by UPI link, and the address of its phone."""
    payment_id = new_link(merchant, **changes)
    return payment_id, action_of(merchant, payment_id)["simulator_url"]


def action_of(merchant: Api, payment_id: str) -> Any:
    return eventually(lambda: merchant.get(f"/payments/{payment_id}").json().get("next_action"))


def confirm(view: Page | FrameLocator, code: str = "1234") -> None:
    view.get_by_label("One-time code").fill(code)
    view.get_by_role("button", name="Confirm").click()


def heading(view: Page | FrameLocator, text: str) -> None:
    expect(view.get_by_role("heading", level=1)).to_have_text(text)


@pytest.fixture(scope="module")
def expired_url(new_merchant: Callable[[], Api]) -> str:
    """The address of the phone of a payment that has expired."""
    merchant = new_merchant()
    payment_id, url = link(merchant, order_id=merchant.order(amount=50_003)["id"])
    assert merchant.settled(payment_id)["decline_code"] == "expired"
    return url


@pytest.fixture(params=VARIANTS)
def walk(request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext], shoot: Shoot) -> Walk:
    """A page of one of the variants."""
    return Walk(new_context(**VARIANTS[request.param]).new_page(), f"bank-{request.param}", shoot)


def test_every_state_is_accessible(merchant, expired_url, watch, walk):
    page = walk.page
    is_checkable = not walk.variant.endswith("without-script")  # axe-core is a script
    check = walk.check if is_checkable else lambda _state: None
    # All payments are created first, so that the acquirer processes them at the same time.
    confirmed, declined = (new_challenge(merchant) for _ in range(2))
    approved = new_link(merchant)

    page.goto(action_of(merchant, confirmed)["url"])
    heading(page, "Confirm your payment")
    check("code")
    confirm(page, "4321")
    expect(page.get_by_text("The code is wrong. 2 attempts are left.")).to_be_visible()
    check("wrong-code")
    confirm(page)
    heading(page, "Payment confirmed")
    check("confirmed")

    page.goto(action_of(merchant, declined)["url"])
    page.get_by_role("button", name="Decline the payment").click()
    heading(page, "Payment declined")
    check("declined")

    page.goto(action_of(merchant, approved)["simulator_url"])
    heading(page, "Payment request")
    check("phone")
    page.get_by_role("button", name="Approve").click()
    heading(page, "Payment approved")
    check("phone-approved")

    page.goto(expired_url)
    heading(page, "Payment expired")
    check("phone-expired")

    watch.forgive("404")
    page.goto(re.sub("sim_.*", "sim_0000000000000000", expired_url))
    heading(page, "Page not found")
    check("not-found")

    assert merchant.settled(confirmed)["authentication"] == {"result": "authenticated"}
    assert merchant.settled(declined)["decline_code"] == "authentication_failed"
    assert merchant.settled(approved)["status"] == "success"


def test_a_challenge_can_be_passed_with_the_keyboard_only(page, merchant):
    _, url = challenge(merchant)
    page.goto(url)
    page.keyboard.press("Tab")
    expect(page.get_by_label("One-time code")).to_be_focused()
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    heading(page, "Payment confirmed")


def test_the_result_is_shown_after_a_reload_and_after_going_back(page, merchant):
    _, url = challenge(merchant)
    page.goto("about:blank")
    page.goto(url)
    confirm(page)
    heading(page, "Payment confirmed")
    page.reload()
    heading(page, "Payment confirmed")
    page.go_back()
    page.go_forward()
    heading(page, "Payment confirmed")


def test_three_wrong_codes_fail_the_payment(page, merchant):
    payment_id, url = challenge(merchant)
    page.goto(url)
    for left in ("2 attempts are left", "1 attempt is left"):
        confirm(page, "4321")
        expect(page.get_by_text(left)).to_be_visible()
    confirm(page, "4321")
    heading(page, "Payment not confirmed")
    assert merchant.settled(payment_id)["decline_code"] == "authentication_failed"


def test_a_challenge_in_a_frame_notifies_the_page_around_it(page, merchant, site):
    merchant.put("/merchants/me/return-origins", {"origins": [site.url]})
    _, url = challenge(merchant, return_url=f"{site.url}/done")
    page.goto(site.put("/pay", FRAME.format(url=url)))
    frame = page.frame_locator("iframe")
    confirm(frame)
    heading(frame, "Payment confirmed")
    expect(page.locator("body")).to_have_attribute("data-message", "authentication_complete")
    expect(frame.get_by_role("link")).to_have_count(0)


def test_a_page_in_a_separate_tab_leads_back_to_the_shop(page, merchant, site):
    merchant.put("/merchants/me/return-origins", {"origins": [site.url]})
    back = site.put("/done", "<!doctype html><title>Shop</title><h1>Thank you</h1>")
    _, url = challenge(merchant, CHALLENGE_PAGE, return_url=back)
    page.goto(url)
    confirm(page)
    page.get_by_role("link", name="Continue").click()
    heading(page, "Payment successful")
    heading(page, "Thank you")


def test_a_page_that_allows_no_frames_is_not_shown_in_one(page, merchant, site, watch):
    watch.forgive("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|refused|Framing")
    _, url = challenge(merchant, CHALLENGE_PAGE)
    with page.expect_event("requestfailed", lambda request: request.url == url):
        page.goto(site.put("/pay", FRAME.format(url=url)))
    expect(page.frame_locator("iframe").get_by_label("One-time code")).to_have_count(0)
