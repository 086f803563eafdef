"""Webhook logs of a merchant, for tests of the list and of retries."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from chalicelib.domain.clock import utc_now
from chalicelib.domain.webhook_log import WebhookStatus
from tests.api.client import Api, Json, shown
from tests.cloud import Cloud
from tests.domain.examples import webhook_log


def url_of(merchant: Api) -> str:
    """A URL unique to the merchant."""
    return f"https://{merchant.merchant_id}.example/webhook"


def set_url(merchant: Api, url: str | None = None) -> None:
    """Set the merchant's webhook URL to ``url``; by default to a unique one."""
    shown(merchant.put("/webhooks/config", {"webhook_url": url or url_of(merchant)}))


def create_webhook_logs(cloud: Cloud, merchant: Api, *, count: int = 1, **changes: Any) -> None:
    """Create delivered webhook logs, one second apart, with ``changes``, and without their payments."""
    done: Json = {"status": WebhookStatus.SUCCESS, "attempts": 1, "next_retry_at": None}
    for number in range(count):
        at = utc_now() + timedelta(seconds=number)
        identity: Json = {"id": str(uuid4()), "merchant_id": merchant.merchant_id, "created_at": at}
        assert cloud.gateway.relay.logs.create(webhook_log(**done | identity | changes))
    cloud.relay()  # updates the counters


def listed(merchant: Api, query: str = "") -> list[Json]:
    """The data of ``GET /webhooks``."""
    logs: list[Json] = shown(merchant.get(f"/webhooks{query}"))["data"]
    return logs
