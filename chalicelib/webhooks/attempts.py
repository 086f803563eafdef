"""Webhook attempts: claim one, send the request, record the result."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.event import EVENT_OF_PAYMENT
from chalicelib.domain.kept_response import with_response
from chalicelib.domain.signature import signature_headers
from chalicelib.domain.webhook_endpoint import DisabledReason, WebhookEndpoint
from chalicelib.domain.webhook_log import Attempt, WebhookLog, WebhookStatus, evaluate
from chalicelib.jobs.messages import DeliverWebhook
from chalicelib.metrics import FIRST_ATTEMPT_DELAY, WEBHOOK_ATTEMPTS, WEBHOOK_SUCCESS, AttemptOutcome, publish
from chalicelib.observability import also_log, logger
from chalicelib.store.webhook_endpoints import WebhookEndpointStore
from chalicelib.store.webhook_logs import WebhookLogStore
from chalicelib.webhooks.http import DeliveryError, Sender

HEADERS = {"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "payment-gateway-webhooks/1"}
LEASE = timedelta(seconds=20)  # longer than the worker's time-out: the holder of a valid lease is alive
DELETED = "the webhook endpoint was deleted"
FAILED = "the request failed"
UNREADABLE = "the response could not be read"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An attempt that was made. ``status`` is the new status of the log, None if it changed meanwhile."""

    attempt: Attempt
    status: WebhookStatus | None


@dataclass(frozen=True, kw_only=True)
class AttemptService:
    """The attempts of all merchants' webhooks. Signatures and leases have the real time."""

    endpoints: WebhookEndpointStore
    logs: WebhookLogStore
    sender: Sender
    delays_s: tuple[int, ...]
    real_clock: Clock
    clock: Clock

    def deliver(self, job: DeliverWebhook, endpoint: WebhookEndpoint | None) -> Delivery | None:
        """Make one attempt and record its result. 3 requests to AWS, 1 to the merchant.

        None, without an attempt, if the log has moved on since the job was sent. If the endpoint was deleted
        (None), nothing is sent and the log fails. Raises AttemptHeldError.
        """
        log = self._claim(job)
        if log is None:
            logger.info("webhook attempt was made before", webhook_log_id=job.log_id)
            return None
        if log.payment_id:
            also_log({"payment_id": log.payment_id})
        attempt = self.attempt(log, endpoint)
        return Delivery(attempt=attempt, status=self.finish(log, attempt, is_last=endpoint is None))

    def attempt(self, log: WebhookLog, endpoint: WebhookEndpoint | None) -> Attempt:
        """Sign the webhook and send it once. Returns the attempt, whatever its result."""
        at = self.clock()
        attempt = Attempt(at=at, trigger=log.trigger, url=None, request_headers={}, latency_ms=0)
        if endpoint is None:
            return replace(attempt, error=DELETED)
        if endpoint.url is None:
            return replace(attempt, error="no webhook URL is set")
        if endpoint.disabled_reason is DisabledReason.FAILING:
            return replace(attempt, error="the webhook URL is disabled because it failed for days")
        if endpoint.disabled_at:
            return replace(attempt, error="the webhook endpoint is disabled")
        body = log.body.encode()
        secrets = endpoint.signing_secrets(at)
        headers = HEADERS | signature_headers(
            secrets, webhook_id=log.id, sent_at=self.real_clock(), body=body
        )
        unsent = replace(attempt, url=endpoint.url, request_headers=headers)
        return self._sent(unsent, log_id=log.id, url=endpoint.url, body=body)

    def _sent(self, attempt: Attempt, *, log_id: str, url: str, body: bytes) -> Attempt:
        """Send the request. Returns the attempt with its result. Never raises.

        From here on a request may have been sent, and every request that was sent is recorded. No response,
        and no error of the code that reads it, may prevent that.
        """
        try:
            response = self.sender.post(url, body, attempt.request_headers)
        except DeliveryError as error:
            return self._timed(attempt, error=str(error))
        except Exception as error:  # a bug of the sender: the request may have been sent
            logger.error("webhook request failed", webhook_log_id=log_id, kind=type(error).__name__)
            return self._timed(attempt, error=FAILED)
        attempt = self._timed(attempt, error=None)
        try:
            return with_response(
                attempt,
                code=response.code,
                headers=response.headers,
                body=response.body,
                truncated=response.truncated,
            )
        except Exception as error:  # the status code decides, even if nothing else can be read
            logger.error(
                "webhook response could not be read", webhook_log_id=log_id, kind=type(error).__name__
            )
            return replace(attempt, response_code=response.code, error=UNREADABLE)

    def _timed(self, attempt: Attempt, *, error: str | None) -> Attempt:
        latency_ms = (self.clock() - attempt.at) // timedelta(milliseconds=1)
        return replace(attempt, latency_ms=latency_ms, error=error)

    def finish(self, log: WebhookLog, attempt: Attempt, *, is_last: bool = False) -> WebhookStatus | None:
        """Record the result of the attempt that ``log`` was claimed for. 2 requests.

        Returns the new status of the log, None if it changed since the claim.
        """
        result = evaluate(log, attempt, () if is_last else self.delays_s)
        is_current = self.logs.record(log, attempt, result)
        logger.info(
            "webhook attempted",
            webhook_log_id=log.id,
            event=log.event,
            attempt=result.attempts,
            response_code=attempt.response_code,
            error=attempt.error,
            latency_ms=attempt.latency_ms,
            status=result.status if is_current else "superseded",
        )
        _publish(log, attempt)
        return result.status if is_current else None

    def _claim(self, job: DeliverWebhook) -> WebhookLog | None:
        now = self.real_clock()
        return self.logs.claim(
            job.log_id, attempts=job.attempts, round_=job.round, now=now, until=now + LEASE
        )


def _publish(log: WebhookLog, attempt: Attempt) -> None:
    """Publish the result, and for the first attempt of an outcome the time since the outcome."""
    publish(WEBHOOK_ATTEMPTS, 1, Result=_outcome(attempt))
    if attempt.url is None:
        return
    publish(WEBHOOK_SUCCESS, int(attempt.succeeded))
    if log.event in EVENT_OF_PAYMENT.values() and log.attempts == log.round == 0:
        publish(FIRST_ATTEMPT_DELAY, (attempt.at - log.created_at).total_seconds())


def _outcome(attempt: Attempt) -> AttemptOutcome:
    if attempt.url is None:
        return AttemptOutcome.NOT_SENT
    if attempt.response_code is None:
        return AttemptOutcome.NO_RESPONSE
    return AttemptOutcome.ACCEPTED if attempt.succeeded else AttemptOutcome.REFUSED
