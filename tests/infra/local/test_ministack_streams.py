"""MiniStack's stream readers: retries after partial failures."""

import json
from typing import Any

import pytest

from infra.local.ministack.streams import execute_with, failed_records

RECORDS: dict[str, Any] = {"Records": [{"dynamodb": {}}, {"dynamodb": {}}]}
FAILURES = {"batchItemFailures": [{"itemIdentifier": "2"}]}


def execute(body: Any, event: dict[str, Any]) -> dict[str, Any]:
    return execute_with(lambda _function, _event: {"body": body})({}, event)


@pytest.mark.parametrize("body", [FAILURES, json.dumps(FAILURES)])
def test_a_partial_failure_of_a_stream_is_an_error(body: Any):
    response = execute(body, RECORDS)
    assert response["error"] is True
    assert response["body"]["errorMessage"] == "1 of 2 records failed"


@pytest.mark.parametrize("body", [{"batchItemFailures": []}, {}, None, "text", "[]"])
def test_a_response_without_failures_is_unchanged(body: Any):
    assert execute(body, RECORDS) == {"body": body}
    assert failed_records({"body": body}) == []


@pytest.mark.parametrize("event", [{"Records": [{"messageId": "1"}]}, {"Records": []}, {"httpMethod": "GET"}])
def test_other_events_are_unchanged(event: dict[str, Any]):
    assert execute(FAILURES, event) == {"body": FAILURES}
