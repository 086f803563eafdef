"""A merchant's program, which retries a request until it receives a definite response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET
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
class Answer:
    """A response of the API."""

    status: int
    text: str
    replayed: bool = False

    @property
    def body(self) -> Json:
        body: Json = json.loads(self.text)
        return body


@dataclass(kw_only=True)
class Ask:
    """A request of the merchant, and the response to each try, or None if it was lost."""

    method: str
    path: str
    body: Json
    key: str | None
    answers: list[Answer | None] = field(default_factory=list)

    @property
    def answer(self) -> Answer:
        """The response that counts."""
        return next(answer for answer in reversed(self.answers) if answer)

    @property
    def is_answered(self) -> bool:
        """Whether the merchant knows the result."""
        return bool(self.answers) and not _is_unknown(self.answers[-1])

    @property
    def is_in_doubt(self) -> bool:
        """Whether the request may have taken effect although no response says so.

        A 429 means that AWS throttled the last try of a request; the response to an earlier try may be lost.
        """
        return any(answer is None or _is_unknown(answer) or answer.status == 429 for answer in self.answers)

    @property
    def made(self) -> Json | None:
        """The created object."""
        return self.answer.body if self.is_answered and self.answer.status == 201 else None


def _is_unknown(answer: Answer | None) -> bool:
    return answer is None or answer.status >= 500


@dataclass(kw_only=True)
class Merchant:
    """Retries with the same idempotency key; a create request without a key is sent once."""

    wire: Wire
    lambdas: Lambdas
    asks: list[Ask] = field(default_factory=list)
    _keys: int = 0

    def post(self, path: str, body: Json | None = None, *, key: str | None = None, again: bool = True) -> Ask:
        """Send until there is a definite response; if ``again`` is False, send once."""
        return self._ask("POST", path, body or {}, key, again=again)

    def put(self, path: str, body: Json) -> Ask:
        """Update an object, and retry until there is a definite response."""
        return self._ask("PUT", path, body, None, again=True)

    def get(self, path: str) -> Json:
        """Read an object."""
        return self._ask("GET", path, {}, None, again=True).answer.body

    def new_key(self) -> str:
        """A new idempotency key."""
        self._keys += 1
        return f"key-{self._keys}"

    def _ask(self, method: str, path: str, body: Json, key: str | None, *, again: bool) -> Ask:
        ask = Ask(method=method, path=path, body=body, key=key)
        self.asks.append(ask)
        for tries in range(MAX_TRIES if again else 1):
            self.wire.scheduler.pause(min(MAX_PAUSE_S, 2.0**tries) if tries else 0)
            ask.answers.append(self._once(ask))
            if ask.is_answered and ask.answer.status != 429:
                return ask
        if again:
            raise GaveUpError(f"{method} {path}: {ask.answers}")
        return ask

    def _once(self, ask: Ask) -> Answer | None:
        headers = _CREDENTIALS | ({"Idempotency-Key": ask.key} if ask.key else {})
        raw = json.dumps(ask.body).encode() if ask.method != "GET" else b""

        def act() -> Answer:
            response = self.lambdas.request(ask.method, f"/api/v1{ask.path}", headers, raw)
            return _answer(response) if response else Answer(502, "{}")

        try:
            return self.wire.exchange(Edge.API, f"{ask.method} {ask.path}", act, patience_s=PATIENCE_S)
        except NoAnswerError:
            return None


def _answer(response: Any) -> Answer:
    headers: Mapping[str, str] = response.headers
    return Answer(response.status_code, response.body.decode(), headers.get("Idempotent-Replayed") == "true")
