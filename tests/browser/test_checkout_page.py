"""The checkout page: every state, both methods, and errors."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.browser.buyer import CVV, DECLINED_CARD, NAME, Buyer
from tests.browser.conftest import PHONE
from tests.browser.watch import Watch

TEST_IDS = (
    "checkout-container",
    "order-summary",
    "order-amount",
    "order-id",
    "payment-methods",
    "method-upi",
    "method-card",
    "upi-form",
    "vpa-input",
    "card-form",
    "card-number-input",
    "expiry-input",
    "cvv-input",
    "cardholder-name-input",
    "processing-state",
    "processing-message",
    "upi-flows",
    "show-qr-button",
    "open-upi-app-button",
    "upi-state",
    "upi-qr-code",
    "upi-link",
    "upi-countdown",
    "simulator-link",
    "challenge-state",
    "challenge-link",
    "challenge-countdown",
    "success-state",
    "payment-id",
    "success-message",
    "error-state",
    "error-message",
    "retry-button",
)
FULL_WIDTH = {ascii_: ascii_ + 0xFEE0 for ascii_ in range(ord("!"), ord("~") + 1)}
NETWORKS = {
    "4111": "Visa",
    "51": "Mastercard",
    "34": "American Express",
    "37": "American Express",
    "60": "RuPay",
    "65": "RuPay",
    "81": "RuPay",
}


def test_the_page_contains_every_element_from_the_start(checkout):
    for test_id in TEST_IDS:
        expect(checkout.part(test_id)).to_have_count(1)
    expect(checkout.part("upi-form").get_by_test_id("pay-button")).to_have_count(1)
    expect(checkout.part("card-form").get_by_test_id("pay-button")).to_have_count(1)
    expect(checkout.part("method-upi")).to_have_attribute("data-method", "upi")
    expect(checkout.part("method-card")).to_have_attribute("data-method", "card")


def test_the_page_shows_an_order_summary(checkout):
    expect(checkout.part("order-amount")).to_have_text("₹500.00")
    expect(checkout.part("order-id")).to_contain_text("order_")


def test_the_amount_is_formatted_for_its_currency(gateway, merchant, page):
    order = merchant.order(amount=1_23_45_678)
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}")
    expect(Buyer(page).part("order-amount")).to_have_text("₹1,23,456.78")


def test_an_order_in_another_currency_than_inr_offers_only_cards(gateway, merchant, page):
    order = merchant.order(amount=50_000, currency="HUF")
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}")
    buyer = Buyer(page)
    expect(buyer.part("order-amount")).to_have_text("HUF\u00a0500.00")
    for test_id in ("method-upi", "upi-form"):
        expect(buyer.part(test_id)).to_have_count(1)
        expect(buyer.part(test_id)).to_be_hidden()
    expect(buyer.part("method-card")).to_have_attribute("aria-pressed", "true")
    buyer.fill_card()
    buyer.card_button.click()
    expect(buyer.part("success-message")).to_contain_text("HUF\u00a0500.00 was paid to ")


def test_a_card_number_in_the_name_or_upi_field_shows_an_error_at_the_field(checkout, watch):
    checkout.fill_card(name="4111 1111 1111 1111")
    checkout.card_button.click()
    expect(checkout.view.locator("#cardholder-name-problem")).to_contain_text("looks like a card number")
    expect(checkout.part("cardholder-name-input")).to_be_focused()
    checkout.pay_by_upi("4111111111111111@upi")
    expect(checkout.view.locator("#vpa-problem")).to_contain_text("UPI ID")
    assert watch.bodies_posted_to("/payments/public") == []


def test_a_name_rejected_by_the_api_shows_an_error_at_the_field(checkout, page, watch):
    watch.forgive("status of 400")
    refusal = {"code": "BAD_REQUEST_ERROR", "description": "refused", "field": "card.holder_name"}
    page.route("**/payments/public", lambda route: route.fulfill(status=400, json={"error": refusal}))
    checkout.pay_by_card()
    expect(checkout.view.locator("#cardholder-name-problem")).to_contain_text("looks like a card number")
    expect(checkout.part("cardholder-name-input")).to_be_focused()


def test_a_upi_payment_succeeds(checkout, merchant):
    checkout.pay_by_upi()
    expect(checkout.part("processing-state")).to_be_visible()
    expect(checkout.part("processing-message")).not_to_be_empty()
    expect(checkout.part("success-state")).to_be_visible()
    expect(checkout.part("success-message")).not_to_be_empty()
    payment = merchant.get(f"/payments/{checkout.part('payment-id').inner_text()}").json()
    assert (payment["status"], payment["vpa"]) == ("success", "success@upi")


def test_a_card_payment_succeeds_and_card_data_is_sent_only_to_the_api(checkout, merchant, watch):
    checkout.pay_by_card()
    expect(checkout.part("success-state")).to_be_visible()
    payment = merchant.get(f"/payments/{checkout.part('payment-id').inner_text()}").json()
    assert (payment["status"], payment["card_network"], payment["card_last4"]) == ("success", "visa", "1111")
    (body,) = watch.bodies_posted_to("/payments/public")
    assert body["card"]["cvv"] == CVV
    for field in ("card-number-input", "cvv-input"):
        expect(checkout.part(field)).to_have_value("")


def test_the_page_polls_every_two_seconds(gateway, merchant, page, watch):
    page.clock.install()
    page.goto(f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}")
    expect(page.get_by_test_id("order-amount")).to_have_text("₹500.00")
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    page.route("**/payments/pay_*/public", lambda route: route.fulfill(json={"status": "pending"}))
    with page.expect_response("**/payments/pay_*/public"):
        Buyer(page).pay_by_upi()
    page.wait_for_timeout(100)  # until the page has processed the response
    page.clock.run_for(1_900)
    assert len(_polls(watch)) == 1
    with page.expect_response("**/payments/pay_*/public"):
        page.clock.run_for(200)
    assert len(_polls(watch)) == 2


def _polls(watch: Watch) -> list[str]:
    return [request.url for request in watch.requests if re.search(r"/payments/pay_\w+/public$", request.url)]


def test_a_decline_is_explained_and_the_buyer_can_retry(checkout):
    checkout.pay_by_card(DECLINED_CARD)
    expect(checkout.part("error-state")).to_be_visible()
    expect(checkout.part("error-message")).not_to_be_empty()
    expect(checkout.part("error-message")).to_contain_text("Your card issuer declined the payment")
    checkout.part("retry-button").click()
    expect(checkout.part("payment-methods")).to_be_visible()
    for secret in ("card-number-input", "expiry-input", "cvv-input"):
        expect(checkout.part(secret)).to_have_value("")
    expect(checkout.part("cardholder-name-input")).to_have_value(NAME)
    checkout.pay_by_upi()
    expect(checkout.part("success-state")).to_be_visible()


def test_the_vpa_of_a_failed_payment_remains_in_the_form(checkout):
    checkout.pay_by_upi("failure@upi")
    expect(checkout.part("error-message")).to_contain_text("Your bank declined the payment")
    checkout.part("retry-button").click()
    expect(checkout.part("vpa-input")).to_have_value("failure@upi")
    expect(checkout.part("vpa-input")).to_be_focused()


def test_a_double_click_creates_one_payment(checkout, watch):
    checkout.part("method-upi").click()
    checkout.part("vpa-input").fill("success@upi")
    checkout.upi_button.dblclick()
    expect(checkout.part("success-state")).to_be_visible()
    assert len(watch.bodies_posted_to("/payments/public")) == 1


def test_a_lost_response_does_not_create_a_second_payment(checkout, page, watch):
    """The payment was created but its response was lost; the page retries with the same idempotency key."""
    watch.forgive("ERR_CONNECTION_RESET")
    made: list[str] = []

    def lose_the_first(route: Route) -> None:
        if made:
            route.continue_()
            return
        made.append(route.fetch().json()["id"])
        route.abort("connectionreset")

    page.route("**/payments/public", lose_the_first)
    checkout.pay_by_upi()
    expect(checkout.part("success-state")).to_be_visible()
    expect(checkout.part("payment-id")).to_have_text(made[0])


def test_an_unknown_order_shows_a_readable_error(gateway, page, watch, shoot):
    watch.forgive("404|NOT_FOUND_ERROR: Order not found")
    page.goto(f"{gateway.checkout_url}/checkout?order_id=order_0000000000000000")
    expect(page.get_by_test_id("error-state")).to_contain_text("This order does not exist")
    expect(page.get_by_test_id("retry-button")).to_be_hidden()
    expect(page.get_by_test_id("upi-form")).to_be_hidden()
    expect(page.get_by_test_id("card-form")).to_be_hidden()
    shoot(page, "desktop-no-such-order")


def test_loading_an_order_can_be_retried(gateway, merchant, page, watch, shoot):
    watch.forgive("ERR_CONNECTION_REFUSED")
    page.route("**/orders/*/public", lambda route: route.abort("connectionrefused"))
    page.goto(f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}")
    expect(page.get_by_test_id("error-state")).to_contain_text("connection")
    shoot(page, "desktop-no-connection")
    page.unroute("**/orders/*/public")
    page.get_by_test_id("retry-button").click()
    expect(page.get_by_test_id("order-amount")).to_have_text("₹500.00")


def test_a_network_failure_of_the_request_is_shown_and_can_be_retried(checkout, context, watch, page, shoot):
    watch.forgive("ERR_INTERNET_DISCONNECTED")
    expect(checkout.part("order-amount")).to_have_text("₹500.00")
    context.set_offline(True)
    checkout.pay_by_upi()
    expect(checkout.part("error-message")).to_contain_text("charged only once")
    shoot(page, "desktop-no-answer")
    context.set_offline(False)
    checkout.part("retry-button").click()
    expect(checkout.part("success-state")).to_be_visible()


def test_a_network_failure_while_polling_is_shown_and_polling_continues(checkout, context, page, watch):
    watch.forgive("ERR_INTERNET_DISCONNECTED")
    with page.expect_response("**/payments/public"):
        checkout.pay_by_upi()
    context.set_offline(True)
    expect(checkout.part("processing-message")).to_contain_text("No connection")
    context.set_offline(False)
    expect(checkout.part("success-state")).to_be_visible()


def test_the_card_number_is_grouped_during_typing(checkout):
    checkout.part("method-card").click()
    for typed, shown in (
        ("4111111111111111", "4111 1111 1111 1111"),
        ("378282246310005", "3782 822463 10005"),
    ):
        checkout.part("card-number-input").clear()
        checkout.part("card-number-input").press_sequentially(typed)
        expect(checkout.part("card-number-input")).to_have_value(shown)


def test_a_digit_in_the_middle_of_the_number_can_be_corrected(checkout):
    number = checkout.part("card-number-input")
    checkout.part("method-card").click()
    number.press_sequentially("411111")
    for _ in range(3):
        number.press("ArrowLeft")
    number.press("Backspace")
    number.press_sequentially("2")
    expect(number).to_have_value("4112 11")


def test_the_expiry_is_formatted_as_on_the_card(checkout):
    checkout.part("method-card").click()
    checkout.part("expiry-input").press_sequentially("1231")
    expect(checkout.part("expiry-input")).to_have_value("12/31")


def paste(checkout: Buyer, test_id: str, text: str) -> None:
    """Copy and paste through the clipboard."""
    field = checkout.part(test_id)
    field.click()
    field.press("Control+A")
    field.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    field.press("Control+V")


def test_pasted_card_data_is_normalized(checkout, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    checkout.part("method-card").click()
    for test_id, pasted, shown in (
        ("card-number-input", "  4111  -  1111  -  1111  -  1111  ", "4111 1111 1111 1111"),
        ("card-number-input", "4111".translate(FULL_WIDTH) + " ११११ 1111 1111", "4111 1111 1111 1111"),
        ("expiry-input", "  12  /  2029  ", "12/29"),
        ("expiry-input", "2029-12", "12/29"),
        ("cvv-input", " ७३७ ", "737"),
    ):
        paste(checkout, test_id, pasted)
        expect(checkout.part(test_id)).to_have_value(shown)


def test_an_ambiguous_expiry_is_rejected_with_a_reason(checkout, context, watch):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    checkout.fill_card()
    for pasted, reason in {
        "29/12": "month first",
        "12/29/2031": "MM/YY",
        "12/2129": "year as on the card",
    }.items():
        paste(checkout, "expiry-input", pasted)
        checkout.card_button.click()
        expect(checkout.part("expiry-input")).to_have_value(pasted)
        expect(checkout.part("expiry-input")).to_have_accessible_description(re.compile(reason))
    assert watch.bodies_posted_to("/payments/public") == []


def test_text_is_not_formatted_during_input_method_composition(checkout):
    checkout.part("method-card").click()
    expiry = checkout.part("expiry-input")
    composed = "12/29".translate(FULL_WIDTH)
    expiry.evaluate(
        """(input, composed) => {
          input.value = composed;
          input.dispatchEvent(new InputEvent("input", { isComposing: true }));
        }""",
        composed,
    )
    expect(expiry).to_have_value(composed)
    expiry.evaluate("(input) => input.dispatchEvent(new CompositionEvent('compositionend'))")
    expect(expiry).to_have_value("12/29")


def test_a_deleted_character_stays_deleted(checkout):
    checkout.part("method-card").click()
    expiry = checkout.part("expiry-input")
    expiry.press_sequentially("1229")
    for shown in ("12/2", "12/", "12", "1", ""):
        expiry.press("Backspace")
        expect(expiry).to_have_value(shown)


@pytest.mark.parametrize("year", [2001, 2095])
def test_a_wrong_device_clock_does_not_reject_a_valid_card(gateway, order, page, year):
    page.clock.set_system_time(datetime(year, 1, 1, tzinfo=UTC))
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}")
    buyer = Buyer(page)
    buyer.pay_by_card()
    expect(buyer.part("success-state")).to_be_visible()


def test_an_expired_card_rejected_by_the_api_shows_an_error_at_the_field(checkout, watch):
    watch.forgive("400")
    checkout.fill_card(expiry="0120")
    checkout.card_button.click()
    _require_error_beside(checkout, "expiry-input")
    expect(checkout.part("expiry-input")).to_have_accessible_description("This card has expired.")
    expect(checkout.part("card-number-input")).to_have_value("4111 1111 1111 1111")


def test_controls_are_disabled_until_the_script_has_loaded(gateway, order, page):
    held: list[Route] = []
    page.route("**/page/main.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}", wait_until="commit")
    buyer = Buyer(page)
    expect(page.locator("#processing-state")).to_be_attached()  # after the form
    for button in page.locator("#form-state button").all():
        expect(button).to_be_disabled()
    buyer.part("vpa-input").fill("success@upi")
    buyer.part("vpa-input").press("Enter")
    for route in held:
        route.continue_()
    buyer.part("method-card").click()
    expect(buyer.part("card-form")).to_be_visible()
    buyer.part("method-upi").click()
    expect(buyer.part("vpa-input")).to_have_value("success@upi")
    buyer.upi_button.click()
    expect(buyer.part("success-state")).to_be_visible()


def test_the_page_shows_the_mark_of_the_card_network(checkout):
    checkout.part("method-card").click()
    for digits, network in NETWORKS.items():
        checkout.part("card-number-input").fill(digits)
        expect(checkout.part("card-form").get_by_role("img", name=network)).to_be_visible()


def test_an_invalid_vpa_shows_an_error_at_the_field_and_sends_no_request(checkout, watch):
    for vpa in ("", "no-at-sign", "a b@upi", "a@b.c"):
        checkout.pay_by_upi(vpa)
        _require_error_beside(checkout, "vpa-input")
    assert watch.bodies_posted_to("/payments/public") == []


def test_an_invalid_card_field_shows_an_error_at_the_field_and_sends_no_request(checkout, watch):
    for field, wrong in (
        ("card-number-input", {"number": "4111111111111112"}),
        ("card-number-input", {"number": ""}),
        ("expiry-input", {"expiry": "1331"}),
        ("cvv-input", {"cvv": "12"}),
        ("cardholder-name-input", {"name": ""}),
    ):
        checkout.fill_card(**wrong)
        checkout.card_button.click()
        _require_error_beside(checkout, field)
    assert watch.bodies_posted_to("/payments/public") == []


def _require_error_beside(checkout: Buyer, field: str) -> None:
    wrong = checkout.part(field)
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description(re.compile("."))


def test_every_field_has_an_autocomplete_attribute(checkout):
    for field, token in (
        ("card-number-input", "cc-number"),
        ("expiry-input", "cc-exp"),
        ("cvv-input", "cc-csc"),
        ("cardholder-name-input", "cc-name"),
    ):
        expect(checkout.part(field)).to_have_attribute("autocomplete", token)
    for field in ("card-number-input", "expiry-input", "cvv-input"):
        expect(checkout.part(field)).to_have_attribute("inputmode", "numeric")


def test_without_a_frame_the_page_links_back_to_the_referrer(gateway, merchant, site, page):
    address = f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}"
    page.goto(site.put("/basket", f"<!doctype html><link rel=icon href=data:,><a href='{address}'>Pay</a>"))
    page.click("a")
    buyer = Buyer(page)
    expect(page.get_by_role("link", name="Back to")).to_have_attribute("href", f"{site.url}/")
    buyer.pay_by_upi()
    expect(buyer.part("success-state").get_by_role("link")).to_have_attribute("href", f"{site.url}/")


@pytest.mark.parametrize(
    ("wanted", "led"),
    [("https://shop.example/thanks", ["https://shop.example/thanks"]), ("javascript:alert(1)", [])],
)
def test_without_a_frame_the_page_links_to_the_return_url_but_no_script(gateway, merchant, page, wanted, led):
    page.goto(f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}&return_url={wanted}")
    expect(page.get_by_test_id("order-amount")).to_have_text("₹500.00")
    assert [link.get_attribute("href") for link in page.get_by_role("link").all()] == led


def test_the_page_has_a_strict_content_security_policy(gateway):
    html = requests.get(f"{gateway.checkout_url}/checkout", timeout=60).text
    policy = html.split('http-equiv="Content-Security-Policy"', 1)[1].split(">", 1)[0]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    directives = dict(directive.split(maxsplit=1) for directive in re.findall(r"[^;\"]+ [^;\"]+", policy))
    assert directives["img-src"] == f"'self' {gateway.api_url}/"  # QR codes
    assert directives["frame-src"] == f"{gateway.api_url}/ https:"  # pages of banks


def test_the_page_fits_on_a_phone(gateway, merchant, new_context, shoot):
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2).new_page()
    page.goto(f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}")
    buyer = Buyer(page)
    buyer.fill_card()
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
    shoot(page, "phone-card")
