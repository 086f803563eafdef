"""The job queues and the dead-letter queues."""

from typing import Any

from infra.template.lambdas import LAMBDAS
from infra.template.names import arn, logical_id, output, physical_name, ref

JOB_QUEUES = {
    "payments": "PaymentWorker",
    "refunds": "RefundWorker",
    "webhooks": "WebhookWorker",
}  # the function that reads each queue
RELAY_DEAD_LETTERS = "RelayDeadLettersQueue"

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
    return jobs | dead


def resources() -> dict[str, Any]:
    """All queues."""
    queues = {RELAY_DEAD_LETTERS: _queue("relay-dead-letters")}
    for name, reader in JOB_QUEUES.items():
        queues[dead_letters_id(name)] = _queue(f"{name}-dead-letters")
        queues[queue_id(name)] = _queue(
            name,
            VisibilityTimeout=VISIBILITY_FACTOR * LAMBDAS[reader].timeout_s,
            RedrivePolicy={
                "deadLetterTargetArn": arn(dead_letters_id(name)),
                "maxReceiveCount": MAX_RECEIVES,
            },
        )
    return queues


def outputs() -> dict[str, Any]:
    """The URL of each queue."""
    descriptions = {RELAY_DEAD_LETTERS: "Batches of stream records that the relay failed to process"}
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
