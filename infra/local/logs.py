"""Follows the functions' logs and prints them in a readable format."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.aws import Aws
from infra.local.console import Console
from infra.stage import Stage
from infra.template.lambdas import LAMBDAS

INTERVAL_S = 1.0
MAX_REMEMBERED = 10_000  # far more than the lines of one function in one second
_WARNINGS = frozenset({"WARNING", "ERROR", "CRITICAL"})

# Fields of every line, which are not printed.
_COMMON_FIELDS = frozenset({"level", "location", "message", "timestamp", "service", "xray_trace_id"})
_LOGGED_BY_THE_LOCAL_SERVER = "request"  # the local server prints each request immediately
_PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ")


class LogFollower:
    """Prints new log events of the functions of ``stage`` until it is stopped."""

    def __init__(self, stage: Stage, aws: Aws, console: Console) -> None:
        self._groups = {each.name: f"/aws/lambda/{stage.stack_name}-{each.name}" for each in LAMBDAS.values()}
        self._client = aws.client("logs")
        self._console = console
        self._since_ms = dict.fromkeys(self._groups, round(datetime.now(UTC).timestamp() * 1000))
        self._seen: dict[tuple[str, int, str], None] = {}  # the embedded AWS returns no event ids
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="logs", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Print the remaining events and end the thread."""
        self._stopped.set()
        self._thread.join()

    def _follow(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopped.wait(INTERVAL_S)
            for name, group in self._groups.items():
                for event in self._new_events(name, group):
                    self._print(name, event)

    def _new_events(self, name: str, group: str) -> list[dict[str, Any]]:
        try:
            page = self._client.filter_log_events(logGroupName=group, startTime=self._since_ms[name])
        except (BotoCoreError, ClientError):
            return []  # AWS is stopping; `require_alive` reports an unexpected exit
        new = []
        for event in page["events"]:
            key = (event["logStreamName"], event["timestamp"], event["message"])
            if key not in self._seen:
                self._seen[key] = None
                new.append(event)
                self._since_ms[name] = max(self._since_ms[name], event["timestamp"])
        while len(self._seen) > MAX_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return new

    def _print(self, name: str, event: dict[str, Any]) -> None:
        text = event["message"].rstrip()
        if not text or text.startswith(_PLATFORM):
            return
        at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        level, line = readable(text)
        if line.split(" ", 1)[0] == _LOGGED_BY_THE_LOCAL_SERVER:
            return
        self._console.print(name, line, at=at, is_warning=level in _WARNINGS)


def readable(text: str) -> tuple[str, str]:
    """The level of a log line, and its content as ``message key=value``. Other text is returned unchanged."""
    try:
        fields = json.loads(text)
    except ValueError:
        return "", text
    if not isinstance(fields, dict):
        return "", text
    level = str(fields.get("level", ""))
    words = [level] if level in _WARNINGS else []
    words.append(str(fields.get("message", "")))
    words += [
        f"{key}={value}" for key, value in fields.items() if key not in _COMMON_FIELDS and value is not None
    ]
    return level, " ".join(words)
