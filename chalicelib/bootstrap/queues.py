"""The queues of the settings."""

from chalicelib.bootstrap.clients import client
from chalicelib.domain.clock import Clock, OffsetOf
from chalicelib.jobs.queue import JobQueue, JobQueues
from chalicelib.services.job_status import WatchedQueue
from chalicelib.settings import Settings
from chalicelib.streams.dead_letters import DeadLetterQueue, DeadLetterQueues


def job_queues(settings: Settings, clock: Clock, offset_of: OffsetOf) -> JobQueues:
    """The queues of the jobs."""
    sqs, urls = client("sqs"), settings.queues
    return JobQueues(
        payments=JobQueue(sqs, urls.payments.jobs, clock, offset_of),
        refunds=JobQueue(sqs, urls.refunds.jobs, clock, offset_of),
        webhooks=JobQueue(sqs, urls.webhooks.jobs, clock, offset_of),
        slow_webhooks=JobQueue(sqs, urls.slow_webhooks.jobs, clock, offset_of),
    )


def dead_letter_queues(settings: Settings) -> DeadLetterQueues:
    """The dead-letter queues of the stream readers."""
    sqs, urls = client("sqs"), settings.stream_dead_letters
    return DeadLetterQueues(
        relay=DeadLetterQueue(sqs, urls.relay), recorder=DeadLetterQueue(sqs, urls.recorder)
    )


def watched_queues(settings: Settings) -> tuple[WatchedQueue, ...]:
    """The queues of each kind of job, by the name in the response."""
    queues = settings.queues
    kinds = {
        "payments": (queues.payments,),
        "refunds": (queues.refunds,),
        "webhooks": (queues.webhooks, queues.slow_webhooks),
    }
    return tuple(
        WatchedQueue(
            name=name,
            urls=tuple(queue.jobs for queue in own),
            dead_letters_urls=tuple(queue.dead_letters for queue in own),
        )
        for name, own in kinds.items()
    )
