"""The command line of `redrive`."""

import argparse

from chalicelib.domain.audit import AuditAction
from infra.arguments import Commands, add_command, add_stage, positive_int
from infra.operator.deployment import DEFAULT_STAGE, Deployment
from infra.operator.redrive import jobs, stream_records
from infra.operator.redrive.dead_letters import DeadLetters
from infra.operator.redrive.stream_records import StreamFunction
from infra.template.queues import JOB_QUEUES, STREAM_DEAD_LETTERS

STREAM_READERS = {reader.lower(): reader for reader in STREAM_DEAD_LETTERS}
_SHOWN = 100


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_stage(
        add_command(
            commands,
            "redrive",
            redrive,
            "move dead letters back to their queue, after you have fixed the cause",
        ),
        default=DEFAULT_STAGE,
    )
    parser.add_argument(
        "queue",
        choices=[*JOB_QUEUES, *STREAM_READERS],
        help="the queue of the failed jobs; relay, recorder: stream records that it could not read",
    )
    parser.add_argument("--limit", type=positive_int, metavar="N", help="process at most N messages")
    parser.add_argument(
        "--dry-run", action="store_true", help=f"only show the messages (default limit: {_SHOWN})"
    )


def redrive(arguments: argparse.Namespace) -> int:
    """Move, replay or show the dead letters of a queue.

    The audit event comes first: a run that is interrupted may have moved messages.
    """
    deployment = Deployment.load(arguments.stage)
    letters = dead_letters(deployment, arguments.queue)
    print(f"Dead letters of {arguments.queue}: {letters.count()}")
    if arguments.dry_run:
        return _show(letters, arguments)
    deployment.audit(AuditAction.REDRIVE, None, queue=arguments.queue, limit=arguments.limit)
    if reader := STREAM_READERS.get(arguments.queue):
        invoke = StreamFunction(deployment.aws.client("lambda"), deployment.stage, reader)
        return stream_records.replay(letters, invoke, limit=arguments.limit)
    return _move(deployment, letters, arguments)


def dead_letters(deployment: Deployment, queue: str) -> DeadLetters:
    """The dead-letter queue of a job queue, of the relay or of the recorder."""
    if reader := STREAM_READERS.get(queue):
        url = deployment.outputs[STREAM_DEAD_LETTERS[reader]]
    else:
        url = getattr(deployment.settings.queues, queue).dead_letters
    return DeadLetters(deployment.aws.client("sqs"), url)


def _show(letters: DeadLetters, arguments: argparse.Namespace) -> int:
    describe = stream_records.describe if arguments.queue in STREAM_READERS else jobs.describe
    for message in letters.peek(arguments.limit or _SHOWN):
        print(f"  {message.sent_at:%Y-%m-%d %H:%M:%S} UTC  {describe(message.body)}")
    return 0


def _move(deployment: Deployment, letters: DeadLetters, arguments: argparse.Namespace) -> int:
    moved = None if arguments.limit else jobs.move_all(letters)
    if moved is None:
        jobs_url = getattr(deployment.settings.queues, arguments.queue).jobs
        moved = jobs.move(letters, jobs_url, limit=arguments.limit)
    print(f"{moved} moved back to the queue. Jobs whose work is already done have no effect.")
    print("Jobs that fail again return to the dead-letter queue.")
    return 0
