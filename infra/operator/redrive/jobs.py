"""Moves dead jobs back to their queue: with SQS's move task, or message by message."""

import json
import time

from botocore.exceptions import ClientError

from infra.errors import InfraError
from infra.operator.redrive.dead_letters import DeadLetters

_UNKNOWN_ACTION = frozenset(
    {"InvalidAction", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"}
)
_POLL_S = 1.0
_SUBJECTS = ("payment_id", "refund_id", "log_id")


def describe(body: str) -> str:
    """Describe a dead job by its ids. The content of any other message is not shown: it may be sensitive."""
    try:
        fields = json.loads(body)
        subject = next(fields[name] for name in reversed(_SUBJECTS) if name in fields)
        return f"{fields['job']} {subject}, due {fields['due_at']}"
    except (ValueError, KeyError, TypeError, StopIteration):
        return f"not a gateway job, {len(body)} characters; if moved, it returns after its receives"


def move_all(letters: DeadLetters) -> int | None:
    """Move all messages with SQS's move task and return their number. None if it is not supported."""
    source = letters.arn()
    try:
        letters.sqs.start_message_move_task(SourceArn=source)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _UNKNOWN_ACTION:
            raise
        return None
    while True:
        task = letters.sqs.list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"][0]
        moved = int(task.get("ApproximateNumberOfMessagesMoved", 0))
        if task["Status"] == "COMPLETED":
            return moved
        if task["Status"] != "RUNNING":
            reason = task.get("FailureReason", task["Status"])
            raise InfraError(
                f"SQS stopped after {moved} messages: {reason}. "
                "The other messages are still in the dead-letter queue. Run the command again."
            )
        time.sleep(_POLL_S)


def move(letters: DeadLetters, to_url: str, *, limit: int | None) -> int:
    """Send messages to ``to_url``, then delete them, and return their number. A job may be duplicated."""
    moved = 0
    for batch in letters.batches(limit):
        entries = [{"Id": str(index), "MessageBody": one.body} for index, one in enumerate(batch)]
        response = letters.sqs.send_message_batch(QueueUrl=to_url, Entries=entries)
        sent = [batch[int(one["Id"])] for one in response.get("Successful", [])]
        letters.delete(sent)
        moved += len(sent)
        if len(sent) < len(batch):
            letters.release([one for one in batch if one not in sent])
            raise InfraError(
                f"SQS rejected messages after {moved} were moved. "
                "The other messages are still in the dead-letter queue. Run the command again."
            )
    return moved
