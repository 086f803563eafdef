"""The reconciliation of a day, with the lists of the doubles."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from chalicelib.acquirers.razorpay import RAZORPAY
from chalicelib.acquirers.registry import Registration
from chalicelib.acquirers.stripe import STRIPE
from chalicelib.acquirers.stripe.adapter import StripeAcquirer
from chalicelib.domain.clock import utc_now
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import CardToken
from chalicelib.domain.payment import PaymentStatus
from infra.operator.reconcile.comparison import DayOfMerchant
from infra.operator.reconcile.differences import Comparison, Kind
from tests.acquirers import razorpay_shop
from tests.acquirers.stripe_double import SECRET_KEY, StripeDouble
from tests.cloud import START, Cloud, cloud
from tests.services.shop import MERCHANT, MERCHANT_ID, pay

DAY = START.replace(hour=0, minute=0, second=0)
STRIPE_CREDENTIALS = {"secret_key": SECRET_KEY, "webhook_secret": "whsec_of_the_double"}


@dataclass
class Paid:
    """A successful payment and its object at the acquirer."""

    cloud: Cloud
    acquirer: str
    payment_id: str
    charge: dict[str, Any]
    listed_id: str  # the name of the field with the gateway's data

    def compare(self) -> Comparison:
        gateway = self.cloud.gateway
        return DayOfMerchant(
            payments=gateway.payments.payments,
            acquirer=gateway.acquirers.of(self.acquirer, MERCHANT_ID),
            merchant_id=MERCHANT_ID,
            since=DAY,
        ).compare()


@pytest.fixture(name="paid", params=[RAZORPAY, STRIPE])
def _paid(request: pytest.FixtureRequest) -> Iterator[Paid]:
    yield from _with_razorpay() if request.param == RAZORPAY else _with_stripe()


def _with_razorpay() -> Iterator[Paid]:
    with razorpay_shop.opened() as shop:
        payment = shop.pay()
        shop.cloud.run(for_s=15)
        reference = shop.shown(payment)
        assert reference
        assert shop.double.approve(reference)
        shop.notify()
        shop.cloud.run(for_s=15)
        assert shop.read(payment).status is PaymentStatus.SUCCESS
        yield Paid(shop.cloud, RAZORPAY, payment.id, shop.double.payments[reference], "notes")


def _with_stripe() -> Iterator[Paid]:
    with cloud() as clouded:
        clouded.gateway.onboarding.seed_test_merchant()
        double, acquirers = StripeDouble(clock=utc_now), clouded.gateway.acquirers
        acquirers.credentials.put(MERCHANT_ID, STRIPE, STRIPE_CREDENTIALS)
        cast("dict[str, Registration]", acquirers.registered)[STRIPE] = Registration(
            build=lambda credentials: StripeAcquirer(credentials=credentials, transport=double, clock=utc_now)
        )
        merchant = replace(MERCHANT, acquirers={PaymentMethod.CARD: STRIPE})
        payment = pay(clouded, details=CardToken("pm_card_visa"), merchant=merchant)
        clouded.run(for_s=15)
        assert clouded.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
        (intent,) = double.intents.values()
        yield Paid(clouded, STRIPE, payment.id, intent, "metadata")


def test_the_payment_matches_its_charge(paid: Paid):
    result = paid.compare()
    assert (result.matched, result.differences) == (1, [])


def test_another_amount_is_a_difference(paid: Paid):
    paid.charge["amount"] += 1
    (difference,) = paid.compare().differences
    assert (difference.kind, difference.payment_id) == (Kind.OTHER_AMOUNT, paid.payment_id)
    assert difference.reference == paid.charge["id"]


def test_a_charge_of_another_system_is_missing_here_and_the_payment_is_missing_there(paid: Paid):
    paid.charge[paid.listed_id] = {}
    differences = {one.kind: one for one in paid.compare().differences}
    assert differences.keys() == {Kind.MISSING_HERE, Kind.MISSING_THERE}
    assert differences[Kind.MISSING_HERE].reference == paid.charge["id"]
    assert differences[Kind.MISSING_THERE].payment_id == paid.payment_id
