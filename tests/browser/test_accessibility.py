"""Accessibility of the checkout page: axe-core, keyboard, zoom, reduced motion and forced colours.

The tests save a screenshot of every state in .build/screenshots.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import axe
from tests.browser.buyer import CVV, EXPIRY, NAME, Buyer
from tests.browser.conftest import PHONE, Shoot
from tests.browser.held import refuse
from tests.browser.mocked_payment import MockedPayment
from tests.browser.shop_page import ShopPage, key_of, shop_html

NARROW = {"width": 320, "height": 640}  # a small phone, or a desktop at 400 %
ON_A_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
VARIANTS: dict[str, dict[str, Any]] = {
    "desktop-light": {"color_scheme": "light", "reduced_motion": "reduce"},
    "desktop-dark": {"color_scheme": "dark"},
    "narrow-light": {"viewport": NARROW, "color_scheme": "light"},
    "narrow-dark": {"viewport": NARROW, "color_scheme": "dark"},
    "phone-light": {**ON_A_PHONE, "color_scheme": "light"},
    "forced-colours": {"forced_colors": "active"},
}
PAYMENT = {
    "id": "pay_AbCdEfGhIjKlMnOp",
    "amount": 50_000,
    "currency": "INR",
    "method": "upi",
    "status": "pending",
    "created_at": "2026-03-14T15:09:26Z",
}
EXPIRED = {"code": "ORDER_EXPIRED", "description": "Order has expired"}


@dataclass
class Settled:
    """Mocks the payment routes, so that each state lasts until the test changes it."""

    order_id: str
    outcome: dict[str, Any] = field(default_factory=dict)

    def over(self, page: Page) -> None:
        page.route(re.compile(r"/payments/public$"), lambda route: self._answer(route, 201, {}))
        page.route(
            re.compile(r"/payments/pay_\w+/public$"), lambda route: self._answer(route, 200, self.outcome)
        )

    def _answer(self, route: Route, status: int, outcome: dict[str, Any]) -> None:
        if route.request.method == "OPTIONS":
            route.continue_()
            return
        body = {**PAYMENT, "order_id": self.order_id, **outcome}
        route.fulfill(status=status, json=body, headers={"Access-Control-Allow-Origin": "*"})


@dataclass(frozen=True)
class Walk:
    """Checks each state of a page."""

    page: Page
    variant: str
    shoot: Shoot

    def check(self, state: str) -> None:
        """Save a screenshot and assert that there are no violations and no horizontal scrolling."""
        violations = axe.violations(self.page)
        self.shoot(self.page, f"{self.variant}-{state}")
        assert violations == [], state
        width = self.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{state} scrolls horizontally"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_state_is_accessible(gateway, merchant, new_context, shoot, variant):
    page = new_context(**VARIANTS[variant]).new_page()
    order = merchant.order()
    settled = Settled(order["id"])
    settled.over(page)
    page.clock.install()
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}")
    buyer, walk = Buyer(page), Walk(page, variant, shoot)
    expect(buyer.part("order-amount")).to_have_text("₹500.00")

    buyer.part("method-card").click()
    buyer.card_button.click()
    expect(buyer.part("card-number-input")).to_have_attribute("aria-invalid", "true")
    walk.check("card-errors")
    buyer.fill_card()
    walk.check("card")
    buyer.part("method-upi").click()
    walk.check("upi")

    buyer.pay_by_upi("failure@upi")
    expect(buyer.part("processing-state")).to_be_visible()
    walk.check("processing")
    page.evaluate("() => document.querySelector('#close-question').showModal()")
    walk.check("close-question")
    buyer.part("keep-waiting-button").click()
    if "reduced_motion" in VARIANTS[variant]:
        _require_still(page)
    settled.outcome = {
        "status": "failed",
        "error_code": "PAYMENT_FAILED",
        "error_description": "Your bank declined the payment",
    }
    _settle(page, buyer, "error-state")
    walk.check("failure")
    buyer.part("retry-button").click()
    settled.outcome = {"status": "success"}
    buyer.pay_by_upi("success@upi")
    _settle(page, buyer, "success-state")
    walk.check("success")


def _settle(page: Page, buyer: Buyer, state: str) -> None:
    for _ in range(20):
        page.clock.run_for(1_000)
        if buyer.part(state).is_visible():
            return
    expect(buyer.part(state)).to_be_visible()


def _require_still(page: Page) -> None:
    endless = page.evaluate(
        "() => document.getAnimations().filter((each) => each.playState === 'running'"
        " && each.effect.getComputedTiming().iterations === Infinity).length"
    )
    assert endless == 0


def test_the_dialog_is_for_everybody(gateway, merchant, site, page, shoot):
    options = {"key": key_of(merchant), "orderId": merchant.order()["id"]}
    page.goto(site.put("/", shop_html(gateway.checkout_url, **options)))
    shop = ShopPage(page).open()
    assert axe.violations(page) == []
    assert axe.violations(page.frames[-1]) == []
    expect(shop.modal).to_have_accessible_name(re.compile("."))


@pytest.mark.parametrize("method", ["upi", "card"])
def test_a_buyer_can_pay_with_the_keyboard_only(checkout, page, method):
    expect(checkout.part("order-amount")).to_have_text("₹500.00")
    _tab_to(page, f"method-{method}")
    page.keyboard.press("Space")
    if method == "upi":
        _tab_to(page, "vpa-input")
        page.keyboard.type("success@upi")
    else:
        for test_id, text in (
            ("card-number-input", "4111111111111111"),
            ("expiry-input", EXPIRY),
            ("cvv-input", CVV),
            ("cardholder-name-input", NAME),
        ):
            _tab_to(page, test_id)
            page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(checkout.part("success-state")).to_be_visible()
    assert page.evaluate("() => document.activeElement !== document.body"), "the focus was lost"


def test_a_buyer_can_retry_after_a_decline_with_the_keyboard_only(checkout, page):
    expect(checkout.part("order-amount")).to_have_text("₹500.00")
    _tab_to(page, "vpa-input")
    page.keyboard.type("failure@upi")
    page.keyboard.press("Enter")
    expect(checkout.part("error-state")).to_be_visible()
    _tab_to(page, "retry-button")
    page.keyboard.press("Enter")
    _tab_to(page, "vpa-input")
    page.keyboard.press("Control+A")
    page.keyboard.type("success@upi")
    page.keyboard.press("Enter")
    expect(checkout.part("success-state")).to_be_visible()


def _tab_to(page: Page, *test_ids: str) -> None:
    """Press Tab until one of those elements has the focus."""
    inside = '(ids) => ids.some((id) => document.activeElement.closest(`[data-test-id="${id}"]`))'
    for _ in range(20):
        if page.evaluate(inside, list(test_ids)):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {test_ids}")


def test_screen_readers_announce_state_changes(checkout):
    """The heading of a new state gets the focus; changes within a state are a status."""
    checkout.pay_by_upi("failure@upi")
    expect(checkout.part("processing-message")).to_have_role("status")
    expect(checkout.part("error-state").get_by_role("heading")).to_be_focused()
    checkout.part("retry-button").click()
    expect(checkout.part("vpa-input")).to_be_focused()
    checkout.pay_by_upi("success@upi")
    expect(checkout.part("success-state").get_by_role("heading")).to_be_focused()


@pytest.fixture
def walk_for(new_context, shoot):
    """A function that opens a page of a variant."""
    return lambda variant: Walk(new_context(**VARIANTS[variant]).new_page(), variant, shoot)


@pytest.mark.parametrize("variant", ["desktop-light", "narrow-dark"])
def test_the_states_of_orders_that_cannot_be_paid_are_accessible(gateway, merchant, watch, walk_for, variant):
    watch.forgive("400|BAD_REQUEST_ERROR|409")
    walk: Walk = walk_for(variant)
    page, buyer = walk.page, Buyer(walk.page)
    order = merchant.order()
    address = f"{gateway.checkout_url}/checkout?order_id={order['id']}"
    page.goto(f"{address}&key=key_of_another_merchant")
    expect(buyer.part("error-state")).to_be_visible()
    walk.check("wrong-key")

    page.route("**/payments/public", lambda route: refuse(route, 409, EXPIRED))
    page.goto(address)
    buyer.pay_by_upi()
    expect(buyer.part("error-state")).to_contain_text("expired")
    walk.check("order-expired")

    page.unroute_all()
    payment = merchant.payment(order_id=order["id"])
    merchant.settled(payment["id"])
    page.goto(address)
    expect(buyer.part("success-state")).to_be_visible()
    walk.check("already-paid")


@pytest.mark.parametrize("variant", ["desktop-light", "narrow-dark", "phone-light"])
def test_the_states_of_the_buyers_action_are_accessible(gateway, order, watch, walk_for, variant):
    watch.hosts |= {"bank.example"}
    walk: Walk = walk_for(variant)
    page, buyer = walk.page, Buyer(walk.page)
    payment = MockedPayment(gateway.api_url, order)
    payment.over(page)
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}")
    expect(buyer.part("order-amount")).to_have_text("₹500.00")
    walk.check("flows")

    payment.ask_for_upi(simulator_url=f"{gateway.api_url}/simulator/phone")
    buyer.part("upi-flows").get_by_role("button").click()
    expect(buyer.part("upi-qr-code")).to_be_visible()
    expect(buyer.part("upi-qr-code")).to_have_js_property("complete", True)
    walk.check("upi-request")
    payment.ask_for_authentication()
    expect(buyer.part("challenge-frame")).to_be_visible()
    walk.check("challenge-embedded")
    payment.ask_for_authentication(url="https://bank.example/separate", embeddable=False)
    expect(buyer.part("challenge-frame")).to_have_count(0)
    walk.check("challenge-separate")
    payment.ask_for_authentication(lasts_s=0)
    expect(buyer.part("processing-message")).to_contain_text("confirming")
    walk.check("confirming")
    payment.settle(
        "failed", decline_code="expired_card", retry="other_method", return_url="https://shop.example/"
    )
    expect(buyer.part("error-state")).to_be_visible()
    walk.check("decline")
    buyer.part("retry-button").click()
    expect(page.locator("#note")).to_be_visible()
    walk.check("another-way")


def test_a_buyer_can_use_the_qr_code_and_the_banks_page_with_the_keyboard_only(
    gateway, payment, address, watch, page
):
    watch.hosts |= {"bank.example"}
    payment.ask_for_upi(simulator_url=f"{gateway.api_url}/simulator/phone")
    page.goto(address)
    expect(page.get_by_test_id("order-amount")).to_have_text("₹500.00")
    _tab_to(page, "show-qr-button")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("upi-qr-code")).to_be_visible()
    _tab_to(page, "simulator-link")
    payment.ask_for_authentication()
    expect(page.frame_locator("[data-test-id=challenge-frame]").get_by_label("Code")).to_be_visible()
    _tab_to(page, "challenge-frame")
    _tab_to(page, "challenge-link")
    payment.settle("success")
    expect(page.get_by_test_id("success-state")).to_be_visible()


@pytest.mark.parametrize("variant", ["desktop-light", "desktop-dark"])
def test_the_page_is_visibly_disabled_until_its_script_has_loaded(gateway, order, walk_for, variant):
    walk: Walk = walk_for(variant)
    held: list[Route] = []
    walk.page.route("**/page/main.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    walk.page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}", wait_until="commit")
    expect(walk.page.get_by_test_id("method-card")).to_be_disabled()
    walk.shoot(walk.page, f"{variant}-before-script")
    held[0].continue_()
    expect(walk.page.get_by_test_id("method-card")).to_be_enabled()


def test_text_that_fades_in_has_the_contrast_of_its_end(page):
    """A check during an animation would depend on the machine's speed."""
    fades_in = "@keyframes fade { from { opacity: 0.1 } } p { animation: fade 30s }"
    body = "<main><h1>Text</h1><p>Text</p>"
    page.set_content(f"<html lang=en><title>Text</title><style>{fades_in}</style>{body}")
    assert axe.violations(page) == []
