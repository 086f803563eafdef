"""Webhook attempts: claim one, make it, write what came of it, and watch over the endpoint's health."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from chalicelib.delivery import Answer, DeliveryError, Sender
from chalicelib.domain.clock import Clock
from chalicelib.domain.merchant import WebhookEndpoint
from chalicelib.domain.retry_after import parse_retry_after
from chalicelib.domain.signature import signature_headers
from chalicelib.domain.webhook_log import ASKING_FOR_TIME, GONE, Attempt, WebhookLog, judge
from chalicelib.jobs import DeliverWebhook
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.webhook_logs import WebhookLogStore

HEADERS = {"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "payment-gateway-webhooks/1"}
LEASE = timedelta(seconds=20)  # above the worker's time-out: a lease in force has a live holder
MAX_KEPT_BODY_CHARS = 2_000
MAX_KEPT_HEADERS = 30
MAX_KEPT_HEADER_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class AttemptService:
    """The attempts of all merchants' webhooks."""

    logs: WebhookLogStore
    merchants: MerchantStore
    sender: Sender
    delays_s: tuple[int, ...]
    clock: Clock

    def deliver(self, job: DeliverWebhook, endpoint: WebhookEndpoint | None) -> None:
        """Make one attempt and write what came of it. 2 requests to AWS, one to the merchant.

        A job that the log has moved past does nothing. Raises AttemptHeldError.
        """
        log = self._claim(job)
        if log is None:
            logger.info("webhook attempt was made before", webhook_log_id=job.log_id)
            return
        attempt = self.attempt(log, endpoint)
        self.finish(log, attempt)
        if endpoint and attempt.url:
            self._watch(job.merchant_id, endpoint, attempt)

    def attempt(self, log: WebhookLog, endpoint: WebhookEndpoint | None) -> Attempt:
        """Send the webhook once, signed; whatever comes of it is an attempt."""
        at = self.clock()
        attempt = Attempt(at=at, trigger=log.trigger, url=None, request_headers={}, latency_ms=0)
        if endpoint is None or endpoint.url is None:
            return replace(attempt, error="no webhook URL is set")
        if endpoint.disabled_at:
            return replace(attempt, error="the webhook URL failed for days and is not called any more")
        body = log.body.encode()
        secrets = endpoint.signing_secrets(at)
        headers = HEADERS | signature_headers(secrets, webhook_id=log.id, sent_at=at, body=body)
        answer, error = self._post(endpoint.url, body, headers)
        latency_ms = (self.clock() - at) // timedelta(milliseconds=1)
        attempt = replace(
            attempt, url=endpoint.url, request_headers=headers, latency_ms=latency_ms, error=error
        )
        return _with_answer(attempt, answer) if answer else attempt

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

    def _watch(self, merchant_id: str, endpoint: WebhookEndpoint, attempt: Attempt) -> None:
        """Note when an endpoint begins to fail and when that ends; no request while nothing changes."""
        if attempt.succeeded:
            if endpoint.failing_since:
                self.merchants.note_webhook_success(merchant_id, endpoint.failing_since)
        elif endpoint.failing_since is None:
            self.merchants.note_webhook_failure(merchant_id, attempt.at)
        elif endpoint.is_to_be_disabled(attempt.at) and self.merchants.disable_webhooks(
            merchant_id, endpoint.failing_since, now=attempt.at
        ):
            logger.warning("webhook endpoint disabled", merchant_id=merchant_id)


def _with_answer(attempt: Attempt, answer: Answer) -> Attempt:
    """The attempt with as much of the answer as is kept."""
    text = answer.body.decode(errors="replace")
    asks = answer.code in ASKING_FOR_TIME
    return replace(
        attempt,
        response_code=answer.code,
        response_headers={
            name[:MAX_KEPT_HEADER_CHARS]: value[:MAX_KEPT_HEADER_CHARS]
            for name, value in islice(answer.headers.items(), MAX_KEPT_HEADERS)
        },
        response_body=text[:MAX_KEPT_BODY_CHARS],
        response_truncated=answer.truncated or len(text) > MAX_KEPT_BODY_CHARS,
        retry_after_s=parse_retry_after(_header(answer, "retry-after"), attempt.at) if asks else None,
        error="410 Gone: the receiver wants no further attempt" if answer.code == GONE else None,
    )


def _header(answer: Answer, name: str) -> str | None:
    return next((value for key, value in answer.headers.items() if key.lower() == name), None)
