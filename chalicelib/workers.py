"""The queue and stream handlers. A record that fails does not affect the other records of its batch.

Each function returns the partial batch response: the records that Lambda must deliver again. A record that
fails every time is moved to a dead-letter queue.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.bootstrap import Gateway
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
from chalicelib.streams.effects import Effects, RowChange, effects_of
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
    return batch.run(_processing(gateway.payments.process, ProcessPayment, batch.queue), messages)


def process_refunds(gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit) -> Failures:
    """Settle the refunds that are due, concurrently. Jobs that are not due are sent again."""
    batch = Batch(
        queue=gateway.queues.refunds, kind=ProcessRefund, time_left=time_left, needed_s=ACQUIRER_NEEDS_S
    )
    return batch.run(_processing(gateway.refunds.process, ProcessRefund, batch.queue), messages)


def deliver_webhooks(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Make the webhook attempts that are due, concurrently. Jobs that are not due are sent again.

    The endpoints of all merchants in the batch are read with one request.
    """
    merchant_ids = [job.merchant_id for job in map(_readable_webhook, messages) if job]
    endpoints = gateway.merchants.webhook_endpoints(merchant_ids)

    def deliver(job: DeliverWebhook) -> None:
        gateway.attempts.deliver(job, endpoints.get(job.merchant_id))

    batch = Batch(
        queue=gateway.queues.webhooks, kind=DeliverWebhook, time_left=time_left, needed_s=ATTEMPT_NEEDS_S
    )
    return batch.run(_processing(deliver, DeliverWebhook, batch.queue), messages)


def relay_changes(gateway: Gateway, records: Sequence[Record]) -> Failures:
    """Dispatch the effects of the changes, in order. Lambda retries from the first unreadable record on."""
    effects: list[Effects] = []
    unreadable: list[str] = []
    for record in records:
        try:
            effects.append(effects_of(RowChange.of(record), gateway.settings.tables))
        except Exception:  # of any kind: the stream must stop here and not skip the record
            logger.exception("a stream record cannot be read", event_id=record.get("eventID"))
            unreadable.append(record["dynamodb"]["SequenceNumber"])
            break
    gateway.relay.dispatch(effects)
    return failures(unreadable)


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
