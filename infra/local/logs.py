"""The functions' logs, followed and made readable."""

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
MAX_REMEMBERED = 10_000  # lines of one function in one second are far fewer
_WARNINGS = frozenset({"WARNING", "ERROR", "CRITICAL"})

# What every line has, and nobody reads twice; the code's place is in the file for whoever looks for it.
_USUAL = frozenset({"level", "location", "message", "timestamp", "service", "xray_trace_id"})
_LOGGED_BY_THE_LOCAL_SERVER = "request"  # the local server prints its own line, at once
_PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ")


class LogFollower:
    """Prints what the functions of ``stage`` log from now on, until it is stopped."""

    def __init__(self, stage: Stage, aws: Aws, console: Console) -> None:
        self._groups = {each.name: f"/aws/lambda/{stage.stack_name}-{each.name}" for each in LAMBDAS.values()}
        self._client = aws.client("logs")
        self._console = console
        self._since_ms = dict.fromkeys(self._groups, round(datetime.now(UTC).timestamp() * 1000))
        self._seen: dict[tuple[str, int, str], None] = {}  # the embedded AWS gives lines no ids
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="logs", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Print what is left, and end."""
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
            answer = self._client.filter_log_events(logGroupName=group, startTime=self._since_ms[name])
        except (BotoCoreError, ClientError):
            return []  # on its way down; whoever watches over the processes says so
        new = []
        for event in answer["events"]:
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
        self._console.say(name, line, at=at, is_warning=level in _WARNINGS)


def readable(text: str) -> tuple[str, str]:
    """A log line's level and its content, as ``message key=value``; what is no JSON object stays as it is."""
    try:
        fields = json.loads(text)
    except ValueError:
        return "", text
    if not isinstance(fields, dict):
        return "", text
    level = str(fields.get("level", ""))
    words = [level] if level in _WARNINGS else []
    words.append(str(fields.get("message", "")))
    words += [f"{key}={value}" for key, value in fields.items() if key not in _USUAL and value is not None]
    return level, " ".join(words)
