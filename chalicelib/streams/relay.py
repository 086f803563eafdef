"""The relay: reads the streams of the tables and dispatches the effects of each change.

Only the relay sends the first job of a row and writes webhook logs. A crash is repaired by the redelivery of
the stream, so every effect may be dispatched twice and is idempotent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.event import PaymentEvent
from chalicelib.domain.webhook_endpoint import EndpointKey, WebhookEndpoint
from chalicelib.domain.webhook_log import log_for
from chalicelib.jobs.queue import JobQueues
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.webhook_endpoints import WebhookEndpointStore
from chalicelib.store.webhook_logs import WebhookLogStore
from chalicelib.streams.effects import Effects


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Dispatches the effects of changes."""

    merchants: MerchantStore
    endpoints: WebhookEndpointStore
    logs: WebhookLogStore
    queues: JobQueues

    def dispatch(self, effects: Sequence[Effects]) -> None:
        """Write the webhook logs and send the jobs. A webhook that failed before is sent to the slow queue.

        Raises an error if AWS did not accept all of them; dispatch them again.
        """
        self._write_logs([event for one in effects for event in one.events])
        self.queues.payments.send([one.payment for one in effects if one.payment])
        self.queues.refunds.send([one.refund for one in effects if one.refund])
        webhooks = [one.webhook for one in effects if one.webhook]
        self.queues.webhooks.send([job for job in webhooks if not job.attempts])
        self.queues.slow_webhooks.send([job for job in webhooks if job.attempts])

    def _write_logs(self, events: list[PaymentEvent]) -> None:
        """One log for each event and subscribed endpoint. 2 requests for up to 100 of them."""
        merchants = self.merchants.get_many(event.merchant_id for event in events)
        others = self.endpoints.get_many(key for one in merchants.values() for key in one.other_endpoints)
        for event in events:
            merchant = merchants.get(event.merchant_id)
            if merchant is None:
                continue
            for endpoint in (merchant.webhook, *_present(others, merchant.other_endpoints)):
                if endpoint.receives(event.name):
                    self._write_log(event, endpoint)

    def _write_log(self, event: PaymentEvent, endpoint: WebhookEndpoint) -> None:
        log = log_for(event, endpoint)
        if self.logs.create(log):
            logger.info(
                "webhook log created",
                webhook_log_id=log.id,
                endpoint_id=endpoint.id,
                event=event.name,
                payment_id=event.payment.id,
            )


def _present(
    endpoints: Mapping[EndpointKey, WebhookEndpoint], keys: Iterable[EndpointKey]
) -> list[WebhookEndpoint]:
    return [endpoints[key] for key in keys if key in endpoints]
