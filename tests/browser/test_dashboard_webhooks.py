"""Webhooks: the URL, the secret, the test event, and the log with all attempts."""

import re
import subprocess

import pytest
from playwright.sync_api import Route, expect

from infra.local.receiver.behaviour import Behaviour
from tests.e2e.api import UNREACHABLE_URL, Api


@pytest.fixture
def webhooks(dashboard):
    dashboard.sign_in("/dashboard/webhooks")
    expect(dashboard.part("webhook-config-form")).to_be_visible()
    return dashboard


def test_the_log_stays_in_its_place_while_the_endpoints_load(dashboard):
    page, button, held = dashboard.page, dashboard.part("export-button"), list[Route]()
    page.route("**/api/v1/webhooks/*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    with page.expect_request("**/webhooks/config"), page.expect_request("**/webhooks/endpoints"):
        dashboard.sign_in("/dashboard/webhooks")
    expect(button).to_be_visible()
    before = button.bounding_box()
    assert before
    for route in held:
        route.continue_()
    expect(dashboard.part("webhook-config-form")).to_be_visible()
    expect(dashboard.part("endpoint-events")).to_be_visible()
    after = button.bounding_box()
    assert after
    assert abs(after["y"] - before["y"]) < before["height"] / 2, "a click on the button would miss it"


def test_a_url_can_be_set_and_removed(merchant, webhooks):
    url = webhooks.part("webhook-url-input")
    expect(webhooks.part("test-webhook-button")).to_be_disabled()
    url.fill("https://shop.example/hook")
    webhooks.part("save-webhook-button").click()
    expect(webhooks.page.get_by_text("URL saved")).to_be_visible()
    assert merchant.get("/webhooks/config").json()["webhook_url"] == "https://shop.example/hook"
    webhooks.page.reload()
    expect(url).to_have_value("https://shop.example/hook")
    url.fill("")
    webhooks.part("save-webhook-button").click()
    expect(webhooks.page.get_by_text("Webhooks are off")).to_be_visible()
    assert merchant.get("/webhooks/config").json()["webhook_url"] is None


def test_an_invalid_url_shows_an_error_at_the_field(webhooks, watch):
    watch.forgive("status of 400")
    webhooks.part("webhook-url-input").fill("ftp://shop.example")
    webhooks.part("save-webhook-button").click()
    expect(webhooks.page.get_by_role("alert")).to_contain_text(
        "webhook_url must be an http:// or https:// URL"
    )
    expect(webhooks.part("webhook-url-input")).to_have_attribute("aria-invalid", "true")


def secret_of(merchant: Api) -> str:
    secret: str = merchant.get("/webhooks/config").json()["webhook_secret"]
    return secret


def test_the_secret_is_hidden_until_revealed_and_can_be_copied(merchant, webhooks, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    secret = webhooks.part("webhook-secret")
    expect(secret).to_have_css("-webkit-text-security", "disc")
    expect(secret).to_have_attribute("aria-hidden", "true")
    webhooks.button("Copy the signing secret").click()
    expect(webhooks.page.get_by_text("Copied")).to_be_visible()
    assert webhooks.page.evaluate("() => navigator.clipboard.readText()") == secret_of(merchant)
    webhooks.button("Reveal the signing secret").click()
    expect(secret).to_have_css("-webkit-text-security", "none")
    expect(secret).to_have_text(secret_of(merchant))


def test_copying_works_on_a_page_without_a_clipboard(merchant, webhooks, context):
    context.grant_permissions(["clipboard-read"])
    webhooks.page.evaluate(
        "() => Object.defineProperty(navigator.clipboard, 'writeText', { value: undefined })"
    )
    webhooks.button("Copy the signing secret").click()
    expect(webhooks.page.get_by_text("Copied")).to_be_visible()
    assert webhooks.page.evaluate("() => navigator.clipboard.readText()") == secret_of(merchant)


def test_regenerating_the_secret_requires_confirmation(merchant, webhooks):
    before = secret_of(merchant)
    webhooks.part("regenerate-secret-button").click()
    webhooks.button("Cancel").click()
    assert secret_of(merchant) == before
    webhooks.part("regenerate-secret-button").click()
    webhooks.part("confirm-regenerate-button").click()
    expect(webhooks.part("webhook-secret")).not_to_have_text(before)
    assert webhooks.part("webhook-secret").text_content() == secret_of(merchant)


def test_a_test_event_shows_the_response_of_the_receiver(receiver, webhooks):
    webhooks.part("test-webhook-button").click()
    expect(webhooks.part("test-webhook-result")).to_contain_text("200")
    assert receiver.wait_for("webhook.test")[0].verified
    item = webhooks.part("webhook-log-item").first
    expect(item.get_by_test_id("webhook-event")).to_have_text("webhook.test")
    expect(item.get_by_test_id("webhook-status")).to_have_text("success")
    expect(item.get_by_test_id("webhook-attempts")).to_have_text("1")
    expect(item.get_by_test_id("webhook-response-code")).to_have_text("200")
    expect(item.get_by_test_id("webhook-last-attempt")).to_have_attribute(
        "datetime", re.compile(r"^\d{4}-\d\d-\d\dT")
    )


def test_a_test_event_to_an_unreachable_url_shows_an_error(merchant, webhooks):
    merchant.send_webhooks_to(UNREACHABLE_URL)
    webhooks.page.reload()
    webhooks.part("test-webhook-button").click()
    expect(webhooks.part("test-webhook-result")).to_contain_text("could not connect")
    webhooks.page.get_by_role("link", name="View details").click()
    expect(webhooks.part("webhook-attempt").last).to_contain_text("no response")


def test_a_log_shows_all_attempts_and_can_be_retried(merchant, receiver, webhooks, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    receiver.behaviour = Behaviour(status=503)
    merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["attempts"] > 0)
    webhooks.page.reload()
    item = webhooks.page.locator(f"[data-test-id=webhook-log-item][data-webhook-id='{log['id']}']")
    item.get_by_test_id("webhook-event").click()
    attempt = webhooks.part("webhook-attempt").last
    attempt.locator("summary").click()
    expect(attempt).to_contain_text("503")
    expect(attempt).to_contain_text("X-Webhook-Signature: ")
    expect(webhooks.part("webhook-payload")).to_contain_text('"event": "payment.created"')
    attempt.get_by_role("button", name="Copy as curl").click()
    command = webhooks.page.evaluate("() => navigator.clipboard.readText()")
    before = len(receiver.wait_for("payment.created"))
    receiver.behaviour = Behaviour()
    subprocess.run(["sh", "-c", f"{command} --silent --show-error --fail"], check=True)
    first, *_, by_hand = receiver.wait_for("payment.created", count=before + 1)
    assert by_hand.verified
    assert (by_hand.body, by_hand.headers["Content-Type"]) == (first.body, first.headers["Content-Type"])

    webhooks.part("retry-now-button").click()
    expect(webhooks.page.get_by_text("Webhook retry scheduled")).to_be_visible()
    expect(webhooks.part("webhook-attempt").first).to_contain_text("200")
    expect(webhooks.part("webhook-attempt").first).to_contain_text("manual")


def test_a_log_can_be_retried_from_the_list(merchant, receiver, webhooks):
    merchant.send_webhooks_to(UNREACHABLE_URL)
    merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["attempts"] > 0)
    merchant.send_webhooks_to(receiver.url)
    webhooks.page.locator(f"[data-test-id=retry-webhook-button][data-webhook-id='{log['id']}']").click()
    expect(webhooks.page.get_by_text("Webhook retry scheduled")).to_be_visible()
    item = webhooks.page.locator(f"[data-test-id=webhook-log-item][data-webhook-id='{log['id']}']")
    expect(item.get_by_test_id("webhook-status")).to_have_text("success")


def test_logs_can_be_filtered_by_event_and_status(merchant, receiver, webhooks):
    merchant.payment()
    receiver.wait_for("payment.success")
    rows = webhooks.part("webhook-log-item")
    expect(rows).to_have_count(3)
    webhooks.page.get_by_label("Event").select_option("payment.success")
    expect(rows).to_have_count(1)
    webhooks.page.get_by_label("Status").select_option("failed")
    expect(webhooks.page.get_by_text("No matching webhooks")).to_be_visible()


def test_a_log_opens_the_debugger_with_its_request(merchant, receiver, webhooks):
    merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["status"] == "success")
    webhooks.open(f"/dashboard/webhooks?log={log['id']}")
    webhooks.part("webhook-attempt").locator("summary").click()
    webhooks.button("Debug the signature").click()
    webhooks.button("Use mine").click()
    rules = webhooks.part("debugger-result").get_by_role("listitem")
    expect(rules).to_have_count(5)
    for rule in rules.all():
        expect(rule).to_have_attribute("data-holds", "true")
