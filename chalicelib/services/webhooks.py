"""Webhook logs of a merchant: get a log, retry a webhook, send a test event."""

from dataclasses import dataclass
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import sample_event
from chalicelib.domain.idempotency import Idempotency
from chalicelib.domain.ids import new_id
from chalicelib.domain.merchant import WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookLog, log_for
from chalicelib.observability import logger
from chalicelib.store.webhook_logs import WebhookLogStore


@dataclass(frozen=True, kw_only=True)
class WebhookService:
    """The webhook logs of all merchants."""

    logs: WebhookLogStore
    clock: Clock
    random: Random

    def get(self, merchant_id: str, log_id: str) -> WebhookLog:
        """The log with its newest attempts. 2 requests. Raises NotFoundError."""
        log = self.logs.get(log_id, merchant_id)
        if log is None:
            raise NotFoundError("Webhook log")
        return log

    def retry(self, merchant_id: str, log_id: str) -> WebhookLog:
        """Restart the attempts of the log now, in any state. 1 request. Raises NotFoundError."""
        log = self.logs.restart(log_id, merchant_id, now=self.clock())
        if log is None:
            raise NotFoundError("Webhook log")
        logger.info("webhook retry requested", webhook_log_id=log.id)
        return log

    def send_test(
        self, merchant_id: str, endpoint: WebhookEndpoint, idempotency: Idempotency[WebhookLog]
    ) -> WebhookLog:
        """Send ``webhook.test`` to the merchant. 1 request.

        Raises AlreadyCreatedError, and BadRequestError if no webhook URL is set.
        """
        if endpoint.url is None:
            raise BadRequestError("Webhook URL is not configured", field="webhook_url")
        now = self.clock()
        log = log_for(sample_event(new_id("pay_", self.random), merchant_id, now))
        record = idempotency.record(log, merchant_id, now=now)
        idempotency.check(self.logs.create_idempotent(log, record, now=now))
        return log
