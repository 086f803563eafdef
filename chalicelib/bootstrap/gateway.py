"""The services that the handlers call, each created at its first use."""

import os
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random
from typing import TYPE_CHECKING

from chalicelib.acquirers.registry import Acquirers
from chalicelib.bootstrap.clients import client
from chalicelib.bootstrap.externals import Externals, production_externals
from chalicelib.bootstrap.stores import Stores
from chalicelib.domain.clock import Clock, OffsetOf, merchant_clock, no_offset
from chalicelib.metrics import publisher
from chalicelib.observability import set_log_level
from chalicelib.settings import Settings, load_settings
from chalicelib.store.database import Database

if TYPE_CHECKING:
    from chalicelib.jobs.queue import JobQueues
    from chalicelib.services.accounts import AccountService
    from chalicelib.services.api_secrets import ApiSecretService
    from chalicelib.services.audit import AuditLog
    from chalicelib.services.captures import CaptureService
    from chalicelib.services.events import EventService
    from chalicelib.services.finance import FinanceService
    from chalicelib.services.health import HealthService
    from chalicelib.services.job_status import JobStatusService
    from chalicelib.services.limiter import Limiter
    from chalicelib.services.merchant_clocks import MerchantClockService
    from chalicelib.services.merchants import MerchantService
    from chalicelib.services.notifications import NotificationService
    from chalicelib.services.onboarding import OnboardingService
    from chalicelib.services.orders import OrderService
    from chalicelib.services.password_attempts import PasswordAttemptLimit
    from chalicelib.services.payments import PaymentService
    from chalicelib.services.refunds import RefundService
    from chalicelib.services.request_log import RequestLog
    from chalicelib.services.returns import ReturnService
    from chalicelib.services.sessions import SessionService
    from chalicelib.services.simulated_bank import SimulatedBankService
    from chalicelib.services.stats import StatsService
    from chalicelib.services.webhook_endpoints import WebhookEndpointService
    from chalicelib.services.webhooks import WebhookService
    from chalicelib.streams.dead_letters import DeadLetterQueues
    from chalicelib.streams.recorder import Recorder
    from chalicelib.streams.relay import Relay
    from chalicelib.webhooks.attempts import AttemptService
    from chalicelib.webhooks.endpoint_health import EndpointHealth
    from chalicelib.webhooks.endpoint_lab import EndpointLab
    from chalicelib.webhooks.pace import EndpointPace


