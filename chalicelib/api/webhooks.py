"""The routes of webhooks."""

from collections.abc import Mapping
from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.cursor import Cursor, decode_cursor, encode_cursor
from chalicelib.api.lists import list_page
from chalicelib.api.queries import WebhooksQuery
from chalicelib.api.requests import (
    ChangeWebhookEndpointBody,
    NewWebhookEndpointBody,
    ReplayedStatus,
    ReplayWebhooksBody,
    TestWebhookEndpointBody,
    WebhookConfigBody,
)
from chalicelib.api.responses.view import ListView
from chalicelib.api.responses.webhooks import (
    DeletedView,
    NewWebhookEndpointView,
    ReplayView,
    WebhookConfigView,
    WebhookEndpointListView,
    WebhookEndpointView,
    WebhookLogItem,
    WebhookLogView,
    WebhookRetryView,
    WebhookSecretView,
    WebhookTestView,
)
from chalicelib.api.route import Route
from chalicelib.domain.audit import AuditAction as Audit
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.event import EventName
from chalicelib.domain.webhook_endpoint import EndpointKey, WebhookEndpoint
from chalicelib.domain.webhook_health import NO_HEALTH
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.domain.webhook_url import check_new_webhook_url
from chalicelib.services.webhook_endpoints import NewEndpoint
from chalicelib.services.webhooks import ReplayRequest

ENDPOINT = "/api/v1/webhooks/endpoints/{endpoint_id}"


def list_webhooks(call: Call, query: WebhooksQuery) -> ListView[WebhookLogItem]:
    """List the merchant's webhook logs, newest first."""
    return list_page(call, query, call.gateway.stores.webhook_logs, WebhookLogItem.of)


def get_config(call: Call) -> WebhookConfigView:
    """Get the webhook URL and the signing secret of the default endpoint."""
    return WebhookConfigView.of(call.gateway.webhook_endpoints.get(EndpointKey(call.merchant.id)))


def put_config(call: Call, body: WebhookConfigBody) -> WebhookConfigView:
    """Set or remove the webhook URL of the default endpoint."""
    _check_url(call, body.webhook_url, "webhook_url")
    return WebhookConfigView.of(call.gateway.webhook_endpoints.set_url(call.merchant.id, body.webhook_url))


def regenerate_secret(call: Call) -> WebhookSecretView:
    """Create a new signing secret. For 24 hours webhooks are also signed with the previous one."""
    endpoint = call.gateway.webhook_endpoints.regenerate_secret(EndpointKey(call.merchant.id))
    return WebhookSecretView(webhook_secret=endpoint.secret)


def send_test(call: Call) -> WebhookTestView:
    """Send `webhook.test` to the webhook URL."""
    return _send_test(call, EndpointKey(call.merchant.id), EventName.WEBHOOK_TEST, {})


def list_endpoints(call: Call) -> WebhookEndpointListView:
    """List the webhook endpoints, the default one first."""
    endpoints = call.gateway.webhook_endpoints.all(call.merchant.id)
    return WebhookEndpointListView(data=[_view(call, endpoint) for endpoint in endpoints])


def create_endpoint(call: Call, body: NewWebhookEndpointBody) -> NewWebhookEndpointView:
    """Create a webhook endpoint, and get its signing secret. A merchant has at most 16."""
    _check_url(call, body.url)
    new = NewEndpoint(
        url=body.url,
        events=frozenset(body.events),
        payload=body.payload,
        description=body.description,
        status=body.status,
    )

    def view(endpoint: WebhookEndpoint) -> NewWebhookEndpointView:
        return NewWebhookEndpointView.with_secret(endpoint, NO_HEALTH)

    idempotency = call.idempotency(body.model_dump(mode="json"), view)
    return view(call.gateway.webhook_endpoints.create(call.merchant.id, new, idempotency))


def get_endpoint(call: Call) -> WebhookEndpointView:
    """Get a webhook endpoint and its health."""
    return _view(call, call.gateway.webhook_endpoints.get(_key(call)))


def change_endpoint(call: Call, body: ChangeWebhookEndpointBody) -> WebhookEndpointView:
    """Change a webhook endpoint: the fields that the body contains."""
    changes = body.model_dump(exclude_unset=True)
    _check_url(call, changes.get("url"))
    return _view(call, call.gateway.webhook_endpoints.change(_key(call), changes))


def delete_endpoint(call: Call) -> DeletedView:
    """Delete a webhook endpoint. Its deliveries that wait for an attempt end as failed."""
    key = _key(call)
    call.gateway.webhook_endpoints.delete(key)
    return DeletedView(id=key.endpoint_id)


