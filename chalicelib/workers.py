"""The workers: batches of messages and of stream records, where one that fails harms no other.

Each function returns what Lambda is told of the batch: the records that are to come again. Those that
fail every time end in a dead-letter queue.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.batch import Batch, Failures, TimeLeft, failures, no_limit
from chalicelib.bootstrap import Gateway
from chalicelib.delivery import DEADLINE_S
from chalicelib.domain.clock import Clock
from chalicelib.jobs import (
    DeliverWebhook,
    Job,
    JobQueue,
    UnreadableJobError,
    decode_deliver_webhook,
    decode_process_payment,
    decode_process_refund,
)
from chalicelib.observability import logger
from chalicelib.relay import Change
from chalicelib.store.webhook_logs import AttemptHeldError

Record = Mapping[str, Any]

# An acquirer that takes longer is asked again with the same key, so this need not be the longest call.
ACQUIRER_NEEDS_S = 2.0
# A request that is sent must be recorded: the receiver's time, and that of three requests to DynamoDB.
ATTEMPT_NEEDS_S = DEADLINE_S + 2.0


def process_payments(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Settle the payments whose time has come, side by side; send on those that came early."""
    queue = gateway.queues.payments

    def work(message: Record) -> None:
        job = decode_process_payment(message["body"])
        if _is_due(job, queue, gateway.clock):
            gateway.payments.process(job)

    batch = Batch(queue=queue, decode=decode_process_payment, time_left=time_left, needed_s=ACQUIRER_NEEDS_S)
    return batch.run(_succeeding(work), messages)


def process_refunds(gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit) -> Failures:
    """Settle the refunds whose time has come, side by side; send on those that came early."""
    queue = gateway.queues.refunds

    def work(message: Record) -> None:
        job = decode_process_refund(message["body"])
        if _is_due(job, queue, gateway.clock):
            gateway.refunds.process(job)

    batch = Batch(queue=queue, decode=decode_process_refund, time_left=time_left, needed_s=ACQUIRER_NEEDS_S)
    return batch.run(_succeeding(work), messages)


def deliver_webhooks(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Make the attempts that are due, side by side; send on those that came early."""
    queue = gateway.queues.webhooks
    jobs = {message["messageId"]: _readable(message) for message in messages}
    endpoints = gateway.merchants.webhook_endpoints(job.merchant_id for job in jobs.values() if job)

    def work(message: Record) -> None:
        job = jobs[message["messageId"]]
        if job is None:
            raise UnreadableJobError("the message is no deliver_webhook")
        if _is_due(job, queue, gateway.clock):
            gateway.attempts.deliver(job, endpoints.get(job.merchant_id))

    batch = Batch(queue=queue, decode=decode_deliver_webhook, time_left=time_left, needed_s=ATTEMPT_NEEDS_S)
    return batch.run(_succeeding(work), messages)


def relay_changes(gateway: Gateway, records: Sequence[Record]) -> Failures:
    """Pay what the changes owe, in order; from the first that cannot be read, the stream comes again."""
    relay, readable = gateway.relay, []
    unreadable: list[str] = []
    for record in records:
        try:
            readable.append(relay.read(change_of(record)))
        except Exception:  # whatever it is, the stream must stop here and not pass it by
            logger.exception("a stream record cannot be read", event_id=record.get("eventID"))
            unreadable.append(record["dynamodb"]["SequenceNumber"])
            break
    relay.pay(readable)
    return failures(unreadable)


def _is_due(job: Job, queue: JobQueue, clock: Clock) -> bool:
    """Whether the job's time has come; if not, it is sent on with what remains (a hop)."""
    if job.due_at <= clock():
        return True
    queue.send([job])
    return False


def _readable(message: Record) -> DeliverWebhook | None:
    try:
        return decode_deliver_webhook(message["body"])
    except UnreadableJobError:
        return None


def _succeeding(work: Callable[[Record], None]) -> Callable[[Record], bool]:
    """``work`` as a function that says whether it succeeded, and never raises."""
    return lambda message: _succeeds(work, message)


def _succeeds(work: Callable[[Record], None], message: Record) -> bool:
    try:
        work(message)
    except AttemptHeldError:
        logger.info("attempt is held by another worker", message_id=message["messageId"])
        return False
    except UnreadableJobError as error:
        logger.error("message is no job", message_id=message["messageId"], reason=str(error))
        return False
    except Exception:  # whatever it is, it must harm no other job of the batch
        logger.exception("job failed", message_id=message["messageId"])
        return False
    return True


def change_of(record: Record) -> Change:
    """The change in a stream's record; its table is the one in the stream's ARN."""
    image = record["dynamodb"]
    return Change(
        id=record["eventID"],
        table=record["eventSourceARN"].split("/")[1],
        before=image.get("OldImage"),
        after=image.get("NewImage"),
    )
