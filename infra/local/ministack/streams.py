"""Retries after a partial failure of a stream's batch, which MiniStack ignores."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Response = dict[str, Any]
Execute = Callable[[dict[str, Any], dict[str, Any]], Response]


def retry_partial_failures(service: Any) -> None:
    """Replace the function that invokes functions in ``service``, MiniStack's module for Lambda."""
    service._execute_function = execute_with(service._execute_function)


def execute_with(execute: Execute) -> Execute:
    """``execute``, whose response is an error if it names failed records of a stream."""

    def execute_function(function: dict[str, Any], event: dict[str, Any]) -> Response:
        response = execute(function, event)
        if is_of_a_stream(event) and (failed := failed_records(response)):
            message = f"{len(failed)} of {len(event['Records'])} records failed"
            return {**response, "error": True, "body": {"errorType": "Partial", "errorMessage": message}}
        return response

    return execute_function


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