def regenerate_endpoint_secret(call: Call) -> WebhookEndpointView:
    """Create a new signing secret. For 24 hours webhooks are also signed with the previous one."""
    key = _key(call)
    endpoint = call.gateway.webhook_endpoints.regenerate_secret(key)
    return WebhookEndpointView.with_secret(endpoint, call.gateway.webhook_endpoints.health_of(key))


def test_endpoint(call: Call, body: TestWebhookEndpointBody) -> WebhookTestView:
    """Send a sample event to a webhook endpoint, whatever its subscription is."""
    key = _key(call)
    return _send_test(call, key, body.event, {"endpoint_id": key.endpoint_id, "event": body.event})


def replay_webhooks(call: Call, body: ReplayWebhooksBody) -> ReplayView:
    """Send webhooks of an endpoint again, up to 100 per request and newest first.

    If `next_cursor` is not null, there are more: repeat the request with it as `cursor`.
    """
    key = _key(call)
    call.gateway.webhook_endpoints.get(key)
    request = ReplayRequest(
        since=body.since,
        until=body.until,
        status=WebhookStatus.FAILED if body.status is ReplayedStatus.FAILED else None,
        after=decode_cursor(body.cursor).key if body.cursor else None,
    )
    replayed = call.gateway.webhooks.replay(key, request)
    next_cursor = encode_cursor(Cursor(key=replayed.next_key)) if replayed.next_key else None
    return ReplayView(replayed=replayed.count, next_cursor=next_cursor)


def get_webhook(call: Call) -> WebhookLogView:
    """Get a webhook log with its payload and its newest 50 attempts."""
    return WebhookLogView.of(call.gateway.webhooks.get(call.merchant.id, call.path["log_id"]))


def retry_webhook(call: Call) -> WebhookRetryView:
    """Retry a webhook now."""
    return WebhookRetryView.of(call.gateway.webhooks.retry(call.merchant.id, call.path["log_id"]))


def _key(call: Call) -> EndpointKey:
    return EndpointKey(call.merchant.id, call.path["endpoint_id"])


def _view(call: Call, endpoint: WebhookEndpoint) -> WebhookEndpointView:
    key = EndpointKey(call.merchant.id, endpoint.id)
    return WebhookEndpointView.of(endpoint, call.gateway.webhook_endpoints.health_of(key))


def _check_url(call: Call, url: str | None, field: str = "url") -> None:
    """Raise BadRequestError that names ``field`` if webhooks cannot be sent to ``url``."""
    if url is not None:
        allow_private = call.gateway.settings.allow_private_webhook_addresses
        check_new_webhook_url(url, allow_private=allow_private, field=field)


def _send_test(call: Call, key: EndpointKey, name: EventName, request: Mapping[str, Any]) -> WebhookTestView:
    endpoint = call.gateway.webhook_endpoints.get(key)
    idempotency = call.idempotency(request, WebhookTestView.of)
    return WebhookTestView.of(call.gateway.webhooks.send_test(key.merchant_id, endpoint, name, idempotency))


ROUTES = [
    Route("GET", "/api/v1/webhooks", list_webhooks),
    Route("GET", "/api/v1/webhooks/config", get_config),
    Route("PUT", "/api/v1/webhooks/config", put_config, audit=Audit.CHANGE_WEBHOOK_URL),
    Route("POST", "/api/v1/webhooks/secret/regenerate", regenerate_secret, audit=Audit.REGENERATE_SECRET),
    Route("POST", "/api/v1/webhooks/test", send_test, idempotent=True, raises=(BadRequestError,)),
    Route("GET", "/api/v1/webhooks/endpoints", list_endpoints),
    Route(
        "POST",
        "/api/v1/webhooks/endpoints",
        create_endpoint,
        idempotent=True,
        audit=Audit.CREATE_ENDPOINT,
    ),
    Route("GET", ENDPOINT, get_endpoint),
    Route("PATCH", ENDPOINT, change_endpoint, audit=Audit.CHANGE_ENDPOINT),
    Route("DELETE", ENDPOINT, delete_endpoint, raises=(BadRequestError,), audit=Audit.DELETE_ENDPOINT),
    Route(
        "POST",
        f"{ENDPOINT}/secret/regenerate",
        regenerate_endpoint_secret,
        audit=Audit.REGENERATE_SECRET,
    ),
    Route("POST", f"{ENDPOINT}/test", test_endpoint, idempotent=True),
    Route("POST", f"{ENDPOINT}/replay", replay_webhooks),
    Route("GET", "/api/v1/webhooks/{log_id}", get_webhook),
    Route("POST", "/api/v1/webhooks/{log_id}/retry", retry_webhook),
]
