"""Stripe's API in memory: the HTTP of an account, with idempotency keys and faults.

It rejects other keys and versions of the API, and repeats the response for the same idempotency key.
"""

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from chalicelib.acquirers.transport import NoResponseError, Request, Response
from tests.acquirers.stripe_account import Json, RefusedError, StripeAccount, invalid

SECRET_KEY = "sk_test_of_the_double"
VERSION = "2026-10-28.endive"
KEY_LIFE = timedelta(hours=24)
_ID = "([^/]+)"
ROUTES: dict[str, Callable[..., Json]] = {
    "POST /v1/payment_methods": StripeAccount.create_method,
    "POST /v1/payment_intents": StripeAccount.create_intent,
    "GET /v1/payment_intents": StripeAccount.list_intents,
    "GET /v1/payment_intents/search": StripeAccount.search,
    f"GET /v1/payment_intents/{_ID}": StripeAccount.get_intent,
    f"POST /v1/payment_intents/{_ID}/capture": StripeAccount.capture,
    f"POST /v1/payment_intents/{_ID}/cancel": StripeAccount.cancel,
    "POST /v1/checkout/sessions": StripeAccount.create_session,
    f"GET /v1/checkout/sessions/{_ID}": StripeAccount.get_session,
    f"POST /v1/checkout/sessions/{_ID}/expire": StripeAccount.expire,
    "POST /v1/refunds": StripeAccount.create_refund,
    "GET /v1/refunds": StripeAccount.list_refunds,
    f"GET /v1/refunds/{_ID}": StripeAccount.get_refund,
    "GET /v1/balance": StripeAccount.balance,
}


class Fault(StrEnum):
    """What happens to one request. A ``SAVED`` error is repeated for the idempotency key."""

    BUSY = "429 before"
    LOCKED = "409 before"
    ERROR_BEFORE = "500 before"
    ERROR_AFTER = "500 after"
    ERROR_SAVED_BEFORE = "500 saved, before"
    ERROR_SAVED_AFTER = "500 saved, after"
    LOST_BEFORE = "no response, before"
    LOST_AFTER = "no response, after"
    GARBLED_AFTER = "not JSON, after"


BEFORE = {Fault.BUSY: 429, Fault.LOCKED: 409, Fault.ERROR_BEFORE: 503, Fault.ERROR_SAVED_BEFORE: 500}


@dataclass
class StripeDouble(StripeAccount):
    """The transport of an account. ``faults`` apply to the next requests, None to none of them."""

    is_suspended: bool = False
    key: str = SECRET_KEY
    faults: deque[Fault | None] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    saved: dict[str, tuple[datetime, tuple[str, str], Response]] = field(default_factory=dict)

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.LOST_BEFORE:
            raise NoResponseError
        if fault in BEFORE:
            response = self._response(BEFORE[fault], {"error": {"type": "api_error"}})
            return self._save(request, response) if fault is Fault.ERROR_SAVED_BEFORE else response
        response = self._answer(request, saved_error=fault is Fault.ERROR_SAVED_AFTER)
        if fault is Fault.LOST_AFTER:
            raise NoResponseError
        if fault is Fault.GARBLED_AFTER:
            return self._response(502, b"<html>Bad gateway</html>")
        if fault in {Fault.ERROR_AFTER, Fault.ERROR_SAVED_AFTER}:
            return self._response(500, {"error": {"type": "api_error"}})
        return response

    def _answer(self, request: Request, *, saved_error: bool) -> Response:
        known = self.saved.get(request.headers.get("Idempotency-Key", ""))
        try:
            self._authenticate(request)
            if known and self.clock() - known[0] < KEY_LIFE:
                return _replayed(request, *known[1:])
            response = self._response(200, self._route(request))
        except RefusedError as refused:
            response = self._response(refused.status, refused.body)
            if not refused.executed:
                return response
        if saved_error:
            response = self._response(500, {"error": {"type": "api_error"}})
        return self._save(request, response)

    def _save(self, request: Request, response: Response) -> Response:
        if key := request.headers.get("Idempotency-Key"):
            self.saved[key] = (self.clock(), _identity(request), response)
        return response

    def _response(self, status: int, body: Json | bytes) -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request_id = f"req_{'abcdefghij'[len(self.requests) % 10]}{len(self.requests)}"
        return Response(status=status, headers={"request-id": request_id}, body=content)

    def _authenticate(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            raise invalid(status=401)
        if self.is_suspended:
            raise invalid(status=403)
        if request.headers.get("Stripe-Version") != VERSION:
            raise invalid("Stripe-Version")

    def _route(self, request: Request) -> Json:
        address = urlsplit(request.url)
        assert (address.scheme, address.netloc) == ("https", "api.stripe.com")
        assert not (address.query if request.method == "POST" else request.body)
        if request.method == "POST":
            assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        pairs = parse_qsl(request.body.decode() or address.query, keep_blank_values=True)
        values = dict(pairs)
        assert len(values) == len(pairs), "a parameter was sent twice"
        for pattern, handler in ROUTES.items():
            if found := re.fullmatch(pattern, f"{request.method} {address.path}"):
                return handler(self, *map(unquote, found.groups()), values)
        raise invalid(status=404)


def _replayed(request: Request, parameters: tuple[str, str], response: Response) -> Response:
    if parameters != _identity(request):
        raise RefusedError(400, {"type": "idempotency_error"})
    headers = {**response.headers, "idempotent-replayed": "true"}
    return Response(status=response.status, headers=headers, body=response.body)


def _identity(request: Request) -> tuple[str, str]:
    return request.url, request.body.decode()