@dataclass(kw_only=True)
class Gateway:
    """The services of ``settings`` with ``externals``. Create a service before several threads use it."""

    settings: Settings
    externals: Externals
    stores: Stores

    def create(self, *names: str) -> None:
        """Create the services with these ``names``, before the first request or job uses them."""
        for name in names:
            getattr(self, name)

    @property
    def real_clock(self) -> Clock:
        """The clock of the real time."""
        return self.externals.clock

    @cached_property
    def clock(self) -> Clock:
        """The clock of the merchant whose request or job is in progress. In production, the real time."""
        return self.real_clock if self.settings.is_production else merchant_clock(self.real_clock)

    @cached_property
    def offset_of(self) -> OffsetOf:
        """How far the clock of a merchant is ahead. 1 request, none in production."""
        return no_offset if self.settings.is_production else self.stores.merchant_clocks.offset_of

    @property
    def acquirers(self) -> Acquirers:
        """The acquirers."""
        return self.externals.acquirers

    @cached_property
    def merchants(self) -> "MerchantService":
        """Merchants, cached."""
        from chalicelib.services.merchants import MerchantService

        return MerchantService(
            merchants=self.stores.merchants,
            real_clock=self.real_clock,
            offset_of=self.offset_of,
        )

    @cached_property
    def onboarding(self) -> "OnboardingService":
        """New merchants."""
        from chalicelib.services.onboarding import OnboardingService

        return OnboardingService(
            merchants=self.stores.merchants,
            clock=self.real_clock,
            offset_of=self.offset_of,
            random=self._random,
        )

    @cached_property
    def sessions(self) -> "SessionService":
        """Sessions of the dashboard."""
        from chalicelib.services.sessions import SessionService

        return SessionService(
            sessions=self.stores.sessions,
            merchants=self.merchants,
            attempt_limit=self._attempt_limit,
            clock=self.real_clock,
            random=self._random,
        )

    @cached_property
    def accounts(self) -> "AccountService":
        """Passwords, other sessions and return pages."""
        from chalicelib.services.accounts import AccountService

        return AccountService(
            merchants=self.stores.merchants, attempt_limit=self._attempt_limit, random=self._random
        )

    @cached_property
    def api_secrets(self) -> "ApiSecretService":
        """API secrets."""
        from chalicelib.services.api_secrets import ApiSecretService

        return ApiSecretService(merchants=self.stores.merchants, clock=self.clock, random=self._random)

    @cached_property
    def orders(self) -> "OrderService":
        """Orders."""
        from chalicelib.services.orders import OrderService

        return OrderService(
            orders=self.stores.orders,
            payments=self.stores.payments,
            merchants=self.merchants,
            records=self.stores.idempotency,
            clock=self.clock,
            random=self._random,
        )

    @cached_property
    def payments(self) -> "PaymentService":
        """Payments."""
        from chalicelib.services.payments import PaymentService

        return PaymentService(
            payments=self.stores.payments,
            api_url=self.settings.api_url,
            acquirers=self.acquirers,
            records=self.stores.idempotency,
            delay=self.settings.payment_delay,
            real_clock=self.real_clock,
            clock=self.clock,
            random=self._random,
        )

    @cached_property
    def bank(self) -> "SimulatedBankService":
        """The pages of the simulated bank."""
        from chalicelib.services.simulated_bank import SimulatedBankService

        return SimulatedBankService(
            charges=self.stores.charges,
            declines=self.stores.declines,
            payments=self.payments,
            queue=self.queues.payments,
            clock=self.real_clock,
            offset_of=self.offset_of,
        )

    @cached_property
    def captures(self) -> "CaptureService":
        """Captures and voids."""
        from chalicelib.services.captures import CaptureService

        return CaptureService(
            captures=self.stores.captures,
            acquirers=self.acquirers,
            clock=self.clock,
        )

    @cached_property
    def refunds(self) -> "RefundService":
        """Refunds."""
        from chalicelib.services.refunds import RefundService

        return RefundService(
            refunds=self.stores.refunds,
            payments=self.stores.payments,
            acquirers=self.acquirers,
            delay=self.settings.refund_delay,
            clock=self.clock,
            random=self._random,
        )

    @cached_property
    def returns(self) -> "ReturnService":
        """Buyers who return from a page of their bank."""
        from chalicelib.services.returns import ReturnService

        return ReturnService(
            payments=self.payments,
            store=self.stores.payments,
            queue=self.queues.payments,
            clock=self.clock,
        )

    @cached_property
    def notifications(self) -> "NotificationService":
        """Notifications of acquirers."""
        from chalicelib.services.notifications import NotificationService

        return NotificationService(
            merchants=self.stores.merchants,
            acquirers=self.acquirers,
            payments=self.payments,
            refunds=self.refunds,
            queues=self.queues,
        )

    @cached_property
    def webhooks(self) -> "WebhookService":
        """Webhook logs."""
        from chalicelib.services.webhooks import WebhookService

        return WebhookService(
            logs=self.stores.webhook_logs,
            clock=self.clock,
            random=self._random,
        )

    @cached_property
    def webhook_endpoints(self) -> "WebhookEndpointService":
        """Webhook endpoints."""
        from chalicelib.services.webhook_endpoints import WebhookEndpointService

        return WebhookEndpointService(
            merchants=self.stores.merchants,
            endpoints=self.stores.webhook_endpoints,
            health=self.stores.webhook_health,
            clock=self.clock,
            random=self._random,
        )

    @cached_property
    def events(self) -> "EventService":
        """The event feed."""
        from chalicelib.services.events import EventService

        return EventService(
            events=self.stores.events,
            clock=self.real_clock,
        )

    @cached_property
    def attempts(self) -> "AttemptService":
        """Webhook attempts."""
        from chalicelib.webhooks.attempts import AttemptService

        return AttemptService(
            endpoints=self.stores.webhook_endpoints,
            logs=self.stores.webhook_logs,
            sender=self.externals.sender(),
            delays_s=self.settings.webhook_delays_s,
            real_clock=self.real_clock,
            clock=self.clock,
        )

    @cached_property
    def endpoint_health(self) -> "EndpointHealth":
        """The health of webhook endpoints."""
        from chalicelib.webhooks.endpoint_health import EndpointHealth

        return EndpointHealth(
            merchants=self.stores.merchants,
            endpoints=self.stores.webhook_endpoints,
            health=self.stores.webhook_health,
            events=self.stores.events,
            logs=self.stores.webhook_logs,
            real_clock=self.real_clock,
            clock=self.clock,
            offset_of=self.offset_of,
        )

    @cached_property
    def endpoint_lab(self) -> "EndpointLab":
        """The checks of receivers."""
        from chalicelib.webhooks.endpoint_lab import EndpointLab
        from chalicelib.webhooks.receiver_lab import ReceiverLab

        return EndpointLab(
            lab=ReceiverLab(sender=self.externals.sender(), clock=self.real_clock, random=self._random),
            attempts=self.stores.sessions,
            clock=self.real_clock,
            is_production=self.settings.is_production,
        )

    @cached_property
    def pace(self) -> "EndpointPace":
        """The pace of slow webhook endpoints."""
        from chalicelib.webhooks.pace import EndpointPace

        return EndpointPace(
            paces=self.stores.webhook_pace,
            clock=self.real_clock,
        )

    @cached_property
    def audit(self) -> "AuditLog":
        """The audit log of the API."""
        return self.audit_log("api")

    def audit_log(self, stream: str) -> "AuditLog":
        """The audit log, written to a log stream."""
        from chalicelib.services.audit import AuditLog

        return AuditLog(
            client=client,
            group=self.settings.audit_log_group,
            stream=stream,
            clock=self.real_clock,
        )

    @cached_property
    def request_log(self) -> "RequestLog":
        """The log of API requests."""
        from chalicelib.services.request_log import RequestLog

        return RequestLog(
            requests=self.stores.api_requests,
            clock=self.real_clock,
            days=self.settings.request_log_days,
        )

    @cached_property
    def limiter(self) -> "Limiter":
        """The rate limit of each merchant."""
        from chalicelib.services.limiter import Limiter

        return Limiter(
            limit=self.settings.rate_limit,
            clock=self.real_clock,
        )

    @cached_property
    def finance(self) -> "FinanceService":
        """The sums and exports of a merchant."""
        from chalicelib.services.finance import FinanceService

        return FinanceService(
            payments=self.stores.payments,
            refunds=self.stores.refunds,
            events=self.stores.events,
            merchants=self.merchants,
            clock=self.clock,
        )

    @cached_property
    def stats(self) -> "StatsService":
        """The statistics of a merchant."""
        from chalicelib.services.stats import StatsService

        return StatsService(
            counters=self.stores.counters,
            clock=self.clock,
        )

    @cached_property
    def clocks(self) -> "MerchantClockService":
        """The clocks of merchants, outside production."""
        from chalicelib.services.merchant_clocks import MerchantClockService

        return MerchantClockService(
            clocks=self.stores.merchant_clocks,
            merchants=self.stores.merchants,
            endpoints=self.stores.webhook_endpoints,
            payments=self.stores.payments,
            refunds=self.stores.refunds,
            logs=self.stores.webhook_logs,
            queues=self.queues,
            clock=self.real_clock,
        )

    @cached_property
    def jobs(self) -> "JobStatusService":
        """The statistics of the jobs."""
        from chalicelib.bootstrap.queues import watched_queues
        from chalicelib.services.job_status import JobStatusService

        return JobStatusService(
            counters=self.stores.counters,
            random=self._random,
            is_production=self.settings.is_production,
            client=client,
            queues=watched_queues(self.settings),
        )

    @cached_property
    def health(self) -> "HealthService":
        """The health of the deployment."""
        from chalicelib.services.health import HealthService

        return HealthService(
            merchants=self.stores.merchants,
            client=client,
            queue_urls=tuple(queue.url for queue in vars(self.queues).values()),
            clock=self.real_clock,
        )

    @cached_property
    def relay(self) -> "Relay":
        """The relay."""
        from chalicelib.streams.relay import Relay

        return Relay(
            merchants=self.stores.merchants,
            endpoints=self.stores.webhook_endpoints,
            logs=self.stores.webhook_logs,
            queues=self.queues,
        )

    @cached_property
    def recorder(self) -> "Recorder":
        """The recorder."""
        from chalicelib.streams.recorder import Recorder

        return Recorder(
            events=self.stores.events,
            counters=self.stores.counters,
            clock=self.real_clock,
        )

    @cached_property
    def queues(self) -> "JobQueues":
        """The queues of the jobs."""
        from chalicelib.bootstrap.queues import job_queues

        return job_queues(self.settings, self.real_clock, self.offset_of)

    @cached_property
    def dead_letters(self) -> "DeadLetterQueues":
        """The dead-letter queues of the stream readers."""
        from chalicelib.bootstrap.queues import dead_letter_queues

        return dead_letter_queues(self.settings)

    @property
    def _random(self) -> Random:
        return self.externals.random

    @cached_property
    def _attempt_limit(self) -> "PasswordAttemptLimit":
        from chalicelib.services.password_attempts import PasswordAttemptLimit

        return PasswordAttemptLimit(
            attempts=self.stores.sessions,
            clock=self.real_clock,
        )


def build(settings: Settings, externals: Externals, database: Database | None = None) -> Gateway:
    """The gateway of ``settings`` with ``externals``. ``database``: that of the externals."""
    return Gateway(settings=settings, externals=externals, stores=Stores(settings, database or Database()))


@cache
def gateway() -> Gateway:
    """The gateway with the settings of the environment. One per process."""
    settings = load_settings(os.environ)
    set_log_level(settings.log_level)
    publisher.namespace = settings.metrics_namespace
    database = Database()
    return build(settings, production_externals(settings, database), database)
