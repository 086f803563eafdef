"""The adapter of Razorpay with its double and a clock that tests move."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.acquirers.base import ActionRequired, Approved, AuthorizeRequest, RefundRequest
from chalicelib.acquirers.razorpay.adapter import RazorpayAcquirer
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.money import Money
from tests.acquirers.conftest import credentials_of
from tests.acquirers.razorpay_double import CREDENTIALS, Json, RazorpayDouble

START = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
PAYMENT_ID = "pay_0123456789abcdef"
REFUND_ID = "rfnd_0123456789abcdef"


@dataclass
class MovedClock:
    """A clock that stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move the clock."""
        self.now += timedelta(**by)


@dataclass
class Account:
    """A merchant's account at Razorpay. ``credentials`` are those of the gateway."""

    credentials: dict[str, str] = field(default_factory=lambda: dict(CREDENTIALS))
    clock: MovedClock = field(default_factory=MovedClock)
    double: RazorpayDouble = field(init=False)
    acquirer: RazorpayAcquirer = field(init=False)

    def __post_init__(self) -> None:
        self.double = RazorpayDouble(clock=self.clock)
        credentials = credentials_of(self.credentials, self.clock, acquirer="razorpay")
        self.acquirer = RazorpayAcquirer(credentials=credentials, transport=self.double, clock=self.clock)

    def waiting(self) -> str:
        """The reference of a payment that waits for its buyer."""
        result = self.acquirer.authorize(charge())
        assert isinstance(result, ActionRequired)
        return result.reference

    def paid(self) -> str:
        """The reference of an approved payment."""
        reference = self.waiting()
        assert self.double.approve(reference)
        assert self.acquirer.status(charge(), reference) == Approved(reference=reference)
        return reference

    def asked(self) -> list[str]:
        """The requests so far, without host and body."""
        return [f"{one.method} {one.url.partition('razorpay.com')[2]}" for one in self.double.requests]

    def bodies(self) -> list[Json]:
        """The bodies of the requests that have one."""
        return [json.loads(one.body) for one in self.double.requests if one.body]


def charge(amount: int = 50_000, **changes: Any) -> AuthorizeRequest:
    """The request of a UPI payment by QR code."""
    request: dict[str, Any] = {
        "idempotency_key": f"charge:{PAYMENT_ID}",
        "method": PaymentMethod.UPI,
        "token": "",
        "money": Money(amount, "INR"),
        "flow": UpiFlow.QR,
        "return_url": f"https://api.example/api/v1/payments/{PAYMENT_ID}/return",
    }
    return AuthorizeRequest(**request | changes)


def refund(reference: str, amount: int = 20_000, *, key: str = f"refund:{REFUND_ID}") -> RefundRequest:
    """The request of a refund of the payment."""
    return RefundRequest(
        idempotency_key=key, payment_reference=reference, token="", money=Money(amount, "INR")
    )
