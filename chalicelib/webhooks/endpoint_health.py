"""The health of webhook endpoints: an endpoint that fails for days is disabled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.clock import Clock, OffsetOf, ahead_by
from chalicelib.domain.webhook_endpoint import EndpointDisabled, EndpointKey, WebhookEndpoint
from chalicelib.domain.webhook_health import EXAMINED, Results, failing_since
from chalicelib.domain.webhook_log import Attempt, log_for
from chalicelib.observability import logger
from chalicelib.store.events import EventStore
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.webhook_endpoints import WebhookEndpointStore
from chalicelib.store.webhook_health import WebhookHealthStore
from chalicelib.store.webhook_logs import WebhookLogStore


@dataclass(frozen=True, kw_only=True)
class EndpointHealth:
    """Records the results of attempts, and disables endpoints."""

    merchants: MerchantStore
    endpoints: WebhookEndpointStore
    health: WebhookHealthStore
    events: EventStore
    logs: WebhookLogStore
    real_clock: Clock
    clock: Clock
    offset_of: OffsetOf

    def record(
        self,
        attempts: Iterable[tuple[EndpointKey, Attempt]],
        endpoints: Mapping[EndpointKey, WebhookEndpoint],
    ) -> None:
        """Record the attempts that sent a request. 1 request for each endpoint. Never raises.

        The attempts are recorded in their logs already, so a failure affects only the figures. With the first
        failure of an hour, the endpoint is examined, which takes more requests.
        """
        sums: dict[EndpointKey, Results] = {}
        for key, attempt in attempts:
            if attempt.url and key in endpoints:
                sums[key] = sums.get(key, Results()).plus(_results(attempt))
        for key, results in sums.items():
            try:
                with ahead_by(self.offset_of(key.merchant_id)):
                    self._add(key, endpoints[key], results)
            except Exception:  # of any kind: it must not affect the other endpoints or the jobs
                logger.exception("endpoint health not recorded", merchant_id=key.merchant_id)

    def _add(self, key: EndpointKey, endpoint: WebhookEndpoint, results: Results) -> None:
        of_hour = self.health.add(key, results, at=self.clock())
        is_first_failure = 0 < results.failed == of_hour.failed
        if is_first_failure and endpoint.disabled_at is None:
            self._examine(key, endpoint)

    def _examine(self, key: EndpointKey, endpoint: WebhookEndpoint) -> None:
        """Disable the endpoint if it has to be. 1 request, and some more to disable it."""
        now = self.clock()
        hours = self.health.hours(key, since=now - EXAMINED)
        since = failing_since(hours, enabled_at=endpoint.enabled_at, now=now)
        if since is None:
            return
        disabling = self.endpoints.disabling(key, endpoint, since=since, now=now)
        event = EndpointDisabled(merchant_id=key.merchant_id, endpoint=endpoint, disabled_at=now, since=since)
        logs = [self.logs.creation(log_for(event, other)) for other in self._subscribers(key, event)]
        if self.events.record_with(event, [disabling, *logs], now=self.real_clock()):
            logger.warning("webhook endpoint disabled", merchant_id=key.merchant_id, endpoint_id=endpoint.id)

    def _subscribers(self, key: EndpointKey, event: EndpointDisabled) -> list[WebhookEndpoint]:
        """The other endpoints of the merchant that receive the event. 2 requests."""
        merchant = self.merchants.get(key.merchant_id)
        if merchant is None:
            return []
        every = self.endpoints.of_merchant(merchant)
        return [one for one in every if one.id != key.endpoint_id and one.receives(event.name)]


def _results(attempt: Attempt) -> Results:
    if attempt.succeeded:
        return Results(accepted=1, latency_ms=attempt.latency_ms, last_success_at=attempt.at)
    return Results(failed=1, latency_ms=attempt.latency_ms, last_failure_at=attempt.at)
