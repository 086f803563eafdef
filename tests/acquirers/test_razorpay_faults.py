"""Whatever fails at Razorpay and in the workers, a buyer is charged at most once.

The jobs are processed in the order of their times without SQS, which makes an example thirty times faster. A
worker that dies leaves its message, which is delivered again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.acquirers.transport import Request, Response
from chalicelib.domain.clock import utc_now
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.jobs.messages import ProcessPayment
from chalicelib.jobs.queue import JobQueue
from tests.acquirers.razorpay_double import Fault
from tests.acquirers.razorpay_shop import AMOUNT, Shop, opened, register
from tests.rounds import rounds

STEPS = ("approve", "approve late", "decline", "notify", "repeat", "wait", "wait long")
DEATHS = ("before a request", "after a request", "before a message")
REDELIVERY = timedelta(seconds=60)
TWO_HOURS_S = 7_200
MAX_JOBS = 500


class DeathError(Exception):
    """The worker stops."""


@dataclass
class Workers:
    """The queue of payments and its workers, which die at the moments in ``deaths``."""

    shop: Shop
    deaths: list[str]
    jobs: list[ProcessPayment] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        """The transport of the adapter."""
        self._die("before a request")
        response = self.shop.double.send(request)
        self._die("after a request")
        return response

    def run(self, *, for_s: float) -> None:
        """Process everything that is due within ``for_s`` seconds, at its time."""
        end = utc_now() + timedelta(seconds=for_s)
        for _ in rounds("no job is due", at_most=MAX_JOBS):
            job = min(self.jobs, key=lambda one: one.due_at, default=None)
            if job is None or job.due_at > end:
                break
            self.jobs.remove(job)
            self.shop.cloud.time.move_to(max(job.due_at, utc_now()))
            self._process(job)
        self.shop.cloud.time.move_to(end)

    def _process(self, job: ProcessPayment) -> None:
        try:
            processed = self.shop.cloud.gateway.payments.process(job)
            self._die("before a message")
        except DeathError:
            self.jobs.append(replace(job, due_at=utc_now() + REDELIVERY))
        else:
            self.jobs += [processed.next_job] if processed.next_job else []

    def _die(self, moment: str) -> None:
        if self.deaths and self.deaths[0] == moment:
            self.deaths.pop(0)
            raise DeathError


@contextmanager
def _workers(deaths: list[str]) -> Iterator[Workers]:
    with opened() as shop:
        workers = Workers(shop, deaths)
        register(shop.cloud, workers)

        def send(queue: JobQueue, jobs: Sequence[Any]) -> None:
            workers.jobs += jobs

        with patch.object(JobQueue, "send", send):
            yield workers


@settings(max_examples=40)
@given(
    faults=st.lists(st.sampled_from(Fault), max_size=12),
    deaths=st.lists(st.sampled_from(DEATHS), max_size=4),
    steps=st.lists(st.sampled_from(STEPS), max_size=8),
    captures=st.booleans(),
)
def test_a_buyer_is_charged_at_most_once_and_the_money_follows_the_status(
    faults: list[Fault], deaths: list[str], steps: list[str], *, captures: bool
):
    with _workers(list(deaths)) as workers:
        shop = workers.shop
        shop.double.faults, shop.double.captures = list(faults), captures
        payment = shop.pay()
        workers.jobs.append(ProcessPayment.of(payment))
        for step in steps:
            _take(workers, payment, step)
        shop.double.faults.clear()
        workers.deaths.clear()
        workers.run(for_s=TWO_HOURS_S)
        shop.notify()
        workers.run(for_s=TWO_HOURS_S)
        settled, ledger = shop.read(payment), shop.ledger(payment)
        assert workers.jobs == []
        assert len(shop.double.payments) == 1  # the status shows each one, so none is created again
        assert ledger.charges <= 1
        assert settled.status in {PaymentStatus.SUCCESS, PaymentStatus.FAILED}
        kept = ledger.taken - ledger.returned
        assert kept == (AMOUNT if settled.status is PaymentStatus.SUCCESS else 0)
        assert bool(settled.late_authorized_at) == (ledger.returned > 0)


def _take(workers: Workers, payment: Payment, step: str) -> None:
    """Take one step. The buyer can only use a link that the gateway shows."""
    shop = workers.shop
    shown = shop.shown(payment)
    match step:
        case "notify":
            shop.notify()
        case "repeat":
            repeated = ProcessPayment.of(payment)
            workers.jobs.append(replace(repeated, due_at=utc_now()))
        case "wait" | "wait long":
            workers.run(for_s=25 if step == "wait" else 500)
        case "approve" if shown:
            shop.double.approve(shown)
        case "approve late" if shown:
            shop.double.approve_late(shown)
        case "decline" if shown:
            shop.double.decline(shown)
