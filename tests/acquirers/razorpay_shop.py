"""A merchant of the gateway with Razorpay, which is the double."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

from chalicelib.acquirers.razorpay import RAZORPAY
from chalicelib.acquirers.razorpay.adapter import RazorpayAcquirer
from chalicelib.acquirers.registry import Registration
from chalicelib.acquirers.transport import Transport
from chalicelib.domain.clock import utc_now
from chalicelib.domain.event import EventName
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.upi import UpiLink
from chalicelib.domain.payment import Payment
from tests.acquirers.razorpay_double import CREDENTIALS, Ledger, RazorpayDouble
from tests.cloud import Cloud, cloud
from tests.services.shop import MERCHANT, MERCHANT_ID, feed, order, pay

AMOUNT = 50_000
ROUTED = replace(MERCHANT, acquirers={PaymentMethod.UPI: RAZORPAY})


@dataclass
class Shop:
    """A merchant with Razorpay."""

    cloud: Cloud
    double: RazorpayDouble
    delivered: int = 0

    def pay(self) -> Payment:
        """Create a payment by QR code."""
        return pay(self.cloud, of=order(self.cloud), details=UpiLink(UpiFlow.QR), merchant=ROUTED)

    def read(self, payment: Payment) -> Payment:
        """The current payment."""
        return self.cloud.gateway.payments.get(payment.id)

    def shown(self, payment: Payment) -> str | None:
        """The reference of the payment whose link the buyer sees."""
        action = self.read(payment).next_action
        return self.double.payment_of(action.url) if action else None

    def notify(self) -> None:
        """Deliver the new notifications."""
        new, self.delivered = self.double.outbox[self.delivered :], len(self.double.outbox)
        for headers, body in new:
            self.cloud.gateway.notifications.receive(RAZORPAY, MERCHANT_ID, headers, body)

    def ledger(self, payment: Payment) -> Ledger:
        """What the payment moved."""
        return self.double.ledger(payment.id)

    def events(self) -> list[EventName]:
        """The events of the merchant."""
        return [one.name for one in feed(self.cloud)]


@contextmanager
def opened() -> Iterator[Shop]:
    """A shop on a new gateway."""
    with cloud() as clouded:
        clouded.gateway.onboarding.seed_test_merchant()
        shop = Shop(clouded, RazorpayDouble(clock=utc_now))
        register(clouded, shop.double)
        yield shop


def register(clouded: Cloud, transport: Transport) -> None:
    """Make Razorpay an acquirer of the gateway, with the credentials of the test merchant."""
    acquirers = clouded.gateway.acquirers
    acquirers.credentials.put(MERCHANT_ID, RAZORPAY, CREDENTIALS)
    registered = cast("dict[str, Registration]", acquirers.registered)
    registered[RAZORPAY] = Registration(
        build=lambda credentials: RazorpayAcquirer(
            credentials=credentials, transport=transport, clock=utc_now
        )
    )
