"""Idempotency keys: the same request twice makes one object and gets one answer."""

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
    """An answer as it was first given, to be given again letter for letter."""

    status: int
    body: str


@dataclass(frozen=True, kw_only=True)
class IdempotencyRecord:
    """What is kept of a first use, in the same transaction as the object it made.

    ``id`` holds the merchant and the scope of the key.
    """

    id: str
    fingerprint: str
    response: StoredResponse
    expires_at: datetime

    def replay(self, *, fingerprint: str) -> StoredResponse:
        """The first answer again; raises IdempotencyKeyReusedError for a different request."""
        if self.fingerprint != fingerprint:
            raise IdempotencyKeyReusedError
        return self.response


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """A key that came with a request: which record it is, and of which request.

    ``scope`` is the route. On a public route it is also the order, whose buyers choose the keys.
    """

    key: str
    scope: str
    fingerprint: str

    def record_id(self, merchant_id: str) -> str:
        """The id of the merchant's record of this key."""
        return f"{merchant_id}#{self.scope}#{self.key}"

    def record(self, merchant_id: str, response: StoredResponse, *, now: datetime) -> IdempotencyRecord:
        """The record that a first use at ``now`` writes."""
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
    """The idempotency key of a request, if it has one, and how to make the response that is stored for it."""

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
    """The key of the header's text: None when absent or empty; raises when it cannot be a key."""
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
    """What tells one request from another: a hash over its meaning, without spelling or field order.

    ``request`` must hold nothing that may not be kept: a hash of a card number is a card number.
    """
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
