"""The loop: a committed row leads to its outcome and to its webhooks."""

from datetime import timedelta

from chalicelib.domain.payment import PaymentStatus
from tests.cloud import START, Cloud
from tests.services.shop import pay


def test_a_payment_is_settled_after_its_wait_and_not_before(cloud: Cloud):
    payment = pay(cloud)
    cloud.run(for_s=4)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
    cloud.run(for_s=8)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert START + timedelta(seconds=5) <= cloud.gateway.payments.get(payment.id).updated_at
