"""Stream readers: a poller for those with a batching window, and retries after a partial failure.

MiniStack invokes the readers of all streams one after another. It ignores the batching window, and the
failures that the response of a function names.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services import lambda_svc

WINDOW = "MaximumBatchingWindowInSeconds"
PAUSE_S = 0.25  # if no reader has a window
WAKE_PAUSE_S = 0.002  # MiniStack pauses 50 ms after a message that is delayed, and so delays other messages

Response = dict[str, Any]


def improve() -> None:
    """Replace MiniStack's functions."""
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = WAKE_PAUSE_S
    Readers(lambda_svc).install()


class Readers:
    """The stream readers of ``service``, MiniStack's module for Lambda."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self._poll, self._sources, self._execute = (
            service._poll_dynamodb_streams,
            service._iter_all_esms,
            service._execute_function,
        )
        self._thread = threading.local()  # has_window: which sources the thread polls

    def install(self) -> None:
        """Replace the functions, and start the poller of the readers with a window."""
        self._service._iter_all_esms = self.sources
        self._service._execute_function = self.execute
        self._service._poll_dynamodb_streams = lambda: self.poll(has_window=False)
        threading.Thread(target=self._follow, name="stream readers with a window", daemon=True).start()

    def poll(self, *, has_window: bool) -> bool:
        """Deliver one batch to each reader with, or without, a window. Returns whether there was one."""
        self._thread.has_window = has_window
        try:
            return bool(self._poll())
        finally:
            del self._thread.has_window

    def sources(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """All event sources, or those that the thread polls."""
        selected = getattr(self._thread, "has_window", None)
        for account_id, region, source in self._sources():
            if selected in {None, bool(source.get(WINDOW))}:
                yield account_id, region, source

    def execute(self, function: dict[str, Any], event: dict[str, Any]) -> Response:
        """Invoke the function. The response is an error if it names failed records of a stream."""
        response: Response = self._execute(function, event)
        if is_of_a_stream(event) and (failed := failed_records(response)):
            message = f"{len(failed)} of {len(event['Records'])} records failed"
            return {**response, "error": True, "body": {"errorType": "Partial", "errorMessage": message}}
        return response

    def _follow(self) -> None:
        while True:
            time.sleep(self._window_s())
            while self.poll(has_window=True):
                pass

    def _window_s(self) -> float:
        windows = [source[WINDOW] for _, _, source in self._sources() if source.get(WINDOW)]
        return min(windows, default=PAUSE_S)


def is_of_a_stream(event: Mapping[str, Any]) -> bool:
    """Whether the event has records of a DynamoDB stream."""
    records = event.get("Records") or [{}]
    return isinstance(records, list) and "dynamodb" in records[0]


def failed_records(response: Mapping[str, Any]) -> list[Any]:
    """The failures that the response of a function names."""
    body = response.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return []
    return list(body.get("batchItemFailures") or []) if isinstance(body, Mapping) else []
