"""A webhook log: the delivery of one event to one endpoint, with all its attempts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.backoff import next_attempt_at
from chalicelib.domain.event import Event, PaymentEvent
from chalicelib.domain.ids import derived_uuid
from chalicelib.domain.transitions import Transitions
from chalicelib.domain.webhook_endpoint import DEFAULT_ID, EndpointKey, WebhookEndpoint

RETENTION = timedelta(days=90)
MAX_SHOWN_ATTEMPTS = 50  # the newest, read with a log: one page of a DynamoDB query, more than users view
MAX_EVENT_BYTES = 64 * 1024  # of a body; receivers may limit it, and the row stays far below 400 KB

SWITCHING_PROTOCOLS = 101
GONE = 410
RETRY_AFTER_CODES = frozenset({429, 503})
"""The status codes for which ``Retry-After`` is read."""


class WebhookStatus(StrEnum):
    """The status of a webhook log."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


WEBHOOK_TRANSITIONS: Transitions[WebhookStatus] = {
    WebhookStatus.PENDING: frozenset({WebhookStatus.PENDING, WebhookStatus.SUCCESS, WebhookStatus.FAILED}),
    WebhookStatus.SUCCESS: frozenset({WebhookStatus.PENDING}),  # a manual retry is possible in any state
    WebhookStatus.FAILED: frozenset({WebhookStatus.PENDING}),
}


class Trigger(StrEnum):
    """The trigger of an attempt."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One HTTP request of a webhook and its response, truncated to a limited size.

    Either ``response_code`` is set, or ``error`` is the reason for which it is not. ``retry_after_s`` is the
    delay that the receiver requested with the status 429 or 503.
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
        """Whether the receiver accepted the webhook: any 2xx status."""
        return self.response_code is not None and 200 <= self.response_code <= 299  # noqa: PLR2004

    @property
    def is_final(self) -> bool:
        """Whether no further attempt follows: the receiver accepted the webhook or returned 410 Gone."""
        return self.succeeded or self.response_code == GONE


@dataclass(frozen=True, kw_only=True)
class WebhookLog:
    """The delivery of one event to one endpoint.

    ``round`` is the number of manual retries. Each of them resets ``attempts`` to 0 and cancels the scheduled
    attempt. ``leased_until`` is set while a worker holds the next attempt. ``history`` contains the newest
    attempts if they were read with the log. ``amount``, in minor units, is that of the refund or payment;
    logs of earlier versions have none. ``error`` is the problem of the last attempt, if it has one.
    """

    id: str
    merchant_id: str
    endpoint_id: str = DEFAULT_ID
    event: str
    payment_id: str | None
    amount: int | None = None
    currency: str | None = None
    body: str
    created_at: datetime
    next_retry_at: datetime | None
    status: WebhookStatus = WebhookStatus.PENDING
    attempts: int = 0
    round: int = 0
    leased_until: datetime | None = None
    last_attempt_at: datetime | None = None
    response_code: int | None = None
    error: str | None = None
    history: tuple[Attempt, ...] = ()

    @property
    def endpoint(self) -> EndpointKey:
        """The key of the endpoint."""
        return EndpointKey(self.merchant_id, self.endpoint_id)

    @property
    def is_retrying(self) -> bool:
        """Whether an attempt failed and another one follows."""
        return self.status is WebhookStatus.PENDING and self.attempts > 0

    @property
    def trigger(self) -> Trigger:
        """The trigger of the next attempt."""
        return Trigger.MANUAL if self.round and not self.attempts else Trigger.SCHEDULED


@dataclass(frozen=True, kw_only=True)
class AttemptResult:
    """The state of the webhook log after an attempt."""

    status: WebhookStatus
    attempts: int
    next_retry_at: datetime | None


def log_for(event: Event, endpoint: WebhookEndpoint) -> WebhookLog:
    """The webhook log of an event for ``endpoint``, due immediately.

    If the endpoint is disabled, the log starts as failed and can be retried manually.
    """
    body = event.body(endpoint.payload)
    if len(body.encode()) > MAX_EVENT_BYTES:
        raise AssertionError(f"the event has {len(body.encode())} bytes: one of its fields has no limit")
    is_enabled = endpoint.disabled_at is None
    payment = event.payment if isinstance(event, PaymentEvent) else None
    refund = event.refund if isinstance(event, PaymentEvent) else None
    return WebhookLog(
        id=log_id(event.id, endpoint.id),
        merchant_id=event.merchant_id,
        endpoint_id=endpoint.id,
        event=event.name,
        payment_id=payment.id if payment else None,
        amount=refund.amount if refund else payment.money.amount if payment else None,
        currency=payment.money.currency if payment else None,
        body=body,
        created_at=event.at,
        next_retry_at=event.at if is_enabled else None,
        status=WebhookStatus.PENDING if is_enabled else WebhookStatus.FAILED,
    )


def log_id(event_id: str, endpoint_id: str) -> str:
    """The id of the log of an event for an endpoint. For the default endpoint it is the event's id."""
    return event_id if endpoint_id == DEFAULT_ID else derived_uuid(event_id, endpoint_id)


def evaluate(log: WebhookLog, attempt: Attempt, delays_s: tuple[int, ...]) -> AttemptResult:
    """The state of ``log`` after ``attempt``: delivered, due again, or permanently failed."""
    attempts = log.attempts + 1
    if attempt.succeeded:
        return AttemptResult(status=WebhookStatus.SUCCESS, attempts=attempts, next_retry_at=None)
    if attempt.is_final:
        return AttemptResult(status=WebhookStatus.FAILED, attempts=attempts, next_retry_at=None)
    due = next_attempt_at(delays_s, attempts=attempts, after=attempt.at, retry_after_s=attempt.retry_after_s)
    status = WebhookStatus.PENDING if due else WebhookStatus.FAILED
    return AttemptResult(status=status, attempts=attempts, next_retry_at=due)
