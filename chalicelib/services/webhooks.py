"""Webhooks: list what was owed, send one again, and make the attempts that are due."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from chalicelib.delivery import Answer, DeliveryError, Sender
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.merchant import WebhookEndpoint
from chalicelib.domain.signature import signature_headers
from chalicelib.domain.webhook_log import Attempt, WebhookLog, judge
from chalicelib.jobs import DeliverWebhook
from chalicelib.observability import logger
from chalicelib.store.webhook_logs import Page, WebhookLogStore

LEASE = timedelta(seconds=20)  # above the worker's time-out: a lease in force has a live holder
MAX_KEPT_BODY_CHARS = 2_000
MAX_KEPT_HEADERS = 30
MAX_KEPT_HEADER_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class WebhookService:
    """The webhook logs of all merchants."""

    logs: WebhookLogStore
    sender: Sender
    delays_s: tuple[int, ...]
    clock: Clock

    def page(self, merchant_id: str, *, limit: int, after: str | None) -> Page:
        """Some of the merchant's logs, newest first. 1 request."""
        return self.logs.page(merchant_id, limit=limit, after=after)

    def count(self, merchant_id: str) -> int:
        """How many logs the merchant has."""
        return self.logs.count(merchant_id)

    def get(self, merchant_id: str, log_id: str) -> WebhookLog:
        """One of the merchant's logs with all its attempts. 1 request. Raises NotFoundError."""
        log = self.logs.get(log_id)
        if log is None or log.merchant_id != merchant_id:
            raise NotFoundError("Webhook log")
        return log

    def retry(self, merchant_id: str, log_id: str) -> WebhookLog:
        """Start the log's attempts again, now, whatever its state. 1 request. Raises NotFoundError."""
        log = self.logs.restart(log_id, merchant_id, now=self.clock())
        if log is None:
            raise NotFoundError("Webhook log")
        logger.info("webhook retry asked for", webhook_log_id=log.id)
        return log

    def deliver(self, job: DeliverWebhook, endpoint: WebhookEndpoint | None) -> None:
        """Make one attempt and write what came of it. 2 requests to AWS, one to the merchant.

        A job that the log has moved past does nothing. Raises AttemptHeldError.
        """
        log = self._claim(job)
        if log is None:
            logger.info("webhook attempt was made before", webhook_log_id=job.log_id)
            return
        self.finish(log, self.attempt(log, endpoint))

    def finish(self, log: WebhookLog, attempt: Attempt) -> None:
        """Write what came of the attempt that ``log`` was claimed for. 1 request."""
        verdict = judge(log, attempt, self.delays_s)
        counted = self.logs.record(log, attempt, verdict)
        logger.info(
            "webhook attempted",
            webhook_log_id=log.id,
            event=log.event,
            attempt=verdict.attempts,
            response_code=attempt.response_code,
            error=attempt.error,
            latency_ms=attempt.latency_ms,
            status=verdict.status if counted else "superseded",
        )

    def attempt(self, log: WebhookLog, endpoint: WebhookEndpoint | None) -> Attempt:
        """Send the webhook once, signed; whatever comes of it is an attempt."""
        at = self.clock()
        if endpoint is None or endpoint.url is None:
            attempt = Attempt(at=at, trigger=log.trigger, url=None, request_headers={}, latency_ms=0)
            return replace(attempt, error="no webhook URL is set")
        body = log.body.encode()
        headers = signature_headers([endpoint.secret], webhook_id=log.id, sent_at=at, body=body)
        answer, error = self._post(endpoint.url, body, headers)
        attempt = Attempt(
            at=at,
            trigger=log.trigger,
            url=endpoint.url,
            request_headers=headers,
            latency_ms=(self.clock() - at) // timedelta(milliseconds=1),
            error=error,
        )
        return _with_answer(attempt, answer) if answer else attempt

    def _claim(self, job: DeliverWebhook) -> WebhookLog | None:
        now = self.clock()
        return self.logs.claim(
            job.log_id, attempts=job.attempts, round_=job.round, now=now, until=now + LEASE
        )

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[Answer | None, str | None]:
        try:
            return self.sender.post(url, body, headers), None
        except DeliveryError as error:
            return None, str(error)


def _with_answer(attempt: Attempt, answer: Answer) -> Attempt:
    """The attempt with as much of the answer as is kept."""
    text = answer.body.decode(errors="replace")
    return replace(
        attempt,
        response_code=answer.code,
        response_headers={
            name[:MAX_KEPT_HEADER_CHARS]: value[:MAX_KEPT_HEADER_CHARS]
            for name, value in islice(answer.headers.items(), MAX_KEPT_HEADERS)
        },
        response_body=text[:MAX_KEPT_BODY_CHARS],
        response_truncated=answer.truncated or len(text) > MAX_KEPT_BODY_CHARS,
    )
