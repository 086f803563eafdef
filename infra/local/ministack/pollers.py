"""The readers of event sources: a thread for each queue and each stream.

MiniStack reads all event sources in one thread, and runs a stream's batch in it: a slow reader delays all
others. Here each source has its own thread. A stream still has one batch at a time.
"""

import logging
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

IDLE_S = 5.0  # between two polls without a message; a source that another service fills has no bell
ERROR_PAUSE_S = 1.0  # after a poll that failed
# After a batch, unless the next is complete, so that batches are larger and cost less CPU time. Lambda reads
# a stream four times a second.
SPACING_S = 0.1
MIN_WAIT_S = 0.001  # until a message is due
WINDOW = "MaximumBatchingWindowInSeconds"

Source = dict[str, Any]  # an event source mapping, as MiniStack stores it
Scope = tuple[str, str, Source]  # account, region, event source mapping

logger = logging.getLogger("pollers")


class Bell:
    """Wakes all waiting threads. Takes the place of MiniStack's event, which only one thread can wait for."""

    def __init__(self) -> None:
        self._rings = 0
        self._rung = threading.Condition()

    @property
    def rings(self) -> int:
        """The number of rings so far."""
        return self._rings

    def set(self) -> None:
        """Wake the waiting threads."""
        with self._rung:
            self._rings += 1
            self._rung.notify_all()

    def wait(self, rings: int, timeout_s: float) -> bool:
        """Wait until the number of rings differs from ``rings``. False after ``timeout_s``."""
        with self._rung:
            return self._rung.wait_for(lambda: self._rings != rings, timeout_s)


@dataclass
class Pollers:
    """Replaces the poller of ``service``, MiniStack's module for Lambda. Reads nothing before ``start``."""

    service: Any
    queues: Any  # MiniStack's modules
    streams: Any
    _started: bool = False
    _readers: dict[str, threading.Thread] = field(default_factory=dict)  # by the id of the mapping
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.local = field(default_factory=threading.local)  # source: the id that the thread reads

    def install(self) -> None:
        """Replace MiniStack's functions and events."""
        self._sources = self.service._iter_all_esms
        self._messages, self._records = Bell(), Bell()
        self.service._iter_all_esms = self.sources
        self.service._ensure_poller = self.refresh
        self.service._esm_wake = self.service.esm_wake = self.queues.esm_wake = self._messages
        self.streams.esm_wake = self._records

    def start(self) -> None:
        """Start reading. A later call has no effect."""
        self._started = True
        self.refresh()

    def refresh(self) -> None:
        """Start a reader for each event source that has none. MiniStack calls it when it creates a source."""
        with self._lock:
            for scope in list(self._sources()) if self._started else ():
                id_ = scope[2]["UUID"]
                if id_ not in self._readers:
                    self._readers[id_] = threading.Thread(
                        target=self._follow, args=scope, name=f"reader {id_}", daemon=True
                    )
                    self._readers[id_].start()

    def sources(self) -> Iterator[Scope]:
        """All event sources, or the one that the thread reads."""
        selected = getattr(self._thread, "source", None)
        for scope in self._sources():
            if selected in {None, scope[2]["UUID"]}:
                yield scope

    def _follow(self, account_id: str, region: str, source: Source) -> None:
        """Deliver batches until the event source is deleted."""
        self._thread.source = source["UUID"]
        is_stream = ":dynamodb:" in source["EventSourceArn"]
        read = partial(self._read_stream, account_id, region) if is_stream else self._read_queue
        while any(self.sources()):
            try:
                read(source)
            except Exception:  # of any kind: it must not end the thread
                logger.exception("%s could not be read", source["EventSourceArn"])
                time.sleep(ERROR_PAUSE_S)
        with self._lock:
            del self._readers[source["UUID"]]

    def _read_queue(self, source: Source) -> None:
        """Take a batch. Then wait, unless another whole batch is visible."""
        rings, polled_at = self._messages.rings, time.time()
        is_taken = self.service._poll_sqs()
        due = self._due(source)
        if not is_taken:
            later = min((at for at in due if at > polled_at), default=math.inf)
            self._messages.wait(rings, min(IDLE_S, max(MIN_WAIT_S, later - time.time())))
        elif sum(at <= time.time() for at in due) < source["BatchSize"]:
            time.sleep(SPACING_S)

    def _read_stream(self, account_id: str, region: str, source: Source) -> None:
        """Deliver a batch. Then wait, unless another whole batch is unread."""
        rings = self._records.rings
        is_delivered = self.service._poll_dynamodb_streams()
        if not is_delivered and not source.get(WINDOW):
            self._records.wait(rings, IDLE_S)
        elif self._unread(account_id, region, source) < source["BatchSize"]:
            time.sleep(source.get(WINDOW) or SPACING_S)

    def _due(self, source: Source) -> list[float]:
        """The times at which the queue's messages become visible."""
        with self.queues._queues_lock:
            queue = self.queues._queue_by_arn(source["EventSourceArn"])
            return [message["visible_at"] for message in queue["messages"]] if queue else []

    def _unread(self, account_id: str, region: str, source: Source) -> int:
        """The records of the stream after the position of its reader."""
        table = source["EventSourceArn"].split("/stream/")[0].rpartition("/")[2]
        positions = self.service._dynamodb_stream_positions
        end: int = self.streams.stream_end_position(table, account_id=account_id, region=region)
        return end - int(positions.get_scoped(account_id, region, source["UUID"]) or 0)
