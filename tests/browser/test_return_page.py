"""The page to which a bank or an acquirer sends the buyer, in a browser.

The tests save a screenshot of every state in .build/screenshots.
"""

import pytest
from playwright.sync_api import expect

from chalicelib.api.return_pages import MAX_RELOADS
from tests.browser.test_accessibility import Walk
from tests.browser.test_bank_pages import CHALLENGE_PAGE, VARIANTS, challenge, confirm, heading
from tests.e2e.api import Api

UNKNOWN = "pay_0000000000000000"


def return_page(merchant: Api, payment_id: str) -> str:
    return f"{merchant.url}/api/v1/payments/{payment_id}/return"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_state_is_accessible(merchant, new_context, watch, shoot, variant):
    page = new_context(**VARIANTS[variant]).new_page()
    walk = Walk(page, f"return-{variant}", shoot)
    check = walk.check if variant != "without-script" else lambda _state: None  # axe-core is a script
    payment_id, _ = challenge(merchant)
    page.goto(f"{return_page(merchant, payment_id)}?reloads={MAX_RELOADS}")
    heading(page, "Waiting for the result")
    expect(page.get_by_role("link", name="Check again")).to_be_visible()
    check("waiting")

    paid = merchant.paid()
    page.goto(return_page(merchant, paid["id"]))
    heading(page, "Payment successful")
    check("successful")

    failed = merchant.payment(vpa="failure@upi")
    merchant.settled(failed["id"])
    page.goto(return_page(merchant, failed["id"]))
    heading(page, "Payment failed")
    expect(page.get_by_text("You were not charged.")).to_be_visible()
    check("failed")

    watch.forgive("404")
    page.goto(return_page(merchant, UNKNOWN))
    heading(page, "Payment not found")
    check("not-found")


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "without script"])
def test_the_page_reloads_itself_until_there_is_an_outcome(merchant, new_context, shoot, options):
    page, bank = new_context(**options).new_page(), new_context().new_page()
    payment_id, url = challenge(merchant, CHALLENGE_PAGE)
    page.goto(return_page(merchant, payment_id))
    heading(page, "Waiting for the result")
    shoot(page, "return-reloading")
    page.wait_for_url("**/return?reloads=2")
    bank.goto(url)
    confirm(bank)
    heading(page, "Payment successful")
    expect(page.get_by_text("You can close this page.")).to_be_visible()
    assert merchant.settled(payment_id)["status"] == "success"


def test_the_page_can_be_checked_again(page, merchant):
    payment_id, _ = challenge(merchant, CHALLENGE_PAGE)
    page.goto(f"{return_page(merchant, payment_id)}?reloads={MAX_RELOADS}")
    page.get_by_role("link", name="Check again").click()
    page.wait_for_url("**/return?reloads=1")
