"""Idempotency keys: a repeated request creates one object and gets the same response."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from chalicelib.domain.card_number import holds_issued_number
from chalicelib.domain.errors import BadRequestError, IdempotencyKeyReusedError

IDEMPOTENCY_LIFE = timedelta(hours=24)
MAX_KEY_CHARS = 255
Created = TypeVar("Created")
_KEY = re.compile(rf"[\x20-\x7e]{{1,{MAX_KEY_CHARS}}}")


@dataclass(frozen=True, kw_only=True)
class StoredResponse:
    """The response to the first request with a key. It is replayed unchanged."""

    status: int
    body: str


@dataclass(frozen=True, kw_only=True)
class IdempotencyRecord:
    """The first use of a key. It is written in the same transaction as the object that it created.

    ``id`` contains the merchant, the scope and the key.
    """

    id: str
    fingerprint: str
    response: StoredResponse
    expires_at: datetime

    def replay(self, *, fingerprint: str) -> StoredResponse:
        """The stored response. Raises IdempotencyKeyReusedError for a different request."""
        if self.fingerprint != fingerprint:
            raise IdempotencyKeyReusedError
        return self.response


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """The idempotency key of a request.

    ``scope`` is the route. On a public route it is also the order, because its buyer chooses the key.
    ``fingerprint`` identifies the request.
    """

    key: str
    scope: str
    fingerprint: str

    def record_id(self, merchant_id: str) -> str:
        """The id of the record of this key."""
        return f"{merchant_id}#{self.scope}#{self.key}"

    def record(self, merchant_id: str, response: StoredResponse, *, now: datetime) -> IdempotencyRecord:
        """The record to write for the first use at ``now``."""
        return IdempotencyRecord(
            id=self.record_id(merchant_id),
            fingerprint=self.fingerprint,
            response=response,
            expires_at=now + IDEMPOTENCY_LIFE,
        )


class AlreadyCreatedError(Exception):
    """An earlier request with the same idempotency key created the object. ``response`` is its response."""

    def __init__(self, response: StoredResponse) -> None:
        super().__init__("the idempotency key was used before")
        self.response = response


@dataclass(frozen=True, kw_only=True)
class Idempotency(Generic[Created]):
    """The idempotency key of a request, if it has one, and the function that renders the stored response."""

    key: IdempotencyKey | None
    respond: Callable[[Created], StoredResponse]

    def record(self, created: Created, merchant_id: str, *, now: datetime) -> IdempotencyRecord | None:
        """The record to write together with ``created``. None without a key."""
        return self.key.record(merchant_id, self.respond(created), now=now) if self.key else None

    def check(self, earlier: IdempotencyRecord | None) -> None:
        """Raise AlreadyCreatedError if there is an ``earlier`` use of the key.

        Raises IdempotencyKeyReusedError if that was a different request.
        """
        if earlier and self.key:
            raise AlreadyCreatedError(earlier.replay(fingerprint=self.key.fingerprint))


def parse_key(text: str | None) -> str | None:
    """The key in the header ``text``; None if it is absent or empty. Raises BadRequestError if not valid."""
    if not text:
        return None
    if not _KEY.fullmatch(text):
        raise BadRequestError(
            f"Idempotency-Key must be 1 to {MAX_KEY_CHARS} printable ASCII characters",
            field="Idempotency-Key",
        )
    if holds_issued_number(text):
        raise BadRequestError("Idempotency-Key must not contain a card number", field="Idempotency-Key")
    return text


def fingerprint_of(request: Mapping[str, Any]) -> str:
    """A hash of the content of ``request``, independent of spelling and field order.

    ``request`` must not contain data that must not be stored: the hash of a card number reveals the number.
    """
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
