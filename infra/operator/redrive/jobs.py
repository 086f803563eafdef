"""Dead jobs go back to their queue: moved by SQS, or by hand where it cannot."""

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
    """What a dead job is about, by its ids. What is no job of ours is not repeated: it may hold anything."""
    try:
        fields = json.loads(body)
        subject = next(fields[name] for name in reversed(_SUBJECTS) if name in fields)
        return f"{fields['job']} {subject}, due {fields['due_at']}"
    except (ValueError, KeyError, TypeError, StopIteration):
        return f"no job of ours, {len(body)} characters; it would come back after its tries"


def move_all(letters: DeadLetters) -> int | None:
    """Let SQS move all of them back, and wait for it; how many, or None where it does not know how to."""
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
            raise InfraError(f"SQS stopped after {moved} messages: {reason}. The others are where they were.")
        time.sleep(_POLL_S)


def move(letters: DeadLetters, to_url: str, *, limit: int | None) -> int:
    """Send them to ``to_url`` and only then delete them; how many. At worst a job is there twice."""
    moved = 0
    for batch in letters.batches(limit):
        entries = [{"Id": str(index), "MessageBody": one.body} for index, one in enumerate(batch)]
        answer = letters.sqs.send_message_batch(QueueUrl=to_url, Entries=entries)
        sent = [batch[int(one["Id"])] for one in answer.get("Successful", [])]
        letters.delete(sent)
        moved += len(sent)
        if len(sent) < len(batch):
            letters.release([one for one in batch if one not in sent])
            raise InfraError(f"SQS stopped taking messages after {moved}. The others are where they were.")
    return moved
