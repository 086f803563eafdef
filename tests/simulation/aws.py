"""AWS below botocore, at the HTTP transport, so that botocore's time-outs and retries are real."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from tests.simulation.dynamodb import DynamoDB, RejectedError
from tests.simulation.faults import Edge, Fault
from tests.simulation.queues import Queues
from tests.simulation.scheduler import current_task
from tests.simulation.wire import NoAnswerError, Wire

PATIENCE_S = 5.0  # of the gateway's clients, before they retry
_HEADERS = {"Content-Type": "application/x-amz-json-1.0"}
_ERROR = "com.amazonaws.dynamodb.v20120810#"

Respond = Callable[[], AWSResponse]


@dataclass(frozen=True, kw_only=True)
class Aws:
    """DynamoDB and SQS, called through the wire."""

    wire: Wire
    dynamodb: DynamoDB
    queues: Queues

    def answer(self, stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest) -> AWSResponse:
        """The response to one HTTP request. Raises ReadTimeoutError.

        moto responds to requests from outside of tasks.
        """
        if current_task() is None:
            return _of_moto(stubber, request)
        *_, service, operation = event_name.split(".")
        if service == "sqs":
            return self._ask(request, Edge.SQS, operation, lambda: self._send(request))
        return self._ask(request, Edge.DYNAMODB, operation, lambda: self._store(stubber, operation, request))

    def _ask(self, request: AWSPreparedRequest, edge: Edge, operation: str, act: Respond) -> AWSResponse:
        instead = {fault: _refuse(fault, operation, request) for fault in _REFUSALS}
        instead[Fault.PARTLY] = lambda: self._send(request, partly=True)
        try:
            return self.wire.exchange(edge, operation, act, patience_s=PATIENCE_S, instead=instead)
        except NoAnswerError as error:
            raise ReadTimeoutError(endpoint_url=request.url) from error

    def _store(self, stubber: BotocoreStubber, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        if operation not in self.dynamodb.operations:
            return _of_moto(stubber, request)
        try:
            return _response(request, 200, self.dynamodb.answer(operation, request.body))
        except RejectedError as refused:
            return _response(request, 400, refused.body)

    def _send(self, request: AWSPreparedRequest, *, partly: bool = False) -> AWSResponse:
        answer = self.queues.take(json.loads(request.body), partly=partly)
        return _response(request, 200, json.dumps(answer))


def _of_moto(stubber: BotocoreStubber, request: AWSPreparedRequest) -> AWSResponse:
    answer = stubber.process_request(request)
    assert answer is not None, f"moto does not know {request.url}"
    status, headers, body = answer
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


_REFUSALS = (Fault.THROTTLED, Fault.CONFLICT)


def _refuse(fault: Fault, operation: str, request: AWSPreparedRequest) -> Respond:
    """The error response of DynamoDB or SQS."""

    def respond() -> AWSResponse:
        if fault is Fault.THROTTLED:
            return _response(request, 400, _error("ThrottlingException"))
        if operation != "TransactWriteItems":
            return _response(request, 400, _error("TransactionConflictException"))
        count = len(json.loads(request.body)["TransactItems"])
        reasons = [{"Code": "None"}] * (count - 1) + [{"Code": "TransactionConflict"}]
        return _response(request, 400, _error("TransactionCanceledException", CancellationReasons=reasons))

    return respond


def _error(code: str, **more: Any) -> str:
    return json.dumps({"__type": _ERROR + code, "message": code, **more})


def _response(request: AWSPreparedRequest, status: int, body: str) -> AWSResponse:
    return AWSResponse(request.url, status, dict(_HEADERS), MockRawResponse(body))
