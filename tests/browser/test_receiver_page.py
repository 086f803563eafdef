"""The local receiver's page: received webhooks, and entering a changed secret."""

from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import Page, expect

from chalicelib.domain.signature import signature_headers
from infra.local.receiver import Receiver

OLD, NEW = "whsec_old", "whsec_new"
BODY = b'{"event":"payment.success","timestamp":1,"data":{"payment":{"id":"pay_1"}}}'


@pytest.fixture
def local_receiver():
    with Receiver(secret=OLD) as receiver:
        yield receiver


@pytest.fixture
def receiver_page(browser, local_receiver):
    with browser.new_context(viewport={"width": 900, "height": 600}) as context:
        page = context.new_page()
        page.goto(local_receiver.url.removesuffix("webhook"))
        yield page


def send(receiver: Receiver, secret: str) -> None:
    headers = signature_headers([secret], webhook_id="w", sent_at=datetime.now(UTC), body=BODY)
    requests.post(receiver.url, data=BODY, headers=headers, timeout=5)


def test_a_changed_secret_shows_a_hint_and_the_new_one_can_be_entered(
    local_receiver, receiver_page: Page, shoot
):
    page, problem = receiver_page, receiver_page.get_by_role("alert")
    send(local_receiver, OLD)
    expect(page.get_by_text("1 received, 1 verified")).to_be_visible()
    expect(problem).to_be_hidden()
    send(local_receiver, NEW)
    expect(problem).to_contain_text("If the webhook secret was changed, enter the new one.")
    shoot(page, "receiver-changed-secret")
    field = page.get_by_label("New secret")
    field.fill("two words")
    page.get_by_role("button", name="Use this secret").click()
    expect(page.locator("#secret-state")).to_contain_text("The secret must be one word")
    field.fill(NEW)
    field.press("Enter")
    expect(page.get_by_text("Webhooks are verified with the new secret from now on.")).to_be_visible()
    expect(problem).to_be_hidden()
    send(local_receiver, NEW)
    expect(page.get_by_text("3 received, 2 verified")).to_be_visible()
    expect(problem).to_be_hidden()
    shoot(page, "receiver-new-secret")
    send(local_receiver, OLD)
    expect(problem).to_be_visible()
