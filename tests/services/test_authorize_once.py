"""An acquirer that charges twice for the same request: one job at a time may send it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.acquirers.base import Approved, AuthorizeRequest, Result, Unknown
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.jobs.messages import ProcessPayment, encode
from chalicelib.services.authorize_once import LEASE
from chalicelib.workers.acquirer_jobs import process_payments
from infra.template.lambdas import LAMBDAS
from tests.cloud import Cloud
from tests.services.shop import pay


@pytest.fixture(autouse=True)
def _not_idempotent(cloud: Cloud) -> None:
    cloud.acquirer.is_idempotent = False


def process(cloud: Cloud, payment: Payment, *, checks: int = 0) -> None:
    """Deliver the job of the payment."""
    job = replace(ProcessPayment.of(payment), due_at=cloud.gateway.clock(), checks=checks)
    message = {"messageId": "1", "body": encode(job)}
    assert process_payments(cloud.gateway, [message]) == {"batchItemFailures": []}


def status(cloud: Cloud, payment: Payment) -> PaymentStatus:
    return cloud.gateway.payments.get(payment.id).status


def test_the_lease_is_longer_than_a_job_can_run():
    assert LEASE.total_seconds() > 2 * LAMBDAS["PaymentWorker"].timeout_s


def test_a_payment_is_charged_without_asking_for_its_status(cloud: Cloud):
    payment = pay(cloud)
    cloud.run(for_s=15)
    assert status(cloud, payment) is PaymentStatus.SUCCESS
    assert (len(cloud.acquirer.charges), cloud.acquirer.checks) == (1, [])


def test_a_lost_response_is_followed_by_a_request_for_the_status(cloud: Cloud):
    cloud.acquirer.script = [Unknown()]
    payment = pay(cloud)
    cloud.run(for_s=60)
    assert status(cloud, payment) is PaymentStatus.SUCCESS
    assert (len(cloud.acquirer.charges), cloud.acquirer.checks) == (1, [None])


def test_a_request_that_did_not_arrive_is_repeated_after_the_lease(cloud: Cloud):
    cloud.acquirer.script = [Unknown(), *[None] * 5]
    payment = pay(cloud)
    cloud.run(for_s=LEASE.total_seconds())
    assert len(cloud.acquirer.charges) == 1
    cloud.run(for_s=60)
    assert len(cloud.acquirer.charges) == 2
    assert status(cloud, payment) is PaymentStatus.SUCCESS


@pytest.mark.parametrize("checks", [0, 1])
def test_a_duplicate_does_not_authorize_while_another_job_has_the_lease(cloud: Cloud, checks: int):
    cloud.acquirer.script = [Unknown(), None]
    payment = pay(cloud)
    process(cloud, payment)
    process(cloud, payment, checks=checks)
    assert (len(cloud.acquirer.charges), len(cloud.acquirer.checks)) == (1, 1)
    assert status(cloud, payment) is PaymentStatus.PENDING
    assert "process_payment" in cloud.messages(cloud.gateway.settings.queues.payments.jobs)[0]


def test_a_duplicate_that_arrives_after_the_lease_asks_for_the_status_first(cloud: Cloud):
    cloud.acquirer.script = [Unknown()]
    payment = pay(cloud)
    process(cloud, payment)
    cloud.time.shift(2 * LEASE)
    process(cloud, payment)
    assert (len(cloud.acquirer.charges), cloud.acquirer.checks) == (1, [None])
    assert status(cloud, payment) is PaymentStatus.SUCCESS


def test_a_lease_that_ends_while_the_status_is_asked_is_not_taken(cloud: Cloud, monkeypatch):
    """The request of its holder may arrive after the acquirer answered."""
    cloud.acquirer.script = [Unknown()]
    payment = pay(cloud)
    process(cloud, payment)
    cloud.time.shift(LEASE.total_seconds() - 1)

    def unknown_after_a_while(request: AuthorizeRequest, reference: str | None) -> None:
        cloud.time.shift(2)

    monkeypatch.setattr(cloud.acquirer, "status", unknown_after_a_while)
    process(cloud, payment)
    assert len(cloud.acquirer.charges) == 1


def test_of_two_jobs_that_find_the_lease_expired_one_authorizes(cloud: Cloud, monkeypatch):
    cloud.acquirer.script = [Unknown()]
    payment = pay(cloud)
    process(cloud, payment)
    cloud.time.shift(2 * LEASE)
    others: list[Callable[[], None]] = [lambda: process(cloud, payment, checks=1)]

    def unknown(request: AuthorizeRequest, reference: str | None) -> Result | None:
        if others:
            others.pop()()
        return None

    monkeypatch.setattr(cloud.acquirer, "status", unknown)
    process(cloud, payment, checks=1)
    assert len(cloud.acquirer.charges) == 2


def test_a_settled_payment_is_not_authorized_again(cloud: Cloud, monkeypatch):
    payment = pay(cloud)
    cloud.run(for_s=15)
    cloud.time.shift(2 * LEASE)
    monkeypatch.setattr(cloud.acquirer, "status", lambda request, reference: None)
    process(cloud, payment, checks=1)
    assert len(cloud.acquirer.charges) == 1
    assert isinstance(cloud.acquirer.authorize(cloud.acquirer.charges[0]), Approved)
