"""Response bodies of the webhook endpoint and of webhook logs."""

import json
from collections.abc import Sequence
from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.fields import PaymentId, Timestamp, WebhookEndpointId, WebhookLogId
from chalicelib.api.responses.view import IfAny, View
from chalicelib.domain.event import EventName, PayloadFormat
from chalicelib.domain.times import iso
from chalicelib.domain.webhook_endpoint import (
    MAX_ENDPOINTS,
    DisabledReason,
    EndpointStatus,
    WebhookEndpoint,
)
from chalicelib.domain.webhook_health import Health
from chalicelib.domain.webhook_log import MAX_SHOWN_ATTEMPTS, Trigger, WebhookLog, WebhookStatus
from chalicelib.services.webhooks import MAX_REPLAYED


class WebhookConfigView(View):
    """The webhook URL and the signing secret."""

    webhook_url: str | None
    webhook_secret: str
    disabled_at: Timestamp | None
    disabled_reason: str | None

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> Self:
        """The fields of ``endpoint``."""
        reason = f"{_reason(endpoint)} Save the URL to enable webhooks again."
        return cls(
            webhook_url=endpoint.url,
            webhook_secret=endpoint.secret,
            disabled_at=endpoint.disabled_at,
            disabled_reason=reason if endpoint.disabled_at else None,
        )


class EndpointHealthView(View):
    """The health of a webhook endpoint. ``success_rate_24h`` is from 0 to 1, null without attempts."""

    last_success_at: Timestamp | None
    last_failure_at: Timestamp | None
    success_rate_24h: float | None
    latency_ms_24h: int | None
    disabled_at: Timestamp | None
    disabled_reason: DisabledReason | None
    reason: str | None


class WebhookEndpointView(View):
    """A webhook endpoint. ``secret`` is present only when it was created or regenerated."""

    LOGGED_ID = "endpoint_id"

    id: WebhookEndpointId
    url: str | None
    events: Sequence[str]
    payload: PayloadFormat
    description: str | None
    status: EndpointStatus
    secret: IfAny[str] = None
    health: EndpointHealthView

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, health: Health) -> Self:
        """The fields of ``endpoint``, without its secret."""
        reason = f'{_reason(endpoint)} Set status to "enabled" to send webhooks again.'
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            events=sorted(endpoint.events),
            payload=endpoint.payload,
            description=endpoint.description,
            status=endpoint.status,
            health=EndpointHealthView(
                **vars(health),
                disabled_at=endpoint.disabled_at,
                disabled_reason=endpoint.disabled_reason,
                reason=reason if endpoint.disabled_at else None,
            ),
        )

    @classmethod
    def with_secret(cls, endpoint: WebhookEndpoint, health: Health) -> Self:
        """The fields of ``endpoint``, with its secret."""
        return cls.of(endpoint, health).model_copy(update={"secret": endpoint.secret})


class NewWebhookEndpointView(WebhookEndpointView):
    """A new webhook endpoint, with its secret."""

    STATUS = 201


class WebhookEndpointListView(View):
    """All webhook endpoints of the merchant, the default one first."""

    data: Sequence[WebhookEndpointView] = Field(max_length=MAX_ENDPOINTS)


class DeletedView(View):
    """The id of a deleted object."""

    id: WebhookEndpointId
    deleted: bool = True


class ReplayView(View):
    """A part of a replay. Send ``next_cursor`` as ``cursor`` to continue; it is null at the end."""

    replayed: int = Field(le=MAX_REPLAYED)
    next_cursor: str | None


def _reason(endpoint: WebhookEndpoint) -> str:
    if endpoint.disabled_reason is DisabledReason.REQUESTED:
        return "It was disabled on request."
    since = iso(endpoint.failing_since) if endpoint.failing_since else None
    return f"Nearly all webhooks failed since {since}."


class WebhookLogItem(View):
    """A webhook log in a list.

    ``retrying``: an attempt failed and another one follows. ``amount``, in minor units, is that of the refund
    or payment. ``error``: the problem of the last attempt, if it is more than a status.
    """

    LOGGED_ID = "log_id"

    id: WebhookLogId
    endpoint_id: WebhookEndpointId
    event: EventName
    payment_id: PaymentId | None
    amount: int | None
    currency: str | None
    status: WebhookStatus
    retrying: bool
    attempts: int
    created_at: Timestamp
    last_attempt_at: Timestamp | None
    next_retry_at: Timestamp | None
    response_code: int | None
    error: str | None

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The listed fields of ``log``."""
        return cls.model_validate(vars(log) | {"retrying": log.is_retrying})


class AttemptView(View):
    """One attempt of a webhook: the request and the response."""

    at: Timestamp
    trigger: Trigger
    url: str | None
    request_headers: dict[str, str]
    latency_ms: int
    response_code: int | None
    response_headers: dict[str, str] | None
    response_body: str | None
    response_truncated: bool
    response_headers_truncated: bool
    error: str | None


class WebhookLogView(WebhookLogItem):
    """A webhook log with its newest 50 attempts. ``body`` is the exact text that is signed and sent."""

    payload: dict[str, JsonValue]
    body: str
    attempt_log: Sequence[AttemptView] = Field(max_length=MAX_SHOWN_ATTEMPTS, description="Oldest first")

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The fields of ``log``."""
        attempts = [vars(attempt) for attempt in log.history]
        more = {"retrying": log.is_retrying, "payload": json.loads(log.body), "attempt_log": attempts}
        return cls.model_validate(vars(log) | more)


class WebhookSecretView(View):
    """The new signing secret."""

    webhook_secret: str


class WebhookTestView(View):
    """The webhook log of a test event."""

    STATUS = 201
    LOGGED_ID = "log_id"

    id: WebhookLogId
    event: EventName
    status: WebhookStatus

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The fields of the new ``log``."""
        return cls.model_validate(vars(log))


class WebhookRetryView(View):
    """A scheduled webhook retry."""

    LOGGED_ID = "log_id"

    id: WebhookLogId
    status: WebhookStatus
    message: str = "Webhook retry scheduled"

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The fields of the restarted ``log``."""
        return cls(id=log.id, status=log.status)
