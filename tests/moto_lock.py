"""moto handles one request at a time.

moto is not thread-safe. Two threads that write to a table can give two stream records the same sequence
number, and a transaction that fails restores a copy of the tables, without what another thread has written
since. The webhook worker makes its attempts in threads, so requests must not overlap inside moto.
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
