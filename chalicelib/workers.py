"""The queue and stream handlers. A record that fails does not affect the other records of its batch.

Each function returns the partial batch response: the records that Lambda must deliver again. A job that
fails every time is moved to a dead-letter queue. A stream record that cannot be read is sent to one; after
any other error, Lambda retries until the record expires.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.exchange import ATTENTION
from chalicelib.acquirers.registry import UnknownAcquirerError
from chalicelib.bootstrap import Gateway
from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_log import Attempt, WebhookStatus
from chalicelib.jobs.batch import Batch, Failures, TimeLeft, failures, no_limit
from chalicelib.jobs.messages import (
    AcquirerJobT,
    DeliverWebhook,
    Job,
    JobT,
    PaymentJob,
    ProcessPayment,
    ProcessRefund,
    UnreadableJobError,
    decode,
)
from chalicelib.jobs.queue import JobQueue
from chalicelib.observability import logger
from chalicelib.services.acquirer_jobs import Processed
from chalicelib.store.webhook_logs import AttemptHeldError
from chalicelib.streams.dead_letters import read_records
from chalicelib.streams.effects import Effects, RowChange, effects_of
from chalicelib.streams.recorder import PaymentChange
from chalicelib.webhooks.http import DEADLINE_S
from chalicelib.webhooks.pace import waiting_for_a_turn

Record = Mapping[str, Any]

# A job with a slower acquirer is retried with the same key, so this can be less than the longest call.
ACQUIRER_NEEDS_S = 2.0
# Every request that is sent must be recorded: the time of the receiver, and three requests to DynamoDB.
ATTEMPT_NEEDS_S = DEADLINE_S + 2.0


def process_payments(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Settle, capture and void the payments that are due, concurrently. Jobs that are not due are resent."""
    batch = Batch(
        queue=gateway.queues.payments, kind=PaymentJob, time_left=time_left, needed_s=ACQUIRER_NEEDS_S
    )

    def process(job: PaymentJob) -> Processed[PaymentJob]:
        if isinstance(job, ProcessPayment):
            return gateway.payments.process(job)
        return gateway.captures.process(job)

    return _settle(gateway, "payments", batch, PaymentJob, process=process, messages=messages)


def process_refunds(gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit) -> Failures:
    """Settle the refunds that are due, concurrently. Jobs that are not due are sent again."""
    batch = Batch(
        queue=gateway.queues.refunds, kind=ProcessRefund, time_left=time_left, needed_s=ACQUIRER_NEEDS_S
    )
    return _settle(
        gateway, "refunds", batch, ProcessRefund, process=gateway.refunds.process, messages=messages
    )


def _settle(
    gateway: Gateway,
    name: str,
    batch: Batch,
    kind: type[AcquirerJobT],
    *,
    process: Callable[[AcquirerJobT], Processed[AcquirerJobT]],
    messages: Sequence[Record],
) -> Failures:
    """Process the jobs of a batch, send the jobs that follow, and count the settled ones."""
    settled = list[bool]()

    def settle(job: AcquirerJobT) -> None:
        processed = process(job)
        if processed.next_job:
            batch.queue.send([processed.next_job])
        settled.append(processed.is_settled)

    done = batch.run(_processing(settle, kind, batch.queue), messages)
    gateway.jobs.count(name, completed=sum(settled))
    return done


def deliver_webhooks(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Make the webhook attempts that are due, concurrently. Jobs that are not due are sent again.

    Jobs of slow endpoints are sent to the queue of slow webhooks.
    """
    return _deliver(gateway, messages, time_left, gateway.queues.webhooks, takes_turns=False)


def deliver_slow_webhooks(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Make the webhook attempts of slow endpoints, and all that follow a failed one.

    Each slow endpoint is served by one worker at a time. Its jobs in other batches wait.
    """
    return _deliver(gateway, messages, time_left, gateway.queues.slow_webhooks, takes_turns=True)


def _deliver(
    gateway: Gateway,
    messages: Sequence[Record],
    time_left: TimeLeft,
    queue: JobQueue,
    *,
    takes_turns: bool,
) -> Failures:
    """Make the attempts of a batch. All its endpoints are read with two requests."""
    jobs = {message["messageId"]: _readable_webhook(message) for message in messages}
    keys = {job.endpoint for job in jobs.values() if job}
    pace = gateway.pace.of(keys, takes_turns=takes_turns)
    waiting = {id_: job for id_, job in jobs.items() if job and job.endpoint in pace.waiting}
    endpoints = gateway.attempts.endpoints.get_many(keys - pace.waiting)
    made = list[tuple[EndpointKey, Attempt]]()
    statuses = list[WebhookStatus | None]()

    def deliver(job: DeliverWebhook) -> None:
        delivery = gateway.attempts.deliver(job, endpoints.get(job.endpoint))
        if delivery is None:
            return
        made.append((job.endpoint, delivery.attempt))
        statuses.append(delivery.status)

    now = gateway.clock()
    later = [waiting_for_a_turn(job, now) if takes_turns else job for job in waiting.values()]
    is_sent = _is_sent(gateway.queues.slow_webhooks, later)
    batch = Batch(queue=queue, kind=DeliverWebhook, time_left=time_left, needed_s=ATTEMPT_NEEDS_S)
    others = [message for message in messages if message["messageId"] not in waiting]
    done = batch.run(_processing(deliver, DeliverWebhook, queue), others)
    completed, failed = (statuses.count(one) for one in (WebhookStatus.SUCCESS, WebhookStatus.FAILED))
    gateway.jobs.count("webhooks", completed=completed, failed=failed)
    gateway.pace.record(pace, list(made))
    gateway.endpoint_health.record(list(made), endpoints)
    unsent = failures([] if is_sent else waiting)
    return {"batchItemFailures": unsent["batchItemFailures"] + done["batchItemFailures"]}


def _is_sent(queue: JobQueue, jobs: Sequence[DeliverWebhook]) -> bool:
    """Send the jobs with one request. False if SQS did not accept all of them."""
    try:
        queue.send(jobs)
    except Exception:  # of any kind: the jobs of other endpoints must be processed
        logger.exception("jobs of slow endpoints could not be sent", count=len(jobs))
        return False
    return True


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
        except (CredentialsError, UnknownAcquirerError) as error:
            logger.error(ATTENTION, message_id=message["messageId"], problem=str(error))
            return False
        except UnreadableJobError as error:
            logger.error("message is not a job", message_id=message["messageId"], reason=str(error))
            return False
        except Exception:  # of any kind: it must not affect the other jobs of the batch
            logger.exception("job failed", message_id=message["messageId"])
            return False
        return True

    return succeeds
