"""moto handles one request at a time.

moto is not thread-safe. Two threads that write to a table can create two stream records with the same
sequence number, and a failed transaction restores a copy of the tables without the later writes of other
threads. The webhook worker sends its attempts in threads, so requests must not overlap in moto.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any
from unittest.mock import patch

from moto.core.botocore_stubber import BotocoreStubber


@contextmanager
def one_request_at_a_time() -> Iterator[None]:
    """Hold a lock during each request that moto handles."""
    lock, process = RLock(), BotocoreStubber.process_request

    def process_alone(stubber: BotocoreStubber, request: Any) -> Any:
        with lock:
            return process(stubber, request)

    with patch.object(BotocoreStubber, "process_request", process_alone):
        yield
