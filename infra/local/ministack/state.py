"""Save and restore the state of the embedded AWS.

MiniStack saves the position of each stream reader, but not the stream's records. Changes that were unread at
a stop would be lost, so this module also saves the unread records.
"""

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import ministack.app
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc, sqs

from infra.local.ministack.snapshot import Snapshots

_STREAMS = "streams"
_POSITIONS = "dynamodb_stream_positions"
_QUEUE_HOST = re.compile(r"http://[A-Za-z0-9.-]+:\d+/(\d{12})/")
Scope = tuple[str, str, str]  # account, region, name

logger = logging.getLogger("persistence")


@dataclass
class State:
    """The state of every service, kept in snapshots."""

    snapshots: Snapshots
    _restored: dict[str, Any] | None = field(default=None, init=False)

    def load(self, service: str) -> Any:
        """The saved state of one service, or None. Replaces MiniStack's ``load_state``."""
        if self._restored is None:
            self._restored = self.snapshots.read(persistence._json_object_hook)
        if self._restored is None:
            state = _without_positions(service, persistence.load_state(service))
        else:
            state = self._restored.get(service)
        if service == "dynamodb" and state:
            _restore_streams(state.pop(_STREAMS, {}))
        if service == "sqs" and state:
            _restore_queues(state["queues"])
        return _with_current_queue_urls(state) if service == "cloudformation" and state else state

    def save(self, *, may_replace: Any = lambda: True) -> None:
        """Write a snapshot. No other thread may change the state during the call."""
        lambda_svc._prune_orphan_code_blobs = lambda _referenced: None  # the previous snapshot uses them
        services = {}
        for name, get_state in ministack.app._build_persistence_save_dict().items():
            state = get_state()
            if name == "dynamodb":
                state[_STREAMS] = _unread_streams()
            if state is not None:
                services[name] = json.dumps(state, default=persistence._json_default)
        self.snapshots.replace(services, may_replace=may_replace)


@contextmanager
def locked_services() -> Iterator[None]:
    """Hold the locks of the services, so that no other thread changes messages, rows or positions."""
    with ExitStack() as held:
        for lock in (sqs._queues_lock, dynamodb._lock, lambda_svc._dynamodb_stream_positions_lock):
            held.enter_context(lock)
        yield


def _with_current_queue_urls(stacks: Any) -> Any:
    """Replace the port in the stacks' queue URLs with the current port.

    MiniStack finds a stack's queue by its URL. If it does not find one, an update of the queue's attributes
    creates a new queue, and the messages of the old one are lost.
    """
    current = sqs._queue_url_for_account("", "").rstrip("/")
    text = json.dumps(stacks, default=persistence._json_default)
    return json.loads(
        _QUEUE_HOST.sub(lambda found: f"{current}/{found[1]}/", text),
        object_hook=persistence._json_object_hook,
    )


def _without_positions(service: str, state: Any) -> Any:
    """Remove positions that an earlier version saved without stream records: streams restart at 0."""
    if service == "lambda" and state:
        state.pop(_POSITIONS, None)
    return state


def _unread_streams() -> dict[str, Any]:
    """The records of each stream, starting at the position of its slowest reader."""
    records, positions = AccountRegionScopedDict(), AccountRegionScopedDict()
    for scope, position in _slowest_readers().items():
        trimmed = dynamodb._stream_trimmed.get_scoped(*scope, 0)
        live = dynamodb._stream_records.get_scoped(*scope) or []
        records.set_scoped(*scope, live[max(0, position - trimmed) :])
        positions.set_scoped(*scope, max(position, trimmed))
    return {"records": records, "positions": positions}


def _slowest_readers() -> dict[Scope, int]:
    slowest: dict[Scope, int] = {}
    for account, region, mapping in lambda_svc._iter_all_esms():
        position = lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping["UUID"])
        if position is not None:
            table = mapping["EventSourceArn"].split("/stream/")[0].rpartition("/")[2]
            scope = (account, region, table)
            slowest[scope] = min(position, slowest.get(scope, position))
    return slowest


def _restore_streams(streams: dict[str, Any]) -> None:
    dynamodb._stream_records.update(streams.get("records", {}))
    dynamodb._stream_trimmed.update(streams.get("positions", {}))


def _restore_queues(queues: AccountRegionScopedDict) -> None:
    """Set the current port in queue URLs, and make messages that a killed function had received visible."""
    now = time.time()
    for (account, region, url), queue in queues.all_items():
        queue["url"] = sqs._queue_url_for_account(account, queue["name"])
        queues.pop_scoped(account, region, url)
        queues.set_scoped(account, region, queue["url"], queue)
        for message in queue["messages"]:
            if message.get("receipt_handle") is not None:
                message["visible_at"] = min(message["visible_at"], now)
