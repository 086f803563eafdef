"""The requests of the adapters of real acquirers: which responses have a result, and who is informed.

A response without a result leaves the payment open, and the job checks the status later. A response that
only the operator can repair, such as 401 for wrong credentials, is logged with the message ATTENTION, which
raises an alarm. Logs contain the acquirer's id of the request and its error codes, never its texts, which can
repeat a card number or a key.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.acquirers.base import ATTENTION, Unknown
from chalicelib.acquirers.transport import NoResultError, Request, Response, Transport
from chalicelib.metrics import ACQUIRER_FAILURE, ACQUIRER_LATENCY, AcquirerOutcome, publish
from chalicelib.observability import logger

_WITHOUT_RESULT = frozenset({408, 409, 425, 429})  # and 5xx: the acquirer may have done it, or will later
_WRONG_ACCOUNT = frozenset({401, 403})
_SERVER_ERROR = 500
_FAILURES = frozenset({AcquirerOutcome.NO_RESPONSE, AcquirerOutcome.FAILED})
_CODE = re.compile(r"[A-Za-z_.\[\]-]{1,80}")  # without digits, so that it contains no card number

P = ParamSpec("P")
ResultT = TypeVar("ResultT")
ModelT = TypeVar("ModelT", bound=BaseModel)


class UnusableResponseError(NoResultError):
    """The acquirer is busy, refuses the account, or responded with a shape that is not documented."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """Sends the requests of the adapter of ``acquirer``, whose responses have the header ``id_header``."""

    acquirer: str
    transport: Transport
    id_header: str

    def send(self, request: Request) -> Response:
        """A response with a result: 2xx, or a 4xx that is about the request.

        Raises NoResponseError and UnusableResponseError.
        """
        response = self._measured(request)
        if response.status in _WRONG_ACCOUNT:
            self.report(response, "the account is refused")
            raise UnusableResponseError
        if response.status in _WITHOUT_RESULT or response.status >= _SERVER_ERROR:
            logger.warning("acquirer has no result", **self._facts(response))
            raise UnusableResponseError
        return response

    def _measured(self, request: Request) -> Response:
        """The response, with any status. Raises NoResponseError."""
        started, outcome = time.monotonic(), AcquirerOutcome.NO_RESPONSE
        try:
            response = self.transport.send(request)
            outcome = AcquirerOutcome.of_status(response.status)
        finally:
            took_ms = round((time.monotonic() - started) * 1000)
            publish(ACQUIRER_LATENCY, took_ms, Acquirer=self.acquirer, Result=outcome)
            publish(ACQUIRER_FAILURE, int(outcome in _FAILURES), Acquirer=self.acquirer)
        return response

    def read(self, response: Response, model: type[ModelT]) -> ModelT:
        """The JSON of the response. Raises UnusableResponseError if it is not as documented."""
        try:
            return model.model_validate_json(response.body)
        except ValidationError as error:
            fields = [".".join(map(str, one["loc"])) for one in error.errors(include_input=False)]
            self.report(response, "the response is not as documented", *fields)
            raise UnusableResponseError from None  # the cause contains the body

    def report(self, response: Response, problem: str, *codes: str | None) -> None:
        """Log a ``problem`` that the operator has to solve, with the acquirer's error codes."""
        shown = [code for code in codes if code and _CODE.fullmatch(code)]
        logger.error(ATTENTION, problem=problem, codes=shown, **self._facts(response))

    def _facts(self, response: Response) -> dict[str, Any]:
        request_id = response.headers.get(self.id_header, "")
        return {"acquirer": self.acquirer, "status": response.status, "request_id": request_id[:80]}


def unknown_without_result(operation: Callable[P, ResultT]) -> Callable[P, ResultT | Unknown]:
    """The operation with the result Unknown if its request has no result."""

    @wraps(operation)
    def attempted(*args: P.args, **kwargs: P.kwargs) -> ResultT | Unknown:
        try:
            return operation(*args, **kwargs)
        except NoResultError:
            return Unknown()

    return attempted
