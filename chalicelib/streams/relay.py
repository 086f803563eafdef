"""The relay: reads the streams of the tables and dispatches the effects of each change.

Only the relay sends the first job of a row and writes webhook logs. A crash is repaired by the redelivery of
the stream, so every effect may be dispatched twice and is idempotent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.event import Event
from chalicelib.domain.webhook_log import log_for
from chalicelib.jobs.queue import JobQueues
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.webhook_logs import WebhookLogStore
from chalicelib.streams.effects import Effects


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Dispatches the effects of changes."""

    merchants: MerchantStore
    logs: WebhookLogStore
    queues: JobQueues

    def dispatch(self, effects: Sequence[Effects]) -> None:
        """Write the webhook logs and send the jobs.

        Raises an error if AWS did not accept all of them; dispatch them again.
        """
        self._write_logs([event for one in effects for event in one.events])
        self.queues.payments.send([one.payment for one in effects if one.payment])
        self.queues.refunds.send([one.refund for one in effects if one.refund])
        self.queues.webhooks.send([one.webhook for one in effects if one.webhook])

    def _write_logs(self, events: list[Event]) -> None:
        """One log for each event of a merchant with a webhook URL. Merchants are read consistently, once."""
        merchants = self.merchants.get_many(event.payment.merchant_id for event in events)
        for event in events:
            merchant = merchants.get(event.payment.merchant_id)
            if merchant is None or merchant.webhook.url is None:
                continue
            if self.logs.create(log_for(event, is_enabled=merchant.webhook.disabled_at is None)):
                logger.info(
                    "webhook log created",
                    webhook_log_id=event.id,
                    event=event.name,
                    payment_id=event.payment.id,
                )
