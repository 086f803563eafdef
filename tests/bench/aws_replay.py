"""Recorded responses of AWS instead of the network, so that a measurement has no time of a server.

A recording keeps the responses of an operation on a table in their order, and repeats them.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

_TARGET = "DynamoDB_20120810."
_HEADERS = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "REQUEST"}


@dataclass(frozen=True)
class Reply:
    """A response of DynamoDB."""

    status: int
    body: bytes

    def stream(self) -> Iterator[bytes]:
        """The body, as botocore reads it."""
        yield self.body


@dataclass
class Recording:
    """The replies by operation and first table, and the operations of the requests that were answered."""

    replies: dict[tuple[str, str], deque[Reply]] = field(default_factory=dict)
    operations: list[str] = field(default_factory=list)

    def add(self, operation: str, parameters: dict[str, Any], reply: Reply) -> None:
        """Add the reply to a request."""
        self.replies.setdefault((operation, _table(parameters)), deque()).append(reply)

    def reply(self, request: AWSPreparedRequest) -> AWSResponse:
        """The next reply to ``request``. KeyError if no such request was recorded."""
        operation = request.headers["X-Amz-Target"].decode().removeprefix(_TARGET)
        replies = self.replies[operation, _table(json.loads(request.body))]
        replies.rotate(-1)
        self.operations.append(operation)
        return AWSResponse(request.url, replies[-1].status, _HEADERS, replies[-1])

    @contextmanager
    def replayed(self) -> Iterator[None]:
        """Answer the requests of all AWS clients of this process."""
        with patch.object(URLLib3Session, "send", lambda _session, request: self.reply(request)):
            yield


def recorded(run: Callable[[], object]) -> Recording:
    """The requests to DynamoDB of ``run``, with their replies."""
    recording, send = Recording(), BaseClient._make_api_call

    def record(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        try:
            response = send(client, operation, parameters)
        except ClientError as error:
            recording.add(operation, parameters, _reply(400, _error(error)))
            raise
        recording.add(operation, parameters, _reply(200, response))
        return response

    with patch.object(BaseClient, "_make_api_call", record):
        run()
    return recording


def _error(error: ClientError) -> dict[str, Any]:
    return {"__type": error.response["Error"]["Code"], **error.response}


def _reply(status: int, response: dict[str, Any]) -> Reply:
    content = {name: value for name, value in response.items() if name not in {"ResponseMetadata", "Error"}}
    return Reply(status, json.dumps(content).encode())


def _table(request: dict[str, Any]) -> str:
    """The first table of the request."""
    if "TransactItems" in request:
        (request,) = request["TransactItems"][0].values()
    return str(request.get("TableName") or next(iter(request["RequestItems"])))
