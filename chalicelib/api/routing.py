"""The router: registers the routes with Chalice and responds to every request in the format of the contract.

A route is authenticated unless it is ``public``. The router parses the body or query string that the view
declares, so the view and the OpenAPI document cannot differ.
"""

import time
from collections.abc import Callable, Iterable

from chalice.app import Blueprint, Response

from chalicelib.api.authentication import authenticate, credential_of
from chalicelib.api.call import Call
from chalicelib.api.errors import HEADERS, INTERNAL_ERROR, error_response, internal_error_response
from chalicelib.api.request_record import RequestRecord
from chalicelib.api.route import Route
from chalicelib.bootstrap import gateway
from chalicelib.domain.clock import ahead_by
from chalicelib.domain.errors import GatewayError, MethodNotAllowedError, RateLimitError
from chalicelib.domain.idempotency import AlreadyCreatedError, StoredResponse
from chalicelib.observability import ids_in, logged_with, logger
from chalicelib.store.throttling import is_throttled

# API Gateway responds to OPTIONS, the preflight.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")

BUSY_RETRY_AFTER_S = 1  # writes of one row take milliseconds each, and DynamoDB's limits are per second
MAX_ID_CHARS = 64  # longer than any id of the gateway; DynamoDB rejects keys that are much longer


class Router(Blueprint):
    """A Chalice blueprint with the routes."""

    def __init__(self, import_name: str, routes: Iterable[Route]) -> None:
        super().__init__(import_name)
        self.routes: tuple[Route, ...] = tuple(routes)
        for route in self.routes:
            self._register(route)
        self._refuse_other_methods()

    def _register(self, route: Route) -> None:
        """Add the route. Every `GET` route also responds to `HEAD`: monitors and load balancers use it."""
        self._add(route.path, route.method, lambda **values: self._respond(route, values))
        if route.method == "GET":
            self._add(route.path, "HEAD", lambda **values: _headers_only(self._respond(route, values)))

    def _add(self, path: str, method: str, handler: Callable[..., Response]) -> None:
        name = f"{method.lower()}{path}"
        self.route(path, methods=[method], name=name, content_types=["*/*"])(handler)

    def _refuse_other_methods(self) -> None:
        """Respond with 405 to every method that a path does not have."""
        for path in dict.fromkeys(route.path for route in self.routes):
            own = tuple(route.method for route in self.routes if route.path == path)
            allowed = (*own, "HEAD") if "GET" in own else own
            for method in METHODS:
                if method not in allowed:
                    self._add(path, method, self._refusal(method, allowed))

    def _refusal(self, method: str, allowed: tuple[str, ...]) -> Callable[..., Response]:
        def refuse(**_path_values: str) -> Response:
            return error_response(MethodNotAllowedError(method, allowed=allowed), self._request_id())

        return refuse

    def _respond(self, route: Route, path_values: dict[str, str]) -> Response:
        started = time.monotonic()
        record = RequestRecord(route, ids_in(path_values))
        with logged_with({"request_id": self._request_id(), **record.ids}):
            response = self._response(record, path_values)
            took_ms = round((time.monotonic() - started) * 1000)
            logger.info(
                "request",
                method=self.current_request.method,
                route=route.path,
                status=response.status_code,
                took_ms=took_ms,
            )
            if route.audit and record.is_audited:
                facts = record.audit_facts(self.current_request, response.status_code)
                gateway().audit.write(route.audit, facts)
            self._log(record, response.status_code, took_ms)
        return response

    def _log(self, record: RequestRecord, status: int, took_ms: int) -> None:
        """Write the log of API requests. The caller of a request in it is known."""
        if record.caller:
            services = gateway()
            request = record.api_request(
                self.current_request, status, took_ms=took_ms, at=services.real_clock()
            )
            if request:
                services.request_log.write(request)

    def _response(self, record: RequestRecord, path_values: dict[str, str]) -> Response:
        try:
            return self._call(record, path_values)
        except AlreadyCreatedError as created:
            record.replayed(created.response)
            return _replayed(created.response)
        except GatewayError as error:
            record.refused(error)
            return error_response(error, self._request_id())
        except Exception as error:  # the only place that turns an unexpected error into a response
            return self._failure(record, error)

    def _call(self, record: RequestRecord, path_values: dict[str, str]) -> Response:
        services, request, route = gateway(), self.current_request, record.route
        caller = None
        if not route.public:
            credential = credential_of(request.headers, session_only=route.session_only)
            caller = authenticate(services, request.headers, credential)
            record.authenticated(caller, credential)
        call = Call(
            request=request,
            path={name: value[:MAX_ID_CHARS] for name, value in path_values.items()},
            route=route,
            routes=self.routes,
            gateway=services,
            caller=caller,
        )
        inputs = [route.takes.of(request)] if route.takes else []
        with ahead_by(services.offset_of(caller.id if caller else None)):
            view = route.view(call, *inputs)
        record.shown(view)
        return Response(
            body=view.render(),
            status_code=view.http_status,
            headers={**HEADERS, "Content-Type": view.CONTENT_TYPE, **view.http_headers},
        )

    def _failure(self, record: RequestRecord, error: Exception) -> Response:
        """The response to a request that AWS throttled, or that failed. Call it in the ``except`` block."""
        if is_throttled(error):
            logger.warning("AWS throttled a request", route=record.route.path)
            record.failed(RateLimitError.code)
            return error_response(RateLimitError(retry_after_s=BUSY_RETRY_AFTER_S), self._request_id())
        logger.exception("request failed", route=record.route.path)
        record.failed(INTERNAL_ERROR)
        return internal_error_response(self._request_id())

    def _request_id(self) -> str:
        return str(self.current_request.context.get("requestId", "unknown"))


def _replayed(stored: StoredResponse) -> Response:
    return Response(
        body=stored.body,
        status_code=stored.status,
        headers={**HEADERS, "Idempotent-Replayed": "true"},
    )


def _headers_only(response: Response) -> Response:
    return Response(body="", status_code=response.status_code, headers=response.headers)
