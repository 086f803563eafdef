"""The audit log: one line per audit event, in a log group that is kept longer than the functions' logs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.clock import Clock
from chalicelib.domain.times import iso
from chalicelib.observability import logger

NOT_WRITTEN = "audit event not written"
"""The message of a log entry that raises an alarm. The entry contains the event."""


@dataclass(frozen=True, kw_only=True)
class AuditLog:
    """Appends to ``stream`` of the log group ``group``. ``client`` returns the boto3 client of a service.

    Without a group, as in local stages, events are lines of the function's log.
    """

    client: Callable[[str], Any]
    group: str
    stream: str
    clock: Clock

    def write(self, action: AuditAction, facts: Mapping[str, Any]) -> None:
        """Append an event that contains no secrets. 1 request. Never raises.

        The change is committed already, so a failure must not fail the request: it logs the event.
        """
        now = self.clock()
        event = {"at": iso(now), "action": action, **facts}
        if not self.group:
            logger.info("audit", **event)
            return
        line = {"timestamp": round(now.timestamp() * 1000), "message": json.dumps(event)}
        try:
            response = self.client("logs").put_log_events(
                logGroupName=self.group, logStreamName=self.stream, logEvents=[line]
            )
            problem = "rejected" if response.get("rejectedLogEventsInfo") else ""
        except Exception as error:  # of any kind
            problem = type(error).__name__
        if problem:
            logger.error(NOT_WRITTEN, problem=problem, **event)
