"""The workers of webhooks."""

from collections.abc import Collection, Sequence

from chalicelib.bootstrap import Gateway
from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_log import Attempt, WebhookStatus
from chalicelib.jobs.batch import Batch, Failures, TimeLeft, failures, no_limit
from chalicelib.jobs.messages import DeliverWebhook, UnreadableJobError, decode
from chalicelib.jobs.queue import JobQueue
from chalicelib.observability import logger
from chalicelib.webhooks.http import DEADLINE_S
from chalicelib.webhooks.pace import waiting_for_a_turn
from chalicelib.workers.processing import Record, processing

# Every request that is sent must be recorded: the time of the receiver, and three requests to DynamoDB.
ATTEMPT_NEEDS_S = DEADLINE_S + 2.0


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

    later = _later(waiting.values(), queue) if takes_turns else list(waiting.values())
    is_sent = _is_sent(gateway.queues.slow_webhooks, later)
    batch = Batch(queue=queue, kind=DeliverWebhook, time_left=time_left, needed_s=ATTEMPT_NEEDS_S)
    others = [message for message in messages if message["messageId"] not in waiting]
    done = batch.run(processing(deliver, DeliverWebhook, queue), others)
    completed, failed = (statuses.count(one) for one in (WebhookStatus.SUCCESS, WebhookStatus.FAILED))
    gateway.jobs.count("webhooks", completed=completed, failed=failed)
    gateway.pace.record(pace, list(made))
    gateway.endpoint_health.record(list(made), endpoints)
    unsent = failures([] if is_sent else waiting)
    return {"batchItemFailures": unsent["batchItemFailures"] + done["batchItemFailures"]}


def _later(jobs: Collection[DeliverWebhook], queue: JobQueue) -> list[DeliverWebhook]:
    """The jobs to send for a later turn, in the time of each merchant."""
    times = queue.times_of(jobs)
    return [waiting_for_a_turn(job, times[job.merchant_id]) for job in jobs]


def _is_sent(queue: JobQueue, jobs: Sequence[DeliverWebhook]) -> bool:
    """Send the jobs with one request. False if SQS did not accept all of them."""
    try:
        queue.send(jobs)
    except Exception:  # of any kind: the jobs of other endpoints must be processed
        logger.exception("jobs of slow endpoints could not be sent", count=len(jobs))
        return False
    return True


def _readable_webhook(message: Record) -> DeliverWebhook | None:
    try:
        return decode(message["body"], DeliverWebhook)
    except UnreadableJobError:
        return None
