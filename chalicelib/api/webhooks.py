"""The routes of webhooks."""

from chalicelib.api.call import Call
from chalicelib.api.lists import list_page
from chalicelib.api.queries import WebhooksQuery
from chalicelib.api.requests import WebhookConfigBody
from chalicelib.api.responses.view import ListView
from chalicelib.api.responses.webhooks import (
    WebhookConfigView,
    WebhookLogItem,
    WebhookLogView,
    WebhookRetryView,
    WebhookSecretView,
    WebhookTestView,
)
from chalicelib.api.route import Route
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.webhook_url import check_new_webhook_url


def list_webhooks(call: Call, query: WebhooksQuery) -> ListView[WebhookLogItem]:
    """List the merchant's webhook logs, newest first."""
    return list_page(call, query, call.gateway.lists.webhook_logs, WebhookLogItem.of)


def get_config(call: Call) -> WebhookConfigView:
    """Get the webhook URL and the signing secret."""
    return WebhookConfigView.of(call.gateway.merchants.webhook_endpoint(call.merchant.id))


def put_config(call: Call, body: WebhookConfigBody) -> WebhookConfigView:
    """Set or remove the webhook URL."""
    url = body.webhook_url
    if url is not None:
        check_new_webhook_url(url, allow_private=call.gateway.settings.allow_private_webhook_addresses)
    return WebhookConfigView.of(call.gateway.merchants.set_webhook_url(call.merchant.id, url))


def regenerate_secret(call: Call) -> WebhookSecretView:
    """Create a new signing secret. For 24 hours webhooks are also signed with the previous one."""
    endpoint = call.gateway.merchants.regenerate_webhook_secret(call.merchant.id)
    return WebhookSecretView(webhook_secret=endpoint.secret)


def send_test(call: Call) -> WebhookTestView:
    """Send `webhook.test` to the webhook URL."""
    endpoint = call.gateway.merchants.webhook_endpoint(call.merchant.id)
    idempotency = call.idempotency({}, WebhookTestView.of)
    return WebhookTestView.of(call.gateway.webhooks.send_test(call.merchant.id, endpoint, idempotency))


def get_webhook(call: Call) -> WebhookLogView:
    """Get a webhook log with its payload and its newest 50 attempts."""
    return WebhookLogView.of(call.gateway.webhooks.get(call.merchant.id, call.path["log_id"]))


def retry_webhook(call: Call) -> WebhookRetryView:
    """Retry a webhook now."""
    return WebhookRetryView.of(call.gateway.webhooks.retry(call.merchant.id, call.path["log_id"]))


ROUTES = [
    Route("GET", "/api/v1/webhooks", list_webhooks),
    Route("GET", "/api/v1/webhooks/config", get_config),
    Route("PUT", "/api/v1/webhooks/config", put_config),
    Route("POST", "/api/v1/webhooks/secret/regenerate", regenerate_secret),
    Route("POST", "/api/v1/webhooks/test", send_test, idempotent=True, raises=(BadRequestError,)),
    Route("GET", "/api/v1/webhooks/{log_id}", get_webhook),
    Route("POST", "/api/v1/webhooks/{log_id}/retry", retry_webhook),
]
