"""Messages sent without counting those in the queue.

For each message that is sent, moto counts the messages of the queue three times, although it needs only
whether the queue removes duplicates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.sqs.models import Queue, SQSBackend

_WITHOUT_COUNTS = [name for name in Queue.BASE_ATTRIBUTES if not name.startswith("ApproximateNumberOf")]


@contextmanager
def messages_are_not_counted() -> Iterator[None]:
    """Leave the counts out of a queue's attributes while a message is sent."""
    send = SQSBackend.send_message

    def send_uncounted(backend: SQSBackend, queue_name: str, *rest: Any, **options: Any) -> Any:
        queue: Any = backend.get_queue(queue_name)
        queue.BASE_ATTRIBUTES = _WITHOUT_COUNTS  # hides that of the class
        try:
            return send(backend, queue_name, *rest, **options)
        finally:
            del queue.BASE_ATTRIBUTES

    with patch.object(SQSBackend, "send_message", send_uncounted):
        yield
