"""``/webhooks``."""

from chalicelib.api.call import Call
from chalicelib.api.lists import Listing
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
from chalicelib.api.routing import Router
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.webhook_url import check_new_webhook_url
from chalicelib.services.once import Answer


def add_routes(routes: Router) -> None:
    """Register the addresses of webhooks."""
    routes.get("/api/v1/webhooks", takes=WebhooksQuery, returns=ListView[WebhookLogItem])(list_webhooks)
    routes.get("/api/v1/webhooks/config", returns=WebhookConfigView)(get_config)
    routes.put("/api/v1/webhooks/config", takes=WebhookConfigBody, returns=WebhookConfigView)(put_config)
    routes.post("/api/v1/webhooks/secret/regenerate", returns=WebhookSecretView)(regenerate_secret)
    routes.post("/api/v1/webhooks/test", returns=WebhookTestView, once=True, raises=(BadRequestError,))(
        send_test
    )
    routes.get("/api/v1/webhooks/{log_id}", returns=WebhookLogView)(get_webhook)
    routes.post("/api/v1/webhooks/{log_id}/retry", returns=WebhookRetryView)(retry_webhook)


def list_webhooks(call: Call, asked: WebhooksQuery) -> ListView[WebhookLogItem]:
    """List the merchant's webhook logs, newest first."""
    listing = Listing(read=call.gateway.webhooks.page, show=WebhookLogItem.of, counted_as="webhooks")
    return listing.answer(call, asked)


def get_config(call: Call) -> WebhookConfigView:
    """Look at where webhooks go, and what signs them."""
    return WebhookConfigView.of(call.gateway.merchants.webhook_endpoint(call.merchant.id))


def put_config(call: Call, body: WebhookConfigBody) -> WebhookConfigView:
    """Send webhooks elsewhere, or nowhere."""
    url = body.webhook_url
    if url is not None:
        check_new_webhook_url(url, allow_private=call.gateway.settings.allow_private_webhook_addresses)
    return WebhookConfigView.of(call.gateway.merchants.set_webhook_url(call.merchant.id, url))


def regenerate_secret(call: Call) -> WebhookSecretView:
    """Sign with a new secret; for a day with the old one too."""
    endpoint = call.gateway.merchants.regenerate_webhook_secret(call.merchant.id)
    return WebhookSecretView(webhook_secret=endpoint.secret)


def send_test(call: Call) -> Answer:
    """Send `webhook.test` to the merchant's URL."""
    endpoint = call.gateway.merchants.webhook_endpoint(call.merchant.id)
    return call.gateway.webhooks.send_test(call.merchant.id, endpoint, call.once({}, WebhookTestView.of))


def get_webhook(call: Call) -> WebhookLogView:
    """Get a webhook log with its payload and its newest 50 attempts."""
    return WebhookLogView.of(call.gateway.webhooks.get(call.merchant.id, call.path["log_id"]))


def retry_webhook(call: Call) -> WebhookRetryView:
    """Send a webhook again, now."""
    return WebhookRetryView.of(call.gateway.webhooks.retry(call.merchant.id, call.path["log_id"]))
