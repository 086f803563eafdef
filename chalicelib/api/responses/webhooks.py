"""Response bodies of the webhook endpoint and of webhook logs."""

import json
from collections.abc import Sequence
from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.fields import Timestamp, WebhookLogId
from chalicelib.api.responses.view import View
from chalicelib.domain.event import EventName
from chalicelib.domain.merchant import WebhookEndpoint
from chalicelib.domain.times import iso
from chalicelib.domain.webhook_log import MAX_SHOWN_ATTEMPTS, Trigger, WebhookLog, WebhookStatus


class WebhookConfigView(View):
    """The webhook URL and the signing secret."""

    webhook_url: str | None
    webhook_secret: str
    disabled_at: Timestamp | None
    disabled_reason: str | None

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> Self:
        """The fields of ``endpoint``."""
        since = iso(endpoint.failing_since) if endpoint.failing_since else None
        return cls(
            webhook_url=endpoint.url,
            webhook_secret=endpoint.secret,
            disabled_at=endpoint.disabled_at,
            disabled_reason=(
                f"No webhook was accepted since {since}. Save the URL to enable webhooks again."
                if endpoint.disabled_at
                else None
            ),
        )


class WebhookLogItem(View):
    """A webhook log in a list."""

    id: WebhookLogId
    event: EventName
    status: WebhookStatus
    attempts: int
    created_at: Timestamp
    last_attempt_at: Timestamp | None
    next_retry_at: Timestamp | None
    response_code: int | None

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The listed fields of ``log``."""
        return cls.model_validate(vars(log))


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
        return cls.model_validate(vars(log) | {"payload": json.loads(log.body), "attempt_log": attempts})


class WebhookSecretView(View):
    """The new signing secret."""

    webhook_secret: str


class WebhookTestView(View):
    """The webhook log of a test event."""

    STATUS = 201

    id: WebhookLogId
    event: EventName
    status: WebhookStatus

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The fields of the new ``log``."""
        return cls.model_validate(vars(log))


class WebhookRetryView(View):
    """A scheduled webhook retry."""

    id: WebhookLogId
    status: WebhookStatus
    message: str = "Webhook retry scheduled"

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The fields of the restarted ``log``."""
        return cls(id=log.id, status=log.status)
