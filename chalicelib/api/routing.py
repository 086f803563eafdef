"""Routes: each view is wrapped when it is registered.

Whatever happens inside it is answered in the contract's form. A route is authenticated unless it says
``public``. What it takes is read by its declaration, so that the view and the OpenAPI document cannot differ.
"""

import time
from collections.abc import Callable

from chalice.app import Blueprint, Response

from chalicelib.api.authentication import authenticate
from chalicelib.api.call import Call
from chalicelib.api.endpoint import Endpoint
from chalicelib.api.errors import HEADERS, error_response, internal_error_response
from chalicelib.api.responses.view import View
from chalicelib.api.verb import Verb
from chalicelib.bootstrap import gateway
from chalicelib.domain.errors import GatewayError, MethodNotAllowedError, RateLimitError
from chalicelib.observability import logger
from chalicelib.services.once import Answer
from chalicelib.store.throttling import is_throttled

METHODS = (
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
)  # OPTIONS is the preflight, answered by API Gateway

BUSY_RETRY_AFTER_S = 1  # writes of one row take milliseconds each, and DynamoDB's limits are by the second
MAX_ID_CHARS = 64  # what is longer than any id of ours is no id, cut or not, and too long a key for DynamoDB


class Router(Blueprint):
    """A blueprint whose views take a ``Call`` and return a ``View`` or an ``Answer``."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.endpoints: list[Endpoint] = []
        self.get = Verb("GET", self._register)
        self.post = Verb("POST", self._register)
        self.put = Verb("PUT", self._register)
        self.delete = Verb("DELETE", self._register)

    def _register(self, endpoint: Endpoint) -> None:
        """Add the route. `HEAD` is answered wherever `GET` is: monitors and load balancers ask with it."""
        self.endpoints.append(endpoint)
        self._add(endpoint.path, endpoint.method, lambda **values: self._answer(endpoint, values))
        if endpoint.method == "GET":
            self._add(endpoint.path, "HEAD", lambda **values: _headers_only(self._answer(endpoint, values)))

    def _add(self, path: str, method: str, handler: Callable[..., Response]) -> None:
        name = f"{method.lower()}{path}"
        self.route(path, methods=[method], name=name, content_types=["*/*"])(handler)

    def refuse_other_methods(self) -> None:
        """Answer every method that an address does not have. To be called after the last registration."""
        for path in dict.fromkeys(endpoint.path for endpoint in self.endpoints):
            own = tuple(endpoint.method for endpoint in self.endpoints if endpoint.path == path)
            allowed = (*own, "HEAD") if "GET" in own else own
            for method in METHODS:
                if method not in allowed:
                    self._add(path, method, self._refusal(method, allowed))

    def _refusal(self, method: str, allowed: tuple[str, ...]) -> Callable[..., Response]:
        def refuse(**_path_values: str) -> Response:
            return error_response(MethodNotAllowedError(method, allowed=allowed), self._request_id())

        return refuse

    def _answer(self, endpoint: Endpoint, path_values: dict[str, str]) -> Response:
        started = time.monotonic()
        try:
            response = self._produce(endpoint, path_values)
        except GatewayError as error:
            response = error_response(error, self._request_id())
        except Exception as error:  # the one place where what nobody foresaw becomes an answer
            response = self._failure(endpoint, error)
        logger.info(
            "request",
            method=self.current_request.method,
            route=endpoint.path,
            status=response.status_code,
            took_ms=round((time.monotonic() - started) * 1000),
            request_id=self._request_id(),
        )
        return response

    def _produce(self, endpoint: Endpoint, path_values: dict[str, str]) -> Response:
        here, request = gateway(), self.current_request
        caller = None
        if not endpoint.public:
            caller = authenticate(here, request.headers, session_only=endpoint.session_only)
        call = Call(
            request=request,
            path={name: value[:MAX_ID_CHARS] for name, value in path_values.items()},
            endpoint=endpoint,
            gateway=here,
            caller=caller,
        )
        asked = [endpoint.takes.of(request)] if endpoint.takes else []
        return _response(endpoint.view(call, *asked))

    def _failure(self, endpoint: Endpoint, error: Exception) -> Response:
        """The response to a request that AWS throttled, or that failed. Called while ``error`` is handled."""
        if is_throttled(error):
            logger.warning("AWS throttled a request", route=endpoint.path, request_id=self._request_id())
            return error_response(RateLimitError(retry_after_s=BUSY_RETRY_AFTER_S), self._request_id())
        logger.exception("request failed", route=endpoint.path, request_id=self._request_id())
        return internal_error_response(self._request_id())

    def _request_id(self) -> str:
        return str(self.current_request.context.get("requestId", "unknown"))


def _headers_only(response: Response) -> Response:
    return Response(body="", status_code=response.status_code, headers=response.headers)


def _response(produced: View | Answer) -> Response:
    if isinstance(produced, View):
        return Response(body=produced.render(), status_code=produced.STATUS, headers=dict(HEADERS))
    replayed = {"Idempotent-Replayed": "true"} if produced.replayed else {}
    stored = produced.response
    return Response(body=stored.body, status_code=stored.status, headers={**HEADERS, **replayed})
