"""A webhook log: one event owed to one merchant, and every attempt at delivering it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.backoff import next_attempt_at
from chalicelib.domain.event import Event
from chalicelib.domain.transitions import Transitions

RETENTION = timedelta(days=90)
MAX_SHOWN_ATTEMPTS = 50  # the newest, read with a log: one page of DynamoDB, and more than anybody looks at
MAX_EVENT_BYTES = 64 * 1024  # of a body, which receivers may limit; the log's row stays far below 400 KB

SWITCHING_PROTOCOLS = 101
GONE = 410
ASKING_FOR_TIME = frozenset({429, 503})


class WebhookStatus(StrEnum):
    """Where a webhook stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


WEBHOOK_TRANSITIONS: Transitions[WebhookStatus] = {
    WebhookStatus.PENDING: frozenset({WebhookStatus.PENDING, WebhookStatus.SUCCESS, WebhookStatus.FAILED}),
    WebhookStatus.SUCCESS: frozenset({WebhookStatus.PENDING}),  # a manual retry starts anew from any state
    WebhookStatus.FAILED: frozenset({WebhookStatus.PENDING}),
}


class Trigger(StrEnum):
    """What an attempt was made by."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One HTTP request of a webhook and what came back, cut to bounded size.

    Either ``response_code`` is set, or ``error`` says why there is none. ``retry_after_s`` is what a
    receiver that answered 429 or 503 asked for.
    """

    at: datetime
    trigger: Trigger
    url: str | None
    request_headers: Mapping[str, str]
    latency_ms: int
    response_code: int | None = None
    response_headers: Mapping[str, str] | None = None
    response_body: str | None = None
    response_truncated: bool = False
    response_headers_truncated: bool = False
    error: str | None = None
    retry_after_s: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the webhook: any 2xx."""
        return self.response_code is not None and 200 <= self.response_code <= 299  # noqa: PLR2004

    @property
    def is_final(self) -> bool:
        """Whether the receiver wants no further attempt: it took the webhook, or says 410 Gone."""
        return self.succeeded or self.response_code == GONE


@dataclass(frozen=True, kw_only=True)
class WebhookLog:
    """One event owed to one merchant.

    ``round`` counts the manual retries: each starts the attempts at 0 again and voids what was
    scheduled before. ``leased_until`` is set while a worker holds the next attempt. ``history`` holds the
    newest attempts where they were read with the log.
    """

    id: str
    merchant_id: str
    event: str
    payment_id: str
    body: str
    created_at: datetime
    next_retry_at: datetime | None
    status: WebhookStatus = WebhookStatus.PENDING
    attempts: int = 0
    round: int = 0
    leased_until: datetime | None = None
    last_attempt_at: datetime | None = None
    response_code: int | None = None
    history: tuple[Attempt, ...] = ()

    @property
    def trigger(self) -> Trigger:
        """What makes the next attempt."""
        return Trigger.MANUAL if self.round and not self.attempts else Trigger.SCHEDULED


@dataclass(frozen=True, kw_only=True)
class AttemptResult:
    """What follows from an attempt."""

    status: WebhookStatus
    attempts: int
    next_retry_at: datetime | None


def log_for(event: Event, *, is_enabled: bool = True) -> WebhookLog:
    """The webhook log of an event, due at once.

    If the endpoint is not enabled, the log starts as failed and can be retried manually.
    """
    body = event.body()
    if len(body.encode()) > MAX_EVENT_BYTES:
        raise AssertionError(f"an event has {len(body.encode())} bytes: one of its texts has no limit")
    return WebhookLog(
        id=event.id,
        merchant_id=event.payment.merchant_id,
        event=event.name,
        payment_id=event.payment.id,
        body=body,
        created_at=event.at,
        next_retry_at=event.at if is_enabled else None,
        status=WebhookStatus.PENDING if is_enabled else WebhookStatus.FAILED,
    )


def evaluate(log: WebhookLog, attempt: Attempt, delays_s: tuple[int, ...]) -> AttemptResult:
    """Where ``log`` stands after ``attempt``: delivered, due again, or failed for good."""
    attempts = log.attempts + 1
    if attempt.succeeded:
        return AttemptResult(status=WebhookStatus.SUCCESS, attempts=attempts, next_retry_at=None)
    if attempt.is_final:
        return AttemptResult(status=WebhookStatus.FAILED, attempts=attempts, next_retry_at=None)
    due = next_attempt_at(delays_s, attempts=attempts, after=attempt.at, asked_s=attempt.retry_after_s)
    status = WebhookStatus.PENDING if due else WebhookStatus.FAILED
    return AttemptResult(status=status, attempts=attempts, next_retry_at=due)
