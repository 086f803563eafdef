"""Webhook logs of a merchant: get a log, retry or replay webhooks, send a test event."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import EventName
from chalicelib.domain.idempotency import Idempotency
from chalicelib.domain.sample_event import sample_event
from chalicelib.domain.webhook_endpoint import EndpointKey, WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus, log_for
from chalicelib.jobs.concurrent import run_concurrently
from chalicelib.observability import logger
from chalicelib.store.lists import ListQuery
from chalicelib.store.webhook_logs import WebhookLogStore

MAX_REPLAYED = 100  # of one request: some seconds at most
_CONCURRENCY = 10


@dataclass(frozen=True, kw_only=True)
class ReplayRequest:
    """The logs to replay: created from ``since`` until ``until``, with ``status`` unless it is None.

    ``after`` is the ``next_key`` of the previous request.
    """

    since: datetime
    until: datetime | None
    status: WebhookStatus | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """The number of restarted logs. ``next_key`` continues the replay, None at the end."""

    count: int
    next_key: str | None


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

    def replay(self, endpoint: EndpointKey, request: ReplayRequest) -> Replayed:
        """Restart the attempts of up to MAX_REPLAYED logs of the endpoint, newest first.

        1 request for each log, and those of a page of the list.
        """
        filters = {"endpoint_id": endpoint.endpoint_id}
        if request.status:
            filters["status"] = request.status
        page = self.logs.page(
            ListQuery(
                merchant_id=endpoint.merchant_id,
                limit=MAX_REPLAYED,
                after=request.after,
                since=request.since,
                before=request.until,
                filters=filters,
            )
        )
        now = self.clock()
        restarted = run_concurrently(
            lambda log: self.logs.restart(log.id, log.merchant_id, now=now),
            page.items,
            max_workers=_CONCURRENCY,
            timeout_s=None,
        )
        count = sum(log is not None for log in restarted)
        logger.info("webhooks replayed", endpoint_id=endpoint.endpoint_id, count=count)
        return Replayed(count=count, next_key=page.next_key)

    def send_test(
        self,
        merchant_id: str,
        endpoint: WebhookEndpoint,
        name: EventName,
        idempotency: Idempotency[WebhookLog],
    ) -> WebhookLog:
        """Send a sample of the event ``name`` to ``endpoint``, whatever its subscription is. 1 request.

        The log of a disabled endpoint has failed from the start.
        Raises AlreadyCreatedError, and BadRequestError if the endpoint has no URL.
        """
        if endpoint.url is None:
            raise BadRequestError("Webhook URL is not configured", field="webhook_url")
        now = self.clock()
        event = sample_event(name, merchant_id, endpoint, now=now, random=self.random)
        log = log_for(event, endpoint)
        record = idempotency.record(log, merchant_id, now=now)
        idempotency.check(self.logs.create_idempotent(log, record, now=now))
        return log
