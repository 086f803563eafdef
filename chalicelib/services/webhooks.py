"""Webhooks as their merchant sees them: list what was owed, look at one, send one again, try the URL."""

from dataclasses import dataclass
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import test_event
from chalicelib.domain.ids import new_id
from chalicelib.domain.merchant import WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookLog, owed
from chalicelib.observability import logger
from chalicelib.services.once import Answer, Once
from chalicelib.store.lists import ListQuery, Page
from chalicelib.store.webhook_logs import WebhookLogStore


@dataclass(frozen=True, kw_only=True)
class WebhookService:
    """The webhook logs of all merchants."""

    logs: WebhookLogStore
    clock: Clock
    random: Random

    def page(self, query: ListQuery) -> Page[WebhookLog]:
        """Some of a merchant's logs, newest first. 1 request."""
        return self.logs.page(query)

    def get(self, merchant_id: str, log_id: str) -> WebhookLog:
        """One of the merchant's logs with its newest attempts. 2 requests. Raises NotFoundError."""
        log = self.logs.get(log_id, merchant_id)
        if log is None:
            raise NotFoundError("Webhook log")
        return log

    def retry(self, merchant_id: str, log_id: str) -> WebhookLog:
        """Start the log's attempts again, now, whatever its state. 1 request. Raises NotFoundError."""
        log = self.logs.restart(log_id, merchant_id, now=self.clock())
        if log is None:
            raise NotFoundError("Webhook log")
        logger.info("webhook retry asked for", webhook_log_id=log.id)
        return log

    def send_test(self, merchant_id: str, endpoint: WebhookEndpoint, once: Once[WebhookLog]) -> Answer:
        """Owe the merchant a ``webhook.test``. 1 request. Raises BadRequestError without a URL."""
        if endpoint.url is None:
            raise BadRequestError("Webhook URL is not configured", field="webhook_url")
        now = self.clock()
        log = owed(test_event(new_id("pay_", self.random), merchant_id, now))
        return once.run(log, merchant_id, now=now, write=self.logs.create_once)
