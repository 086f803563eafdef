"""MiniStack's stream readers: their own poller if they have a window, and retries after partial failures."""

import json
import threading
from typing import Any

import pytest
from ministack.services import lambda_svc

from infra.local.ministack.streams import WINDOW, Readers, failed_records

RELAY, RECORDER, QUEUE = {"name": "relay"}, {"name": "recorder", WINDOW: 1}, {"name": "queue", WINDOW: 0}
RECORDS: dict[str, Any] = {"Records": [{"dynamodb": {}}, {"dynamodb": {}}]}
FAILURES = {"batchItemFailures": [{"itemIdentifier": "2"}]}


class Service:
    """MiniStack's module for Lambda."""

    def __init__(self, body: Any = None) -> None:
        self.body = body
        self.polled: list[tuple[str, str]] = []  # the thread and the source
        self.is_polled = threading.Event()

    def _iter_all_esms(self) -> Any:
        return iter([("account", "region", source) for source in (RELAY, RECORDER, QUEUE)])

    def _poll_dynamodb_streams(self) -> bool:
        names = [source["name"] for _, _, source in self._iter_all_esms()]
        self.polled += [(threading.current_thread().name, name) for name in names]
        if "recorder" in names:
            self.is_polled.set()
        return False

    def _execute_function(self, _function: Any, _event: Any) -> dict[str, Any]:
        return {"body": self.body}


def test_readers_with_a_window_have_their_own_poller():
    service = Service()
    Readers(service).install()
    service._poll_dynamodb_streams()
    assert service.polled == [("MainThread", "relay"), ("MainThread", "queue")]
    assert service.is_polled.wait(20)
    assert {name for thread, name in service.polled if thread != "MainThread"} == {"recorder"}
    assert [source["name"] for _, _, source in service._iter_all_esms()] == ["relay", "recorder", "queue"]


@pytest.mark.parametrize("body", [FAILURES, json.dumps(FAILURES)])
def test_a_partial_failure_of_a_stream_is_an_error(body: Any):
    response = Readers(Service(body)).execute({}, RECORDS)
    assert response["error"] is True
    assert response["body"]["errorMessage"] == "1 of 2 records failed"


@pytest.mark.parametrize("body", [{"batchItemFailures": []}, {}, None, "text", "[]"])
def test_a_response_without_failures_is_unchanged(body: Any):
    assert Readers(Service(body)).execute({}, RECORDS) == {"body": body}
    assert failed_records({"body": body}) == []


@pytest.mark.parametrize("event", [{"Records": [{"messageId": "1"}]}, {"Records": []}, {"httpMethod": "GET"}])
def test_other_events_are_unchanged(event: dict[str, Any]):
    assert Readers(Service(FAILURES)).execute({}, event) == {"body": FAILURES}


def test_ministack_has_the_pause_that_is_shortened():
    assert lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS > 0
