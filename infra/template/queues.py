"""The queues that jobs wait in, and the dead-letter queues behind them."""

from typing import Any

from infra.template.lambdas import LAMBDAS
from infra.template.names import arn, logical_id, output, physical_name, ref

JOB_QUEUES = {
    "payments": "PaymentWorker",
    "refunds": "RefundWorker",
    "webhooks": "WebhookWorker",
}  # each with the function that reads it
RELAY_DEAD_LETTERS = "RelayDeadLettersQueue"

# Tries of a message before it goes to the dead letters. Lambda's throttled tries count too: 10 leave half an
# hour at the jobs' visibility timeout of 180 s.
MAX_RECEIVES = 10
RETENTION_S = 14 * 24 * 3600  # SQS's longest: nothing is lost over a long holiday
VISIBILITY_FACTOR = 6  # times the reader's time-out, as AWS asks: room for throttled reads and batches


def queue_id(name: str) -> str:
    """The logical id of the queue ``name``."""
    return f"{logical_id(name)}Queue"


def dead_letters_id(name: str) -> str:
    """The logical id of the dead-letter queue of ``name``."""
    return f"{logical_id(name)}DeadLettersQueue"


def environment() -> dict[str, Any]:
    """The variables that tell the functions the queues' addresses."""
    jobs = {f"{name.upper()}_QUEUE_URL": ref(queue_id(name)) for name in JOB_QUEUES}
    dead = {f"{name.upper()}_DEAD_LETTERS_QUEUE_URL": ref(dead_letters_id(name)) for name in JOB_QUEUES}
    return jobs | dead


def resources() -> dict[str, Any]:
    """Every queue."""
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
    """Every queue's address."""
    described = {RELAY_DEAD_LETTERS: "Stream records that the relay gave up on"}
    for name in JOB_QUEUES:
        described[queue_id(name)] = f"Jobs of {name}"
        described[dead_letters_id(name)] = f"Messages that no worker of {name} could take"
    return {id_: output(ref(id_), text) for id_, text in described.items()}


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
