"""UPI payments with Razorpay, which is its double over HTTP, and a merchant whom the operator configured."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import requests

from chalicelib.domain.clock import utc_now
from infra.aws import LOCAL_CREDENTIALS, LOCAL_REGION
from infra.local.gateway import LocalGateway
from infra.project import ROOT
from tests.acquirers.razorpay_double import CREDENTIALS, Ledger, RazorpayDouble
from tests.acquirers.serving import served
from tests.e2e.api import TIMEOUT_S, Api, Json, eventually

pytestmark = pytest.mark.contract("7")

COMMAND_TIMEOUT_S = 240  # for a command that hangs; on an idle machine, a command takes two seconds
AMOUNT = 50_000


@dataclass
class AheadClock:
    """The clock of Razorpay, which a test can move forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass
class Shop:
    """A merchant and its account at Razorpay."""

    merchant: Api
    double: RazorpayDouble
    clock: AheadClock
    delivered: int = 0

    def waiting(self) -> tuple[str, Json]:
        """The id of a payment that waits for its buyer, and its action."""
        payment = self.merchant.payment(vpa=None, flow="qr")
        action: Json = eventually(
            lambda: self.merchant.get(f"/payments/{payment['id']}/public").json().get("next_action")
        )
        return payment["id"], action

    def notify(self) -> None:
        """Deliver the new notifications."""
        path = f"/acquirers/razorpay/notifications/{self.merchant.merchant_id}"
        new, self.delivered = self.double.outbox[self.delivered :], len(self.double.outbox)
        for headers, body in new:
            response = self.merchant.anonymous.request("POST", f"/api/v1{path}", data=body, headers=headers)
            assert response.status_code == 200, response.text

    def has_event(self, payment_id: str, name: str) -> bool:
        """Whether the payment has the event."""
        events = self.merchant.events()
        return (name, payment_id) in [(one["type"], one["data"]["payment"]["id"]) for one in events]


@pytest.fixture(scope="module")
def shop(gateway: LocalGateway, new_merchant: Callable[[], Api]) -> Iterator[Shop]:
    clock = AheadClock()
    double, merchant = RazorpayDouble(clock=clock), new_merchant()
    with served(double) as url:
        configure(gateway, merchant, {**CREDENTIALS, "api_url": url})
        yield Shop(merchant, double, clock)


def configure(gateway: LocalGateway, merchant: Api, credentials: dict[str, str]) -> None:
    """Set the acquirer with the operator's command."""
    chosen = ("--method", "upi", "--acquirer", "razorpay", "--credentials", "-")
    words = ("merchant", "acquirer", "set", merchant.email, "--stage", "test", *chosen)
    done = subprocess.run(
        [sys.executable, "-m", "infra", *words],
        env={
            **os.environ,
            **{name.upper(): value for name, value in LOCAL_CREDENTIALS.items()},
            "AWS_DEFAULT_REGION": LOCAL_REGION,
            "AWS_ENDPOINT_URL": gateway.aws_endpoint_url,
        },
        input=json.dumps(credentials),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_qr_code_is_paid_and_refunded(shop: Shop):
    payment_id, action = shop.waiting()
    reference = shop.double.payment_of(action["link"])
    assert action["link"] == shop.double.link_of(reference)
    image = requests.get(action["qr_svg_url"], timeout=TIMEOUT_S)
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/svg+xml")
    shop.double.approve(reference)
    shop.notify()
    settled = shop.merchant.settled(payment_id)
    assert (settled["status"], settled["acquirer"]) == ("success", "razorpay")
    assert settled["acquirer_reference"] == reference
    refund = shop.merchant.refund(payment_id, 20_000)
    eventually(lambda: shop.merchant.get(f"/refunds/{refund['id']}").json()["status"] == "processed")
    assert shop.double.ledger(payment_id) == Ledger(charges=1, taken=AMOUNT, returned=20_000)


def test_a_payment_that_expired_and_is_approved_late_is_returned(shop: Shop):
    payment_id, action = shop.waiting()
    reference = shop.double.payment_of(action["link"])
    shop.clock.ahead += timedelta(minutes=10)
    settled = shop.merchant.settled(payment_id)
    assert (settled["status"], settled["decline_code"]) == ("failed", "expired")
    assert shop.double.approve_late(reference)
    shop.notify()
    eventually(lambda: shop.has_event(payment_id, "payment.late_authorized"))
    assert shop.merchant.get(f"/payments/{payment_id}").json()["status"] == "failed"
    assert shop.double.ledger(payment_id) == Ledger(charges=1, taken=AMOUNT, returned=AMOUNT)
