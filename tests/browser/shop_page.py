"""Page object of a merchant's page with the SDK."""

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.buyer import Buyer
from tests.browser.pages import render
from tests.e2e.api import Api, eventually


def shop_html(checkout_url: str, **options: Any) -> str:
    """A page whose button opens the SDK with `options`, and which records callbacks in `calls`."""
    return render("shop.html", checkout=checkout_url, options=json.dumps(options))


@dataclass(frozen=True)
class ShopPage:
    """The merchant's page in a browser; `checkout` is the page in the SDK's frame."""

    page: Page

    @property
    def checkout(self) -> Buyer:
        """The checkout page in the dialog."""
        return Buyer(self.page.frame_locator("[data-test-id=payment-iframe]"))

    @property
    def modal(self) -> Locator:
        """The SDK's dialog."""
        return self.page.get_by_test_id("payment-modal")

    @property
    def close_button(self) -> Locator:
        """The dialog's close button."""
        return self.page.get_by_test_id("close-modal-button")

    def open(self) -> "ShopPage":
        """Click the shop's button and wait until the checkout has loaded."""
        self.page.click("#pay")
        expect(self.modal.get_by_role("status")).to_be_hidden()
        return self

    def close_by(self, way: str) -> None:
        """Request closing the checkout in the given way."""
        if way == "button":
            self.close_button.click()
        elif way == "escape":
            self.close_button.focus()
            self.page.keyboard.press("Escape")
        elif way == "escape in the page":
            self.checkout.part("order-amount").click()
            self.page.keyboard.press("Escape")
        elif way == "method":
            self.page.evaluate("() => { gateway.close(); gateway.close(); }")
        else:
            self.page.frames[-1].evaluate("() => parent.postMessage({ type: 'close_modal', data: {} }, '*')")

    def calls(self) -> list[list[Any]]:
        """The callbacks called so far, in order, with their data."""
        calls: list[list[Any]] = self.page.evaluate("() => calls.map(([name, data]) => [name, data ?? null])")
        return calls

    def calls_named(self, *names: str) -> list[list[Any]]:
        """Wait until the called callbacks are `names`, and return them."""

        def named() -> list[list[Any]] | None:
            calls = self.calls()
            self.page.wait_for_timeout(50)
            return calls if tuple(name for name, _ in calls) == names else None

        calls: list[list[Any]] = eventually(named)
        return calls


def key_of(merchant: Api) -> str:
    """The merchant's API key, which is public."""
    return merchant.credentials["X-Api-Key"]
