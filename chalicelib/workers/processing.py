"""Processing of one message: decode the job, check that it is due, and handle every error."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.acquirers.base import ATTENTION
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.registry import UnknownAcquirerError
from chalicelib.domain.clock import ahead_by, merchant_clock
from chalicelib.jobs.messages import Job, JobT, UnreadableJobError, decode
from chalicelib.jobs.queue import JobQueue
from chalicelib.observability import ids_in, logged_with, logger
from chalicelib.store.webhook_logs import AttemptHeldError

Record = Mapping[str, Any]


def processing(
    process: Callable[[JobT], None], kind: type[JobT], queue: JobQueue
) -> Callable[[Record], bool]:
    """A function that processes the job of a message and returns whether that succeeded. It never raises.

    All lines that the job logs contain its ids. The id of the payment connects them with the lines of the
    API and of the other jobs.
    """

    def succeeds(message: Record) -> bool:
        with logged_with(_ids_in(message["body"])):
            return processed(message)

    def processed(message: Record) -> bool:
        try:
            job = decode(message["body"], kind)
            with ahead_by(queue.offset_of(job.merchant_id)):
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


def _ids_in(body: str) -> dict[str, str]:
    """The ids in a message, which may not be a job."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return ids_in(fields) if isinstance(fields, dict) else {}


def _is_due(job: Job, queue: JobQueue) -> bool:
    """Whether the job is due. If not, it is sent again with the remaining delay (a hop)."""
    if job.due_at <= merchant_clock(queue.clock)():
        return True
    queue.send([job])
    return False
