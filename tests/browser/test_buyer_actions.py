"""The states in which the buyer acts outside the page: a request in a UPI app, and the bank's page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.buyer import Buyer
from tests.browser.conftest import PHONE
from tests.browser.mocked_payment import BANK, LINK, PAYMENT_ID
from tests.browser.shop_page import ShopPage

COMPLETE = {"type": "authentication_complete"}


@pytest.fixture(autouse=True)
def _own_hosts(watch):
    watch.hosts |= {"bank.example", "other.example"}


def opened(page: Page, address: str) -> Buyer:
    page.goto(address)
    expect(page.get_by_test_id("order-amount")).to_have_text("₹500.00")
    return Buyer(page)


@pytest.fixture
def open_on(new_context, payment, address):
    """A function that opens the page on a device."""

    def open_page(device: str) -> Buyer:
        phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
        page: Page = new_context(**phone if device == "phone" else {}).new_page()
        payment.over(page)
        return opened(page, address)

    return open_page


def test_a_wide_screen_offers_the_qr_code_and_the_upi_id(page, payment, address, watch):
    payment.ask_for_upi()
    buyer = opened(page, address)
    expect(buyer.part("open-upi-app-button")).to_be_hidden()
    expect(buyer.part("vpa-input")).to_be_visible()
    buyer.part("show-qr-button").click()
    expect(buyer.part("upi-qr-code")).to_be_visible()
    expect(buyer.part("upi-qr-code")).to_have_js_property("complete", True)
    expect(buyer.part("upi-qr-code")).to_have_attribute("alt", "QR code to pay ₹500.00 with a UPI app")
    assert buyer.part("upi-qr-code").evaluate("(image) => image.naturalWidth") > 0
    expect(buyer.part("upi-countdown")).to_have_text(re.compile(r"^Expires in [45]:\d\d$"))
    expect(buyer.part("upi-state")).to_contain_text("expires by itself")
    expect(buyer.part("upi-state").get_by_role("heading")).to_be_focused()
    for hidden in ("upi-link", "simulator-link", "payment-methods"):
        expect(buyer.part(hidden)).to_be_hidden()
    payment.settle("success")
    expect(buyer.part("success-state")).to_be_visible()
    assert watch.bodies_posted_to("/payments/public") == [
        {"order_id": payment.order["id"], "method": "upi", "flow": "qr"}
    ]


def test_a_phone_offers_to_open_the_upi_app(open_on, payment, watch):
    payment.ask_for_upi()
    buyer = open_on("phone")
    expect(buyer.part("show-qr-button")).to_be_hidden()
    buyer.part("open-upi-app-button").click()
    expect(buyer.part("upi-link")).to_have_attribute("href", LINK)
    expect(buyer.part("upi-link")).to_be_visible()
    expect(buyer.part("upi-qr-code")).to_be_visible()
    (body,) = watch.bodies_posted_to("/payments/public")
    assert body["flow"] == "intent"


@pytest.mark.parametrize(
    ("flows", "offered"),
    [
        (["collect", "intent"], {"open-upi-app-button"}),
        (["qr", "collect"], {"show-qr-button"}),
        (["collect"], set()),
        (None, set()),
    ],
)
@pytest.mark.parametrize("device", ["wide", "phone"])
def test_a_flow_that_is_not_supported_is_not_offered(open_on, payment, flows, offered, device):
    payment.upi_flows = flows
    buyer = open_on(device)
    buttons = {"show-qr-button", "open-upi-app-button"}
    assert {button for button in buttons if buyer.part(button).is_visible()} == offered
    assert buyer.view.get_by_text("or enter your UPI ID").is_visible() == bool(offered)
    buyer.pay_by_upi()
    expect(buyer.part("processing-state")).to_be_visible()


def test_without_collect_there_is_no_upi_id(page, payment, address):
    payment.upi_flows = ["qr"]
    buyer = opened(page, address)
    expect(buyer.part("show-qr-button")).to_be_enabled()
    expect(buyer.part("vpa-input")).to_be_hidden()
    expect(buyer.upi_button).to_be_hidden()


def test_without_a_supported_flow_upi_is_not_offered(page, payment, address):
    payment.upi_flows = []
    buyer = opened(page, address)
    expect(buyer.part("method-upi")).to_be_hidden()
    expect(buyer.part("card-form")).to_be_visible()


def test_a_flow_that_the_api_rejects_is_withdrawn(page, payment, address, watch):
    watch.forgive("status of 400")
    payment.refusals = [{"description": "not supported", "field": "flow"}]
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    expect(buyer.view.locator("#note")).to_contain_text("not available now")
    expect(buyer.part("show-qr-button")).to_be_hidden()
    buyer.pay_by_upi()
    expect(buyer.part("processing-state")).to_be_visible()


def test_test_mode_links_to_the_simulated_phone(gateway, page, payment, address):
    payment.ask_for_upi(simulator_url=f"{gateway.api_url}/simulator/phone")
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    link = buyer.part("simulator-link")
    expect(link).to_contain_text("Test mode")
    with page.expect_popup() as phone:
        link.click()
    assert phone.value.evaluate("() => opener") is None


def test_unsafe_urls_are_not_used(page, payment, address):
    payment.ask_for_upi(link="javascript:alert(1)", simulator_url="javascript:alert(2)")
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    expect(buyer.part("upi-qr-code")).to_be_visible()
    for link in ("upi-link", "simulator-link"):
        expect(buyer.part(link)).not_to_have_attribute("href", re.compile("."))
    payment.ask_for_authentication(url="javascript:alert(3)")
    expect(buyer.part("processing-state")).to_be_visible()
    expect(buyer.part("challenge-link")).not_to_have_attribute("href", re.compile("."))


def test_a_qr_code_that_did_not_load_is_loaded_again(page, payment, address, watch):
    watch.forgive("status of 500")
    page.route("**/qr.svg", lambda route: route.fulfill(status=500))
    payment.ask_for_upi()
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    expect(buyer.part("upi-qr-problem")).to_be_visible()
    page.unroute("**/qr.svg")
    payment.over(page)
    expect(buyer.part("upi-qr-code")).to_be_visible()
    expect(buyer.part("upi-qr-problem")).to_be_hidden()


def test_a_view_that_did_not_load_is_loaded_again(page, payment, address, watch):
    watch.forgive("ERR_FAILED")
    module = re.compile(r"/parts/action_view-\w+\.js$")
    page.route(module, lambda route: route.abort())
    payment.ask_for_upi()
    buyer = opened(page, address)
    with page.expect_event("requestfailed", lambda request: bool(module.search(request.url))):
        buyer.part("show-qr-button").click()
    expect(buyer.part("processing-message")).to_contain_text("Waiting")
    page.unroute(module)
    expect(buyer.part("upi-state")).to_be_visible()


def test_the_countdown_follows_the_apis_clock(page, payment, address):
    page.clock.install(time=datetime(2001, 1, 1, tzinfo=UTC))
    payment.ask_for_upi(lasts_s=100)
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    countdown = buyer.part("upi-countdown")
    expect(countdown).to_have_role("timer")
    expect(countdown).to_have_text(re.compile(r"1:(3|40)"))
    page.clock.run_for(45_000)
    expect(countdown).to_have_text(re.compile(r"0:[45]\d"))
    expect(buyer.part("upi-note")).to_have_text("Less than one minute is left.")


def test_an_action_after_an_expired_one_is_shown(page, payment, address):
    payment.ask_for_upi(lasts_s=-1)
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    expect(buyer.part("processing-message")).to_contain_text("confirming")
    payment.ask_for_upi()
    expect(buyer.part("upi-qr-code")).to_be_visible()


def test_without_the_apis_clock_there_is_no_countdown(page, payment, address):
    payment.exposes_clock = False
    payment.ask_for_upi(lasts_s=-1)
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    expect(buyer.part("upi-state")).to_be_visible()
    expect(buyer.part("upi-countdown")).to_be_hidden()


@pytest.mark.parametrize("method", ["upi", "card"])
def test_the_page_confirms_the_result_when_the_time_is_over(page, payment, address, method):
    page.clock.install()
    buyer = opened(page, address)
    if method == "upi":
        payment.ask_for_upi(lasts_s=60)
        buyer.part("show-qr-button").click()
        expect(buyer.part("upi-state")).to_be_visible()
        code, description = "expired", "The time to approve the payment is over"
    else:
        payment.ask_for_authentication(lasts_s=60)
        buyer.pay_by_card()
        expect(buyer.part("challenge-frame")).to_be_visible()
        code, description = "authentication_expired", "The time to authenticate is over"
    page.clock.run_for(62_000)
    expect(buyer.part("processing-message")).to_contain_text("We are confirming the result with your bank")
    expect(buyer.part("challenge-frame")).to_have_count(0)
    payment.fields = {}
    page.clock.run_for(4_000)
    expect(buyer.part("processing-message")).to_contain_text("We are confirming the result with your bank")
    expect(buyer.part("upi-qr-code")).not_to_have_attribute("src", re.compile("."))
    payment.settle(
        "failed",
        error_code="PAYMENT_FAILED",
        error_description=description,
        decline_code=code,
        retry="later",
    )
    page.clock.run_for(2_000)
    expect(buyer.part("error-message")).to_contain_text(
        f"{description}. You were not charged. Try again when"
    )


def test_the_qr_code_stays_during_a_network_failure(page, payment, address, context, watch):
    watch.forgive("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    payment.ask_for_upi()
    buyer = opened(page, address)
    buyer.part("show-qr-button").click()
    expect(buyer.part("upi-qr-code")).to_be_visible()
    page.route("**/payments/pay_*/public", lambda route: route.abort())
    expect(buyer.part("upi-note")).to_contain_text("No connection")
    expect(buyer.part("upi-qr-code")).to_be_visible()
    payment.over(page)
    expect(buyer.part("upi-note")).to_be_empty()


def test_an_embeddable_challenge_is_shown_in_a_sandboxed_frame(page, payment, address, watch):
    payment.ask_for_authentication()
    buyer = opened(page, address)
    buyer.pay_by_card()
    frame = buyer.part("challenge-frame")
    expect(frame).to_have_attribute("sandbox", "allow-forms allow-scripts allow-same-origin")
    expect(frame).to_have_attribute("referrerpolicy", "no-referrer")
    expect(frame).to_have_attribute("title", re.compile("bank"))
    code = page.frame_locator("[data-test-id=challenge-frame]").get_by_label("Code")
    code.fill("123456")
    polls = payment.polls
    page.wait_for_timeout(1_000)
    assert payment.polls > polls
    expect(code).to_have_value("123456")  # the frame is not loaded again
    link = buyer.part("challenge-link")
    expect(link).to_have_attribute("href", f"{BANK}/acs")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    payment.fields = {}
    expect(buyer.part("processing-message")).to_contain_text("Waiting for your bank")
    expect(frame).to_have_count(0)
    payment.settle("success")
    expect(buyer.part("success-state")).to_be_visible()


def test_a_challenge_on_the_apis_origin_can_be_embedded(gateway, page, payment, address):
    payment.ask_for_authentication(url=f"{gateway.api_url}/simulator/acs")
    buyer = opened(page, address)
    buyer.pay_by_card()
    frame = page.frame_locator("[data-test-id=challenge-frame]")
    expect(frame.get_by_role("heading")).to_have_text("Your bank")


def test_a_challenge_that_cannot_be_embedded_opens_in_a_new_tab(page, payment, address):
    payment.ask_for_authentication(embeddable=False)
    buyer = opened(page, address)
    buyer.pay_by_card()
    link = buyer.part("challenge-link")
    expect(link).to_have_text("Open the page")
    expect(buyer.part("challenge-state").get_by_role("heading")).to_have_text("Continue in a new tab")
    expect(page.locator("iframe")).to_have_count(0)
    with page.expect_popup() as bank:
        link.click()
    assert bank.value.evaluate("() => [opener, document.referrer]") == [None, ""]
    payment.settle("success")
    expect(buyer.part("success-state")).to_be_visible()


@pytest.fixture
def challenge(page, payment, address):
    """A page with an embedded challenge, whose timers do not run."""
    page.clock.install()
    payment.ask_for_authentication(lasts_s=7_200)  # the page's clock is one hour ahead
    buyer = opened(page, address)
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    buyer.pay_by_card()
    expect(page.frame_locator("[data-test-id=challenge-frame]").get_by_role("heading")).to_be_visible()
    page.wait_for_timeout(200)
    assert payment.polls == 1
    return page


def bank_frame(page: Page) -> Any:
    (frame,) = (frame for frame in page.frames if frame.url.startswith(BANK))
    return frame


def send_from(frame: Any, data: object) -> None:
    """Send a message from the frame to the checkout page, and wait until it has arrived."""
    frame.evaluate("(data) => parent.postMessage(data, '*')", data)
    frame.page.wait_for_timeout(300)


def test_a_message_of_the_banks_page_causes_one_immediate_poll(challenge, payment):
    for _ in range(3):
        send_from(bank_frame(challenge), COMPLETE)
    assert payment.polls == 2


def test_messages_are_not_trusted(challenge, payment):
    payment.fields = {}
    send_from(bank_frame(challenge), {**COMPLETE, "status": "success", "return_url": "https://other.example"})
    expect(challenge.get_by_test_id("processing-state")).to_be_visible()
    assert payment.polls == 2


@pytest.mark.parametrize("data", [None, "authentication_complete", {"type": "ready"}, {"type": ["x"]}, 1])
def test_other_messages_of_the_banks_page_do_nothing(challenge, payment, data):
    send_from(bank_frame(challenge), data)
    assert payment.polls == 1


def test_a_message_of_another_origin_in_the_frame_does_nothing(challenge, payment):
    challenge.route("https://other.example/**", lambda route: route.fulfill(body="other"))
    frame = bank_frame(challenge)
    frame.goto("https://other.example/")
    send_from(frame, COMPLETE)
    assert payment.polls == 1


def test_a_message_of_another_window_of_the_banks_origin_does_nothing(challenge, payment):
    first = bank_frame(challenge)
    challenge.evaluate(
        "(src) => new Promise((done) => document.body.append(Object.assign("
        "document.createElement('iframe'), { src, onload: done })))",
        f"{BANK}/other-window",
    )
    (other,) = (frame for frame in challenge.frames if frame.url.startswith(BANK) and frame != first)
    send_from(other, COMPLETE)
    assert payment.polls == 1


def test_a_message_of_the_page_itself_does_nothing(challenge, payment):
    challenge.evaluate("(data) => postMessage(data, '*')", COMPLETE)
    challenge.wait_for_timeout(300)
    assert payment.polls == 1


def test_the_page_polls_when_the_buyer_returns_to_it(challenge, payment):
    challenge.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    challenge.wait_for_timeout(300)
    assert payment.polls == 2


@pytest.mark.parametrize("method", ["upi", "card"])
def test_a_reload_continues_the_action(page, payment, address, method, watch):
    buyer = opened(page, address)
    if method == "upi":
        payment.ask_for_upi()
        buyer.part("show-qr-button").click()
    else:
        payment.ask_for_authentication()
        buyer.pay_by_card()
    shown = buyer.part("upi-qr-code" if method == "upi" else "challenge-frame")
    expect(shown).to_be_visible()
    page.reload()
    expect(shown).to_be_visible()
    payment.settle("success")
    expect(buyer.part("payment-id")).to_have_text(PAYMENT_ID)
    assert len(watch.bodies_posted_to("/payments/public")) == 1


@pytest.mark.parametrize("method", ["upi", "card"])
def test_closing_during_an_action_asks_for_confirmation(shop: ShopPage, payment, method, shoot):
    buyer = shop.open().checkout
    if method == "upi":
        payment.ask_for_upi()
        buyer.part("show-qr-button").click()
        expect(buyer.part("upi-qr-code")).to_be_visible()
    else:
        payment.ask_for_authentication()
        buyer.pay_by_card()
        expect(buyer.part("challenge-frame")).to_be_visible()
    shoot(shop.page, f"sdk-action-{method}")
    shop.close_button.click()
    expect(buyer.part("close-question")).to_be_visible()
    assert shop.calls() == []
    payment.settle("success")
    (_, paid), (_, closed) = shop.calls_named("success", "close")
    assert closed == {"reason": "success", "paymentId": paid["paymentId"]}
