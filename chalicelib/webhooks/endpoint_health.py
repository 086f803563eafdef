"""The health of webhook endpoints: an endpoint that fails for days is disabled."""

from dataclasses import dataclass

from chalicelib.domain.merchant import WebhookEndpoint
from chalicelib.domain.webhook_log import Attempt
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore


@dataclass(frozen=True, kw_only=True)
class EndpointHealth:
    """Records when an endpoint starts and stops failing."""

    merchants: MerchantStore

    def record(self, merchant_id: str, endpoint: WebhookEndpoint, attempt: Attempt) -> None:
        """Update the health of ``endpoint`` after ``attempt``. 1 request, none if nothing changes."""
        if attempt.succeeded:
            if endpoint.failing_since:
                self.merchants.record_webhook_success(merchant_id, endpoint.failing_since)
        elif endpoint.failing_since is None:
            self.merchants.record_webhook_failure(merchant_id, attempt.at)
        elif endpoint.must_be_disabled(attempt.at) and self.merchants.disable_webhooks(
            merchant_id, endpoint.failing_since, now=attempt.at
        ):
            logger.warning("webhook endpoint disabled", merchant_id=merchant_id)
