"""The attributes of a webhook endpoint: in the row of a merchant, or in a separate row."""

from typing import Any

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute

from chalicelib.domain.event import PayloadFormat
from chalicelib.domain.webhook_endpoint import DisabledReason, WebhookEndpoint


class WebhookEndpointAttributes:
    """The attributes. A row of an earlier version has only the first six.

    ``webhook_events`` is absent until the subscription of a default endpoint is changed.
    """

    webhook_url = UnicodeAttribute(null=True)
    webhook_secret = UnicodeAttribute()
    previous_webhook_secret = UnicodeAttribute(null=True)
    previous_webhook_secret_until = UTCDateTimeAttribute(null=True)
    webhook_failing_since = UTCDateTimeAttribute(null=True)
    webhook_disabled_at = UTCDateTimeAttribute(null=True)
    webhook_disabled_reason = UnicodeAttribute(null=True)
    webhook_enabled_at = UTCDateTimeAttribute(null=True)
    webhook_events: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    webhook_payload = UnicodeAttribute(null=True)
    webhook_description = UnicodeAttribute(null=True)


def endpoint_attributes(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """The attributes of a new endpoint."""
    return {
        "webhook_url": endpoint.url,
        "webhook_secret": endpoint.secret,
        "webhook_events": None if _is_original(endpoint) else endpoint.events,
        "webhook_payload": endpoint.payload,
        "webhook_description": endpoint.description,
        "webhook_disabled_at": endpoint.disabled_at,
        "webhook_disabled_reason": endpoint.disabled_reason,
    }


def endpoint_from_attributes(row: WebhookEndpointAttributes, endpoint_id: str) -> WebhookEndpoint:
    """The endpoint of the row."""
    events = {"events": frozenset(row.webhook_events)} if row.webhook_events else {}
    reason = row.webhook_disabled_reason or DisabledReason.FAILING
    return WebhookEndpoint(
        id=endpoint_id,
        url=row.webhook_url,
        secret=row.webhook_secret,
        previous_secret=row.previous_webhook_secret,
        previous_secret_until=row.previous_webhook_secret_until,
        payload=PayloadFormat(row.webhook_payload or PayloadFormat.FULL),
        description=row.webhook_description,
        enabled_at=row.webhook_enabled_at,
        disabled_at=row.webhook_disabled_at,
        disabled_reason=DisabledReason(reason) if row.webhook_disabled_at else None,
        failing_since=row.webhook_failing_since if row.webhook_disabled_at else None,
        **events,
    )


def _is_original(endpoint: WebhookEndpoint) -> bool:
    return endpoint.events == WebhookEndpoint.events
