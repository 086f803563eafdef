"""The dashboard's documentation and API keys: code snippets with the merchant's values."""

import pytest
from playwright.sync_api import expect

LANGUAGES = {
    "Python": "def verify_standard_webhook(",
    "Node": "export function verifyStandardWebhook(",
    "PHP": "function verify_standard_webhook(",
    "Go": "func VerifyStandardWebhook(",
}


@pytest.fixture
def docs(dashboard):
    dashboard.sign_in("/dashboard/docs")
    expect(dashboard.part("api-docs")).to_be_visible()
    return dashboard


def test_snippets_contain_the_merchants_key_and_the_urls(docs, gateway, merchant):
    key = merchant.credentials["X-Api-Key"]
    order = docs.part("section-create-order").get_by_test_id("code-snippet-create-order")
    expect(order).to_contain_text(f"curl -X POST {gateway.api_url}/api/v1/orders")
    expect(order).to_contain_text(f"X-Api-Key: {key}")
    sdk = docs.part("section-sdk-integration").get_by_test_id("code-snippet-sdk")
    expect(sdk).to_contain_text(f'src="{gateway.checkout_url}/checkout.js"')
    expect(sdk).to_contain_text(f'key: "{key}"')
    text = docs.page.locator("body").text_content()
    assert merchant.credentials["X-Api-Secret"] not in text
    assert "{{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_verification_is_shown_in_each_language(docs, language):
    docs.button(language).click()
    snippet = docs.part("section-webhook-verification").get_by_test_id("code-snippet-webhook")
    expect(snippet).to_contain_text(LANGUAGES[language])
    expect(snippet).not_to_contain_text("From here on")


def test_a_snippet_is_copied_unchanged(docs, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    docs.button("Copy how to create an order").click()
    expect(docs.page.get_by_text("Copied")).to_be_visible()
    copied = docs.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == docs.part("code-snippet-create-order").text_content()


def test_the_reference_has_every_operation(docs, merchant):
    document = merchant.get("/openapi.json").json()
    methods = {"get", "post", "put", "delete"}
    operations = [
        (method, path) for path, item in document["paths"].items() for method in item if method in methods
    ]
    shown = docs.part("api-reference").locator("summary")
    expect(shown).to_have_count(len(operations))
    shown.filter(has_text="POST").filter(has_text="/api/v1/orders").first.click()
    expect(docs.part("api-reference").locator("details[open]")).to_contain_text("receipt")


def test_the_api_keys_have_a_separate_screen(dashboard, merchant):
    dashboard.sign_in()
    dashboard.page.get_by_role("link", name="API keys").click()
    expect(dashboard.page).to_have_title("API keys · Dashboard (test)")
    expect(dashboard.part("api-key")).to_have_text(merchant.credentials["X-Api-Key"])
    expect(dashboard.page.get_by_text(merchant.merchant_id)).to_be_visible()
