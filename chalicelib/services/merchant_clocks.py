"""The test clock: moves the time of one merchant ahead and processes everything that becomes due.

Not in production. Due times are in the rows, and duplicate messages are harmless. So an advance moves the
clock to the next due time, sends the job of that row, waits for its result, and repeats that until the
target. After a crash, the next advance continues: the rows contain what is still due.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import BadRequestError, ClockBusyError
from chalicelib.domain.event import events_between
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.merchant_clock import MerchantClock, offset_to
from chalicelib.domain.payment import DEFAULT_ACQUIRER, Payment
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookStatus, log_id
from chalicelib.jobs.messages import DeliverWebhook, ProcessRefund
from chalicelib.jobs.queue import JobQueue, JobQueues
from chalicelib.observability import logger
from chalicelib.services.due_work import Due, DueWork
from chalicelib.store.merchant_clocks import MerchantClockStore
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.payments import PaymentStore
from chalicelib.store.refunds import RefundStore
from chalicelib.store.webhook_endpoints import WebhookEndpointStore
from chalicelib.store.webhook_logs import WebhookLogStore

BUDGET = timedelta(seconds=15)  # of one request; with PATIENCE less than API Gateway's 29 s
LEASE = timedelta(seconds=40)  # longer than the API's time-out: the holder of a valid lease is alive
PATIENCE = timedelta(seconds=8)  # for a webhook attempt: longer than its time-out
ACQUIRER_PATIENCE = timedelta(seconds=4)  # for a payment or refund, whose acquirer may have no outcome
REPEATED_PATIENCE = timedelta(seconds=1)  # for one without an outcome before
QUIET_S = 0.2  # before the clock moves, so that the indexes contain the latest rows
POLL_S = 0.1
_REAL_ACQUIRER = "The clock cannot be moved: the merchant uses the acquirer {name}, whose time is real"


@dataclass(frozen=True, kw_only=True)
class ClockReading:
    """The clock of a merchant at the real time ``real``. ``jobs``: how many jobs the advance processed."""

    clock: MerchantClock
    real: datetime
    jobs: int = 0

    @property
    def now(self) -> datetime:
        """The time of the merchant."""
        return self.clock.at(self.real)


@dataclass(frozen=True, kw_only=True)
class MerchantClockService:
    """The clocks of all merchants. ``clock`` has the real time."""

    clocks: MerchantClockStore
    merchants: MerchantStore
    endpoints: WebhookEndpointStore
    payments: PaymentStore
    refunds: RefundStore
    logs: WebhookLogStore
    queues: JobQueues
    clock: Clock

    def read(self, merchant_id: str) -> ClockReading:
        """The time of the merchant. 1 request."""
        return ClockReading(clock=self.clocks.get(merchant_id), real=self.clock())

    def advance(self, merchant_id: str, *, to: datetime | timedelta) -> ClockReading:
        """Process everything until ``to``, a time or a distance from now, for at most BUDGET.

        If that is not enough, the reading has a ``target``: repeat the call with it. Raises BadRequestError
        if the clock cannot be moved there, and ClockBusyError while another call moves it. In both cases
        nothing changes.
        """
        field = "to" if isinstance(to, datetime) else "advance"
        reading = self.read(merchant_id)
        target = to if isinstance(to, datetime) else reading.now + to
        reading.clock.refuse_target(target, reading.real, field=field)
        merchant = self.merchants.get(merchant_id)
        if merchant is None:
            raise BadRequestError("The merchant does not exist")
        for name in merchant.acquirers.values():
            if name != DEFAULT_ACQUIRER:
                raise BadRequestError(_REAL_ACQUIRER.format(name=name))
        leased_until = reading.real + LEASE
        if not self.clocks.lease(merchant_id, target=target, now=reading.real, until=leased_until):
            raise ClockBusyError
        advance = _Advance(service=self, merchant=merchant, target=target, leased_until=leased_until)
        is_finished = False
        try:
            is_finished = advance.run(until=reading.real + BUDGET)
        finally:
            self.clocks.release(merchant_id, leased_until=leased_until, is_finished=is_finished)
        logger.info("test clock advanced", merchant_id=merchant_id, jobs=advance.jobs, finished=is_finished)
        after = self.read(merchant_id)
        return ClockReading(clock=after.clock, real=after.real, jobs=advance.jobs)

    def endpoints_of(self, merchant: Merchant) -> list[WebhookEndpoint]:
        """The webhook endpoints of the merchant. At most 1 request."""
        return self.endpoints.of_merchant(merchant)

    def queue_of(self, due: Due) -> JobQueue:
        """The queue of the job. A webhook that failed before goes to the slow queue, as from the relay."""
        if isinstance(due.job, DeliverWebhook):
            return self.queues.slow_webhooks if due.job.attempts else self.queues.webhooks
        return self.queues.refunds if isinstance(due.job, ProcessRefund) else self.queues.payments


class _Advance:
    """One call that moves the clock of a merchant to ``target``."""

    def __init__(
        self, *, service: MerchantClockService, merchant: Merchant, target: datetime, leased_until: datetime
    ) -> None:
        self.jobs = 0
        self._service, self._merchant = service, merchant
        self._target, self._leased_until = target, leased_until
        self._endpoints = service.endpoints_of(merchant)
        self._work = DueWork(
            merchant_id=merchant.id, payments=service.payments, refunds=service.refunds, logs=service.logs
        )

    def run(self, *, until: datetime) -> bool:
        """Process what is due, in order. Returns whether the target was reached before ``until``."""
        while self._service.clock() < until:
            now = self._now()
            due = self._work.find(now)
            if self._first_at(due) > now:
                time.sleep(QUIET_S)
                due = self._work.find(now)
            at = self._first_at(due)
            if not self._move_to(at):
                return False
            ready = [one for one in due if one.at <= max(at, now)]
            if not ready:
                return True
            self._process(ready)
        return False

    def _now(self) -> datetime:
        return self._service.read(self._merchant.id).now

    def _first_at(self, due: list[Due]) -> datetime:
        return min(due[0].at, self._target) if due else self._target

    def _move_to(self, at: datetime) -> bool:
        """Move the clock to ``at`` if it is behind. False if the lease was lost."""
        service = self._service
        reading = service.read(self._merchant.id)
        offset = max(reading.clock.offset, offset_to(at, reading.real))
        return service.clocks.move(self._merchant.id, offset, leased_until=self._leased_until)

    def _process(self, due: list[Due]) -> None:
        """Send the jobs and wait for their results."""
        for one in due:
            self._service.queue_of(one).send([one.job])
            self._work.note_sent(one)
        sent_at = self._service.clock()
        for one in due:
            self._wait_for(one, until=sent_at + _patience(one))
        self.jobs += len(due)

    def _wait_for(self, due: Due, *, until: datetime) -> None:
        """Wait until the row changed, and for the webhook logs of that change."""
        if due.log:
            before = due.log
            self._wait(lambda: self._is_attempted(before.id, before.attempts, before.round), until)
        elif due.payment:
            payment = due.payment
            if self._wait(lambda: self._changed(payment) is not None, until):
                expected = self._expected_logs(payment)
                self._wait(lambda: len(self._service.logs.get_many(expected)) == len(expected), until)
                self._work.log_ids |= expected

    def _wait(self, is_done: Callable[[], bool], until: datetime) -> bool:
        """Wait until ``is_done``, or until ``until`` in real time. Returns whether it is."""
        while not is_done():
            if self._service.clock() >= until:
                return False
            time.sleep(POLL_S)
        return True

    def _is_attempted(self, id_: str, attempts: int, round_: int) -> bool:
        for log in self._service.logs.get_many({id_}):
            is_same = (log.attempts, log.round) == (attempts, round_)
            return not is_same or log.status is not WebhookStatus.PENDING
        return True

    def _changed(self, before: Payment) -> Payment | None:
        """The payment, if it changed."""
        after = self._service.payments.get(before.id)
        return after if after and after.sequence != before.sequence else None

    def _expected_logs(self, before: Payment) -> set[str]:
        """The ids of the webhook logs that the relay writes for the change of the payment."""
        after = self._changed(before)
        if after is None:
            return set()
        return {
            log_id(event.id, endpoint.id)
            for event in events_between(before, after)
            for endpoint in self._endpoints
            if endpoint.receives(event.name)
        }


def _patience(due: Due) -> timedelta:
    """How long to wait for the result of the job."""
    if due.log:
        return PATIENCE
    return REPEATED_PATIENCE if due.is_repeated else ACQUIRER_PATIENCE
