"""A check of a receiver: the requests that it sends, and the responses that pass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from chalicelib.domain.lab.samples import Samples

_MAX_LISTED = 3  # responses that a reason lists one by one
_NOT_REFUSALS = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class Scheme(StrEnum):
    """The signature that a receiver verifies: Standard Webhooks, or only ``X-Webhook-Signature``."""

    STANDARD = "standard"
    HEX = "hex"


class CheckName(StrEnum):
    """The checks, in the order in which they run."""

    VALID = "valid"
    EVERY_EVENT = "every-event"
    UNKNOWN_EVENT = "unknown-event"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out-of-order"
    LATE = "late"
    TWO_SECRETS = "two-secrets"
    IN_PIECES = "in-pieces"
    CONCURRENT = "concurrent"
    TAMPERED_BODY = "tampered-body"
    TAMPERED_HEADER = "tampered-header"
    TAMPERED_SIGNATURE = "tampered-signature"
    UNSIGNED = "unsigned"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - a name
    OLD_TIMESTAMP = "old-timestamp"
    FUTURE_TIMESTAMP = "future-timestamp"
    LARGE_BODY = "large-body"


class Expected(StrEnum):
    """The response that passes: 2xx; 4xx; or 4xx or a connection that the receiver closes."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    REFUSED_OR_CLOSED = "refused_or_closed"


class Status(StrEnum):
    """The result of a check. It is skipped if the receiver's signature scheme cannot pass it."""

    PASS = "pass"  # noqa: S105 - a status
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True)
class LabRequest:
    """One request. ``what`` describes it in reasons. ``in_pieces``: the body is sent with pauses."""

    what: str
    body: bytes
    headers: Mapping[str, str]
    expected: Expected = Expected.ACCEPTED
    in_pieces: bool = False


@dataclass(frozen=True, kw_only=True)
class Response:
    """The status of the receiver, or the ``error`` for which there is none.

    ``is_closed``: the connection ended before a complete response, and not because of a time-out.
    """

    code: int | None
    latency_ms: int
    error: str | None = None
    is_closed: bool = False


Rounds = Sequence[Sequence[LabRequest]]
"""The requests of a check. Those of one round are sent at the same time, the rounds one after another."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check. ``section`` is the heading of docs/webhooks.md that explains it.

    ``advice`` is what a check cannot see from outside. ``schemes``: receivers of other schemes cannot pass.
    """

    name: CheckName
    purpose: str
    section: str
    rounds: Callable[[Samples], Rounds]
    advice: str | None = None
    schemes: frozenset[Scheme] = frozenset(Scheme)


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The result of a check. ``latency_ms`` is that of the slowest response; None without a response."""

    check: Check
    status: Status
    reason: str
    latency_ms: int | None = None


def problem_of(request: LabRequest, response: Response) -> str | None:
    """Why the response fails the check; None if it passes."""
    if response.code is None:
        if response.is_closed and request.expected is Expected.REFUSED_OR_CLOSED:
            return None
        return f"no response to {request.what}: {response.error}"
    answered = f"answered {response.code} to {request.what}"
    if request.expected is Expected.ACCEPTED:
        return None if _is_accepted(response.code) else f"{answered}, expected 2xx"
    if response.code in _NOT_REFUSALS:
        return f"{answered}, which only delays it; expected 400"
    is_refused = HTTPStatus.BAD_REQUEST <= response.code < HTTPStatus.INTERNAL_SERVER_ERROR
    return None if is_refused else f"{answered}, expected 4xx"


def summary_of(requests: Sequence[LabRequest], responses: Sequence[Response]) -> str:
    """The responses of a passed check, in one phrase."""
    results = [str(response.code or "connection closed") for response in responses]
    if len(requests) > _MAX_LISTED:
        return f"{' or '.join(sorted(set(results)))} for all {len(requests)} webhooks"
    return ", ".join(
        f"{result} for {request.what}" for result, request in zip(results, requests, strict=True)
    )


def _is_accepted(code: int) -> bool:
    return HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES
