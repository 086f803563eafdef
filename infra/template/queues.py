"""The job queues and the dead-letter queues."""

from typing import Any

from infra.template.lambdas import LAMBDAS
from infra.template.names import arn, logical_id, output, physical_name, ref

JOB_QUEUES = {
    "payments": "PaymentWorker",
    "refunds": "RefundWorker",
    "webhooks": "WebhookWorker",
    "slow_webhooks": "SlowWebhookWorker",
}  # the function that reads each queue
# By the function that reads the stream.
STREAM_DEAD_LETTERS = {"Relay": "RelayDeadLettersQueue", "Recorder": "RecorderDeadLettersQueue"}

# Receives of a message before SQS moves it to the dead-letter queue. Receives that Lambda throttled also
# count: at the jobs' visibility timeout of 180 s, 10 receives take half an hour.
MAX_RECEIVES = 10
RETENTION_S = 14 * 24 * 3600  # SQS's maximum, so that messages outlast a long holiday
VISIBILITY_FACTOR = 6  # times the reader's time-out, as AWS recommends: time for throttled reads and batches


def queue_id(name: str) -> str:
    """The logical id of the queue ``name``."""
    return f"{logical_id(name)}Queue"


def dead_letters_id(name: str) -> str:
    """The logical id of the dead-letter queue of ``name``."""
    return f"{logical_id(name)}DeadLettersQueue"


def environment() -> dict[str, Any]:
    """The environment variables with the queues' URLs."""
    jobs = {f"{name.upper()}_QUEUE_URL": ref(queue_id(name)) for name in JOB_QUEUES}
    dead = {f"{name.upper()}_DEAD_LETTERS_QUEUE_URL": ref(dead_letters_id(name)) for name in JOB_QUEUES}
    streams = {
        f"{reader.upper()}_DEAD_LETTERS_QUEUE_URL": ref(id_) for reader, id_ in STREAM_DEAD_LETTERS.items()
    }
    return jobs | dead | streams


def resources() -> dict[str, Any]:
    """All queues."""
    queues = {id_: _queue(f"{reader.lower()}-dead-letters") for reader, id_ in STREAM_DEAD_LETTERS.items()}
    for name, reader in JOB_QUEUES.items():
        hyphenated = name.replace("_", "-")
        queues[dead_letters_id(name)] = _queue(f"{hyphenated}-dead-letters")
        queues[queue_id(name)] = _queue(
            hyphenated,
            VisibilityTimeout=VISIBILITY_FACTOR * LAMBDAS[reader].timeout_s,
            RedrivePolicy={
                "deadLetterTargetArn": arn(dead_letters_id(name)),
                "maxReceiveCount": MAX_RECEIVES,
            },
        )
    return queues


def outputs() -> dict[str, Any]:
    """The URL of each queue."""
    descriptions = {
        id_: f"Stream records that the {reader.lower()} could not read"
        for reader, id_ in STREAM_DEAD_LETTERS.items()
    }
    for name in JOB_QUEUES:
        descriptions[queue_id(name)] = f"Jobs of {name}"
        descriptions[dead_letters_id(name)] = f"Jobs of {name} that failed repeatedly"
    return {id_: output(ref(id_), text) for id_, text in descriptions.items()}


def _queue(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": physical_name(name),
            "MessageRetentionPeriod": RETENTION_S,
            "SqsManagedSseEnabled": True,
            **properties,
        },
    }
