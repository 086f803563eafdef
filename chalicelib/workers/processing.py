"""Processing of one message: decode the job, check that it is due, and handle every error."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.acquirers.base import ATTENTION
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.registry import UnknownAcquirerError
from chalicelib.jobs.messages import Job, JobT, UnreadableJobError, decode
from chalicelib.jobs.queue import JobQueue
from chalicelib.observability import logger
from chalicelib.store.webhook_logs import AttemptHeldError

Record = Mapping[str, Any]


def processing(
    process: Callable[[JobT], None], kind: type[JobT], queue: JobQueue
) -> Callable[[Record], bool]:
    """A function that processes the job of a message and returns whether that succeeded. It never raises."""

    def succeeds(message: Record) -> bool:
        try:
            job = decode(message["body"], kind)
            if _is_due(job, queue):
                process(job)
        except AttemptHeldError:
            logger.info("attempt held by another worker", message_id=message["messageId"])
            return False
        except (CredentialsError, UnknownAcquirerError) as error:
            logger.error(ATTENTION, message_id=message["messageId"], problem=str(error))
            return False
        except UnreadableJobError as error:
            logger.error("message is not a job", message_id=message["messageId"], reason=str(error))
            return False
        except Exception:  # of any kind: it must not affect the other jobs of the batch
            logger.exception("job failed", message_id=message["messageId"])
            return False
        return True

    return succeeds


def _is_due(job: Job, queue: JobQueue) -> bool:
    """Whether the job is due. If not, it is sent again with the remaining delay (a hop)."""
    if job.due_at <= queue.clock():
        return True
    queue.send([job])
    return False
