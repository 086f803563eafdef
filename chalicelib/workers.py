"""The workers: batches of messages and of stream records, where one that fails harms no other.

Each function returns what Lambda is told of the batch: the records that are to come again. Those that
fail every time end in a dead-letter queue.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.bootstrap import Gateway
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
Failures = dict[str, list[dict[str, str]]]

MAX_ATTEMPTS_AT_ONCE = 10  # a batch: each waits for its merchant for 5 s at most, and so does the batch


def process_payments(gateway: Gateway, messages: Sequence[Record]) -> Failures:
    """Settle the payments whose time has come; send on those that came early."""

    def work(message: Record) -> None:
        job = decode_process_payment(message["body"])
        if _is_due(job, gateway.queues.payments, gateway.clock):
            gateway.payments.process(job)

    return _failures(message["messageId"] for message in messages if not _succeeds(work, message))


def process_refunds(gateway: Gateway, messages: Sequence[Record]) -> Failures:
    """Settle the refunds whose time has come; send on those that came early."""

    def work(message: Record) -> None:
        job = decode_process_refund(message["body"])
        if _is_due(job, gateway.queues.refunds, gateway.clock):
            gateway.refunds.process(job)

    return _failures(message["messageId"] for message in messages if not _succeeds(work, message))


def deliver_webhooks(gateway: Gateway, messages: Sequence[Record]) -> Failures:
    """Make the attempts that are due, side by side; send on those that came early."""
    jobs = {message["messageId"]: _readable(message) for message in messages}
    endpoints = gateway.merchants.webhook_endpoints(job.merchant_id for job in jobs.values() if job)

    def work(message: Record) -> None:
        job = jobs[message["messageId"]]
        if job is None:
            raise UnreadableJobError("the message is no deliver_webhook")
        if _is_due(job, gateway.queues.webhooks, gateway.clock):
            gateway.attempts.deliver(job, endpoints.get(job.merchant_id))

    with ThreadPoolExecutor(MAX_ATTEMPTS_AT_ONCE) as pool:
        done = list(pool.map(lambda message: _succeeds(work, message), messages))
    return _failures(
        message["messageId"] for message, is_done in zip(messages, done, strict=True) if not is_done
    )


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
    return _failures(unreadable)


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


def _failures(identifiers: Iterable[str]) -> Failures:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def change_of(record: Record) -> Change:
    """The change in a stream's record; its table is the one in the stream's ARN."""
    image = record["dynamodb"]
    return Change(
        id=record["eventID"],
        table=record["eventSourceARN"].split("/")[1],
        before=image.get("OldImage"),
        after=image.get("NewImage"),
    )
