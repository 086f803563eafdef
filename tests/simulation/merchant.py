"""A merchant's program, which retries a request until it receives a definite response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET, TEST_EMAIL, TEST_PASSWORD
from tests.simulation.faults import MAX_FAULTS, Edge
from tests.simulation.lambdas import Lambdas
from tests.simulation.wire import NoAnswerError, Wire

PATIENCE_S = 30.0
MAX_TRIES = MAX_FAULTS + 10  # each try may have a fault, and a 429 is retried
MAX_PAUSE_S = 60.0
_CREDENTIALS = {
    "Content-Type": "application/json",
    "X-Api-Key": TEST_API_KEY,
    "X-Api-Secret": TEST_API_SECRET,
}

Json = dict[str, Any]


class GaveUpError(AssertionError):
    """The merchant used all tries without a response."""


@dataclass(frozen=True)
class Response:
    """A response of the API."""

    status: int
    text: str
    replayed: bool = False

    @property
    def body(self) -> Json:
        body: Json = json.loads(self.text)
        return body


@dataclass(kw_only=True)
class Request:
    """A request of the merchant, and the response to each try, or None if it was lost."""

    method: str
    path: str
    body: Json
    key: str | None
    responses: list[Response | None] = field(default_factory=list)

    @property
    def response(self) -> Response:
        """The response that counts."""
        return next(response for response in reversed(self.responses) if response)

    @property
    def is_definite(self) -> bool:
        """Whether the merchant knows the result."""
        return bool(self.responses) and not _is_unknown(self.responses[-1])

    @property
    def is_in_doubt(self) -> bool:
        """Whether the request may have taken effect although no response says so.

        A 429 means that AWS throttled the last try of a request; the response to an earlier try may be lost.
        """
        return any(
            response is None or _is_unknown(response) or response.status == 429 for response in self.responses
        )

    @property
    def created(self) -> Json | None:
        """The created object."""
        return self.response.body if self.is_definite and self.response.status == 201 else None


def _is_unknown(response: Response | None) -> bool:
    return response is None or response.status >= 500


@dataclass(kw_only=True)
class Merchant:
    """Retries with the same idempotency key; a create request without a key is sent once."""

    wire: Wire
    lambdas: Lambdas
    requests: list[Request] = field(default_factory=list)
    credentials: Mapping[str, str] = field(default_factory=lambda: _CREDENTIALS)
    _keys: int = 0

    def post(
        self, path: str, body: Json | None = None, *, key: str | None = None, again: bool = True
    ) -> Request:
        """Send until there is a definite response; if ``again`` is False, send once."""
        return self._request("POST", path, body or {}, key, again=again)

    def put(self, path: str, body: Json) -> Request:
        """Update an object, and retry until there is a definite response."""
        return self._request("PUT", path, body, None, again=True)

    def delete(self, path: str) -> Request:
        """Delete an object, and retry until there is a definite response."""
        return self._request("DELETE", path, {}, None, again=True)

    def get(self, path: str) -> Json:
        """Read an object."""
        return self._request("GET", path, {}, None, again=True).response.body

    def signed_in(self) -> "Merchant":
        """The merchant in the dashboard, with a session. Its requests are among those of the merchant."""
        token = self.post("/sessions", {"email": TEST_EMAIL, "password": TEST_PASSWORD}).response.body[
            "token"
        ]
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return replace(self, credentials=headers)

    def new_key(self) -> str:
        """A new idempotency key."""
        self._keys += 1
        return f"key-{self._keys}"

    def _request(self, method: str, path: str, body: Json, key: str | None, *, again: bool) -> Request:
        request = Request(method=method, path=path, body=body, key=key)
        self.requests.append(request)
        for tries in range(MAX_TRIES if again else 1):
            self.wire.scheduler.pause(min(MAX_PAUSE_S, 2.0**tries) if tries else 0)
            request.responses.append(self._once(request))
            if request.is_definite and request.response.status != 429:
                return request
        if again:
            raise GaveUpError(f"{method} {path}: {request.responses}")
        return request

    def _once(self, request: Request) -> Response | None:
        headers = {**self.credentials} | ({"Idempotency-Key": request.key} if request.key else {})
        raw = json.dumps(request.body).encode() if request.method != "GET" else b""

        def act() -> Response:
            response = self.lambdas.request(request.method, f"/api/v1{request.path}", headers, raw)
            return _parsed(response) if response else Response(502, "{}")

        try:
            return self.wire.exchange(
                Edge.API, f"{request.method} {request.path}", act, patience_s=PATIENCE_S
            )
        except NoAnswerError:
            return None


def _parsed(response: Any) -> Response:
    headers: Mapping[str, str] = response.headers
    return Response(
        response.status_code, response.body.decode(), headers.get("Idempotent-Replayed") == "true"
    )
