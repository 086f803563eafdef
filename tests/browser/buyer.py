"""Page object of the checkout page."""

import time
from dataclasses import dataclass

from playwright.sync_api import FrameLocator, Locator, Page

APPROVED_CARD = "4111111111111111"
DECLINED_CARD = "4000000000000002"
NUMBERS = (APPROVED_CARD, DECLINED_CARD)
CVV = "737"
EXPIRY = f"12{(time.gmtime().tm_year + 3) % 100:02}"
NAME = "Asha Rao"


@dataclass(frozen=True)
class Buyer:
    """Reads and fills in the checkout page, framed or not, by test id."""

    view: Page | FrameLocator

    def part(self, test_id: str) -> Locator:
        """The element with that test id."""
        return self.view.get_by_test_id(test_id)

    @property
    def upi_button(self) -> Locator:
        """The UPI form's pay button."""
        return self.part("upi-form").get_by_test_id("pay-button")

    @property
    def card_button(self) -> Locator:
        """The card form's pay button."""
        return self.part("card-form").get_by_test_id("pay-button")

    def pay_by_upi(self, vpa: str = "success@upi") -> None:
        """Select UPI, fill in the form and pay."""
        self.part("method-upi").click()
        self.part("vpa-input").fill(vpa)
        self.upi_button.click()

    def fill_card(
        self, *, number: str = APPROVED_CARD, expiry: str = EXPIRY, cvv: str = CVV, name: str = NAME
    ) -> None:
        """Select card and type all fields key by key."""
        self.part("method-card").click()
        for test_id, text in (
            ("card-number-input", number),
            ("expiry-input", expiry),
            ("cvv-input", cvv),
            ("cardholder-name-input", name),
        ):
            self.part(test_id).clear()
            self.part(test_id).press_sequentially(text)

    def pay_by_card(self, number: str = APPROVED_CARD) -> None:
        """Select card, fill in the form and pay."""
        self.fill_card(number=number)
        self.card_button.click()
