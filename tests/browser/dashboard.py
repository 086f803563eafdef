"""The dashboard as its merchant uses it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

from playwright.sync_api import Locator, Page, expect

from chalicelib.domain.password import hash_password
from tests.e2e.api import Api

PASSWORD = "a password of some length"
SCREENS = (
    "/dashboard",
    "/dashboard/transactions",
    "/dashboard/refunds",
    "/dashboard/webhooks",
    "/dashboard/keys",
    "/dashboard/debugger",
    "/dashboard/docs",
)


def give_password(merchant: Api, table: str, aws: Callable[[str], Any]) -> str:
    """Let the merchant sign in with PASSWORD; returns the email address."""
    aws("dynamodb").update_item(
        TableName=table,
        Key={"id": {"S": merchant.merchant_id}},
        UpdateExpression="SET password_hash = :hash",
        ExpressionAttributeValues={":hash": {"S": hash_password(PASSWORD, SystemRandom())}},
    )
    email: str = merchant.get("/merchants/me").json()["email"]
    return email


@dataclass(frozen=True)
class Dashboard:
    """A page of it; `merchant` is the same one over HTTP."""

    page: Page
    url: str
    merchant: Api
    email: str

    def part(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def open(self, path: str) -> None:
        """Type an address into the address bar."""
        self.page.goto(self.url + path)

    def fill_in(self, email: str, password: str) -> None:
        self.part("email-input").fill(email)
        self.part("password-input").fill(password)
        self.part("login-button").click()

    def sign_in(self) -> None:
        self.open("/login")
        self.fill_in(self.email, PASSWORD)
        expect(self.part("dashboard")).to_be_visible()

    def open_payment(self, payment_id: str) -> None:
        self.open(f"/dashboard/transactions?payment={payment_id}")
        expect(self.part("payment-detail")).to_be_visible()

    def step(self, name: str) -> Locator:
        """A step of the open payment's timeline."""
        return self.part("payment-timeline").locator(f"[data-step='{name}']")

    def row(self, payment_id: str) -> Locator:
        return self.page.locator(f"[data-test-id=transaction-row][data-payment-id={payment_id}]")
