"""The queue and stream handlers. A record that fails does not affect the other records of its batch.

Each function returns the partial batch response: the records that Lambda must deliver again. A job that
fails every time is moved to a dead-letter queue. A stream record that cannot be read is sent to one; after
any other error, Lambda retries until the record expires.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.bootstrap import Gateway
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.jobs.batch import Batch, Failures, TimeLeft, failures, no_limit
from chalicelib.jobs.messages import (
    DeliverWebhook,
    Job,
    JobT,
    ProcessPayment,
    ProcessRefund,
    UnreadableJobError,
    decode,
)
from chalicelib.jobs.queue import JobQueue
from chalicelib.observability import logger
from chalicelib.store.webhook_logs import AttemptHeldError
from chalicelib.streams.dead_letters import read_records
from chalicelib.streams.effects import Effects, RowChange, effects_of
from chalicelib.streams.recorder import PaymentChange
from chalicelib.webhooks.http import DEADLINE_S

Record = Mapping[str, Any]

# A job with a slower acquirer is retried with the same key, so this can be less than the longest call.
ACQUIRER_NEEDS_S = 2.0
# Every request that is sent must be recorded: the time of the receiver, and three requests to DynamoDB.
ATTEMPT_NEEDS_S = DEADLINE_S + 2.0


def process_payments(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Settle the payments that are due, concurrently. Jobs that are not due are sent again."""
    batch = Batch(
        queue=gateway.queues.payments, kind=ProcessPayment, time_left=time_left, needed_s=ACQUIRER_NEEDS_S
    )

    def process(job: ProcessPayment) -> None:
        if gateway.payments.process(job):
            gateway.jobs.count("payments")

    return batch.run(_processing(process, ProcessPayment, batch.queue), messages)


def process_refunds(gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit) -> Failures:
    """Settle the refunds that are due, concurrently. Jobs that are not due are sent again."""
    batch = Batch(
        queue=gateway.queues.refunds, kind=ProcessRefund, time_left=time_left, needed_s=ACQUIRER_NEEDS_S
    )

    def process(job: ProcessRefund) -> None:
        if gateway.refunds.process(job):
            gateway.jobs.count("refunds")

    return batch.run(_processing(process, ProcessRefund, batch.queue), messages)


def deliver_webhooks(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Make the webhook attempts that are due, concurrently. Jobs that are not due are sent again.

    The endpoints of all merchants in the batch are read with one request.
    """
    merchant_ids = [job.merchant_id for job in map(_readable_webhook, messages) if job]
    endpoints = gateway.merchants.webhook_endpoints(merchant_ids)

    def deliver(job: DeliverWebhook) -> None:
        status = gateway.attempts.deliver(job, endpoints.get(job.merchant_id))
        if status in {WebhookStatus.SUCCESS, WebhookStatus.FAILED}:
            gateway.jobs.count("webhooks", has_failed=status is WebhookStatus.FAILED)

    batch = Batch(
        queue=gateway.queues.webhooks, kind=DeliverWebhook, time_left=time_left, needed_s=ATTEMPT_NEEDS_S
    )
    return batch.run(_processing(deliver, DeliverWebhook, batch.queue), messages)


def relay_changes(gateway: Gateway, records: Sequence[Record]) -> Failures:
    """Dispatch the effects of the changes, in order. Raises an error if AWS did not accept all of them."""

    def read(record: Record) -> Effects:
        return effects_of(RowChange.of(record), gateway.settings.tables)

    effects, unreadable = read_records(records, read)
    gateway.relay.dispatch(list(effects.values()))
    gateway.dead_letters.relay.send(unreadable)
    return failures([])


def record_events(gateway: Gateway, records: Sequence[Record]) -> Failures:
    """Record the events of payments, in order. Lambda retries from the first record that failed."""

    def read(record: Record) -> PaymentChange:
        change = RowChange.of(record)
        return PaymentChange(id=change.id, events=effects_of(change, gateway.settings.tables).events)

    changes, unreadable = read_records(records, read)
    failed = gateway.recorder.record(list(changes.values()))
    gateway.dead_letters.recorder.send(unreadable)
    return failures(number for number, change in changes.items() if change.id in failed)


def _is_due(job: Job, queue: JobQueue) -> bool:
    """Whether the job is due. If not, it is sent again with the remaining delay (a hop)."""
    if job.due_at <= queue.clock():
        return True
    queue.send([job])
    return False


def _readable_webhook(message: Record) -> DeliverWebhook | None:
    try:
        return decode(message["body"], DeliverWebhook)
    except UnreadableJobError:
        return None


def _processing(
    process: Callable[[JobT], None], kind: type[JobT], queue: JobQueue
) -> Callable[[Record], bool]:
    """A function that processes the job of a message and returns whether that succeeded. It never raises."""

    def succeeds(message: Record) -> bool:
        try:
            job = decode(message["body"], kind)
            if _is_due(job, queue):
                process(job)
        except AttemptHeldError:
            logger.info("attempt held by another worker", message_id=message["messageId"])
            return False
        except UnreadableJobError as error:
            logger.error("message is not a job", message_id=message["messageId"], reason=str(error))
            return False
        except Exception:  # of any kind: it must not affect the other jobs of the batch
            logger.exception("job failed", message_id=message["messageId"])
            return False
        return True

    return succeeds
