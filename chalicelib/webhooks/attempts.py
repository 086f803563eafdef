"""Webhook attempts: claim one, make it, write what came of it, and watch over the endpoint's health."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.kept_response import with_response
from chalicelib.domain.merchant import WebhookEndpoint
from chalicelib.domain.signature import signature_headers
from chalicelib.domain.webhook_log import Attempt, WebhookLog, evaluate
from chalicelib.jobs.messages import DeliverWebhook
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.webhook_logs import WebhookLogStore
from chalicelib.webhooks.http import DeliveryError, Sender

HEADERS = {"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "payment-gateway-webhooks/1"}
LEASE = timedelta(seconds=20)  # above the worker's time-out: a lease in force has a live holder
FAILED = "the request failed"
UNREADABLE = "the response could not be read"


@dataclass(frozen=True, kw_only=True)
class AttemptService:
    """The attempts of all merchants' webhooks."""

    logs: WebhookLogStore
    merchants: MerchantStore
    sender: Sender
    delays_s: tuple[int, ...]
    clock: Clock

    def deliver(self, job: DeliverWebhook, endpoint: WebhookEndpoint | None) -> None:
        """Make one attempt and write what came of it. 3 requests to AWS, one to the merchant.

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
        unsent = replace(attempt, url=endpoint.url, request_headers=headers)
        return self._sent(unsent, log_id=log.id, url=endpoint.url, body=body)

    def _sent(self, attempt: Attempt, *, log_id: str, url: str, body: bytes) -> Attempt:
        """Send the request; the attempt with what came of it. Never raises.

        From here on a request may have been sent, and every request that was sent is recorded. So whatever a
        response contains, and whatever it makes the code that reads it do, ends here as part of the attempt.
        """
        try:
            answer = self.sender.post(url, body, attempt.request_headers)
        except DeliveryError as error:
            return self._timed(attempt, error=str(error))
        except Exception as error:  # the sender's bug must not hide that it sent something
            logger.error("webhook request failed", webhook_log_id=log_id, kind=type(error).__name__)
            return self._timed(attempt, error=FAILED)
        attempt = self._timed(attempt, error=None)
        try:
            return with_response(
                attempt,
                code=answer.code,
                headers=answer.headers,
                body=answer.body,
                truncated=answer.truncated,
            )
        except Exception as error:  # the status counts, whatever else there is
            logger.error(
                "webhook response could not be read", webhook_log_id=log_id, kind=type(error).__name__
            )
            return replace(attempt, response_code=answer.code, error=UNREADABLE)

    def _timed(self, attempt: Attempt, *, error: str | None) -> Attempt:
        latency_ms = (self.clock() - attempt.at) // timedelta(milliseconds=1)
        return replace(attempt, latency_ms=latency_ms, error=error)

    def finish(self, log: WebhookLog, attempt: Attempt) -> None:
        """Write what came of the attempt that ``log`` was claimed for. 2 requests."""
        verdict = evaluate(log, attempt, self.delays_s)
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
