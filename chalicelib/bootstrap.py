"""Creates the services and their collaborators from the settings, once per process, at the first use."""

import os
from dataclasses import dataclass
from functools import cache
from random import Random, SystemRandom
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.acquirers import razorpay, stripe
from chalicelib.acquirers.credentials import CredentialStore
from chalicelib.acquirers.registry import Acquirers, Registration
from chalicelib.acquirers.simulated import NOTIFICATION_SECRET, SimulatedAcquirer
from chalicelib.acquirers.simulated.bank import SimulatedBank
from chalicelib.acquirers.transport import HttpTransport
from chalicelib.domain.clock import Clock, utc_now
from chalicelib.domain.payment import DEFAULT_ACQUIRER
from chalicelib.jobs.queue import JobQueue, JobQueues
from chalicelib.observability import set_log_level
from chalicelib.services.accounts import AccountService
from chalicelib.services.captures import CaptureService
from chalicelib.services.events import EventService
from chalicelib.services.health import HealthService
from chalicelib.services.job_status import JobStatusService, WatchedQueue
from chalicelib.services.limiter import Limiter
from chalicelib.services.merchants import MerchantService
from chalicelib.services.notifications import NotificationService
from chalicelib.services.onboarding import OnboardingService
from chalicelib.services.orders import OrderService
from chalicelib.services.password_attempts import PasswordAttemptLimit
from chalicelib.services.payments import PaymentService
from chalicelib.services.refunds import RefundService
from chalicelib.services.returns import ReturnService
from chalicelib.services.sessions import SessionService
from chalicelib.services.simulated_bank import SimulatedBankService
from chalicelib.services.stats import StatsService
from chalicelib.services.webhook_endpoints import WebhookEndpointService
from chalicelib.services.webhooks import WebhookService
from chalicelib.settings import Settings, load_settings
from chalicelib.store.captures import CaptureStore
from chalicelib.store.counters import CounterRow, CounterStore
from chalicelib.store.database import Database
from chalicelib.store.events import EventRow, EventStore
from chalicelib.store.idempotency import IdempotencyKeyRow, IdempotencyStore
from chalicelib.store.lists import Lists
from chalicelib.store.merchants import MerchantRow, MerchantStore
from chalicelib.store.orders import OrderRow, OrderStore
from chalicelib.store.payments import PaymentRow, PaymentStore
from chalicelib.store.refunds import RefundRow, RefundStore
from chalicelib.store.sessions import SessionRow, SessionStore
from chalicelib.store.simulated_charges import SimulatedChargeRow, SimulatedChargeStore
from chalicelib.store.webhook_attempts import WebhookAttemptRow, WebhookAttemptStore
from chalicelib.store.webhook_endpoints import WebhookEndpointRow, WebhookEndpointStore
from chalicelib.store.webhook_health import WebhookHealthRow, WebhookHealthStore
from chalicelib.store.webhook_logs import WebhookLogRow, WebhookLogStore
from chalicelib.store.webhook_pace import WebhookPaceRow, WebhookPaceStore
from chalicelib.streams.dead_letters import DeadLetterQueue, DeadLetterQueues
from chalicelib.streams.recorder import Recorder
from chalicelib.streams.relay import Relay
from chalicelib.webhooks.attempts import AttemptService
from chalicelib.webhooks.endpoint_health import EndpointHealth
from chalicelib.webhooks.http import HttpSender, Sender
from chalicelib.webhooks.pace import EndpointPace

_CLIENT_CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4, "mode": "standard"}
)


@dataclass(frozen=True, kw_only=True)
class Externals:
    """The external dependencies: clock, randomness, acquirers and the HTTP client for webhooks."""

    clock: Clock
    random: Random
    acquirers: Acquirers
    sender: Sender


@dataclass(frozen=True, kw_only=True)
class MerchantLists:
    """The lists of a merchant's records."""

    orders: OrderStore
    payments: PaymentStore
    refunds: RefundStore
    webhook_logs: WebhookLogStore


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The services that the handlers call."""

    settings: Settings
    merchants: MerchantService
    onboarding: OnboardingService
    sessions: SessionService
    accounts: AccountService
    orders: OrderService
    payments: PaymentService
    bank: SimulatedBankService
    captures: CaptureService
    refunds: RefundService
    returns: ReturnService
    notifications: NotificationService
    acquirers: Acquirers
    webhooks: WebhookService
    webhook_endpoints: WebhookEndpointService
    events: EventService
    lists: MerchantLists
    attempts: AttemptService
    endpoint_health: EndpointHealth
    pace: EndpointPace
    limiter: Limiter
    stats: StatsService
    jobs: JobStatusService
    health: HealthService
    relay: Relay
    recorder: Recorder
    queues: JobQueues
    dead_letters: DeadLetterQueues
    clock: Clock


def production_externals(settings: Settings, database: Database | None = None) -> Externals:
    """The externals of a deployment. ``database``: that of the gateway, to share its client."""
    return Externals(
        clock=utc_now,
        random=SystemRandom(),
        acquirers=_acquirers(settings, database or Database()),
        sender=HttpSender(allow_private=settings.allow_private_webhook_addresses),
    )


def _acquirers(settings: Settings, database: Database) -> Acquirers:
    charges = _charges(settings, database)
    bank = SimulatedBank(charges=charges, api_url=settings.api_url, clock=utc_now)
    simulated = Registration(
        build=lambda credentials: SimulatedAcquirer(
            settings.acquirer, utc_now, None if settings.is_production else bank, credentials
        ),
        optional=frozenset({NOTIFICATION_SECRET}),
        overlapping=frozenset({NOTIFICATION_SECRET}),
    )
    transport = HttpTransport()
    cards = Registration(
        build=lambda credentials: stripe.StripeAcquirer(
            transport=transport, credentials=credentials, clock=utc_now
        ),
        required=stripe.REQUIRED,
        optional=stripe.OPTIONAL,
        overlapping=frozenset({stripe.WEBHOOK_SECRET}),
    )
    links = Registration(
        build=lambda credentials: razorpay.RazorpayAcquirer(
            credentials=credentials, transport=transport, clock=utc_now
        ),
        required=razorpay.REQUIRED,
        optional=razorpay.OPTIONAL,
        overlapping=frozenset({razorpay.WEBHOOK_SECRET}),
    )
    registered = {DEFAULT_ACQUIRER: simulated, stripe.STRIPE: cards, razorpay.RAZORPAY: links}
    credentials = CredentialStore(path=settings.acquirer_credentials_path, client=_client, clock=utc_now)
    return Acquirers(registered=registered, credentials=credentials)


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=_CLIENT_CONFIG)


def build(settings: Settings, externals: Externals, database: Database | None = None) -> Gateway:
    """The gateway of ``settings`` with ``externals``. ``database``: that of the externals."""
    database = database or Database()
    tables, clock, random = settings.tables, externals.clock, externals.random
    lists = Lists(settings.list_shards)
    idempotency = IdempotencyStore(database.bind(IdempotencyKeyRow, tables.idempotency_keys))
    merchant_table = database.bind(MerchantRow, tables.merchants)
    merchant_store = MerchantStore(merchant_table)
    endpoint_store = WebhookEndpointStore(
        database.bind(WebhookEndpointRow, tables.merchants), merchant_table, idempotency
    )
    health_store = WebhookHealthStore(database.bind(WebhookHealthRow, tables.webhook_health))
    log_store = WebhookLogStore(
        database.bind(WebhookLogRow, tables.webhook_logs),
        WebhookAttemptStore(database.bind(WebhookAttemptRow, tables.webhook_attempts)),
        idempotency,
        lists,
    )
    counters = CounterStore(database.bind(CounterRow, tables.stats))
    event_store = EventStore(database.bind(EventRow, tables.events), counters)
    payment_table = database.bind(PaymentRow, tables.payments)
    order_table = database.bind(OrderRow, tables.orders)
    order_store = OrderStore(order_table, idempotency, lists)
    payment_store = PaymentStore(payment_table, order_table, idempotency, lists)
    merchants = MerchantService(merchants=merchant_store, clock=clock)
    refund_store = RefundStore(database.bind(RefundRow, tables.refunds), payment_table, idempotency, lists)
    session_store = SessionStore(database.bind(SessionRow, tables.sessions))
    attempt_limit = PasswordAttemptLimit(attempts=session_store, clock=clock)
    stats = StatsService(counters=counters, clock=clock)
    queues = _queues(settings, clock)
    payments = PaymentService(
        payments=payment_store,
        api_url=settings.api_url,
        acquirers=externals.acquirers,
        records=idempotency,
        delay=settings.payment_delay,
        clock=clock,
        random=random,
    )
    refunds = RefundService(
        refunds=refund_store,
        payments=payment_store,
        acquirers=externals.acquirers,
        delay=settings.refund_delay,
        clock=clock,
        random=random,
    )
    return Gateway(
        settings=settings,
        merchants=merchants,
        onboarding=OnboardingService(merchants=merchant_store, clock=clock, random=random),
        sessions=SessionService(
            sessions=session_store,
            merchants=merchants,
            attempt_limit=attempt_limit,
            clock=clock,
            random=random,
        ),
        accounts=AccountService(merchants=merchant_store, attempt_limit=attempt_limit, random=random),
        orders=OrderService(
            orders=order_store,
            payments=payment_store,
            merchants=merchants,
            records=idempotency,
            clock=clock,
            random=random,
        ),
        payments=payments,
        bank=SimulatedBankService(
            charges=_charges(settings, database), payments=payments, queue=queues.payments, clock=clock
        ),
        captures=CaptureService(
            captures=CaptureStore(payment_table), acquirers=externals.acquirers, clock=clock
        ),
        refunds=refunds,
        returns=ReturnService(payments=payments, store=payment_store, queue=queues.payments, clock=clock),
        notifications=NotificationService(
            merchants=merchant_store,
            acquirers=externals.acquirers,
            payments=payments,
            refunds=refunds,
            queues=queues,
        ),
        acquirers=externals.acquirers,
        webhooks=WebhookService(logs=log_store, clock=clock, random=random),
        webhook_endpoints=WebhookEndpointService(
            merchants=merchant_store,
            endpoints=endpoint_store,
            health=health_store,
            clock=clock,
            random=random,
        ),
        events=EventService(events=event_store, clock=clock),
        lists=MerchantLists(
            orders=order_store,
            payments=payment_store,
            refunds=refund_store,
            webhook_logs=log_store,
        ),
        attempts=AttemptService(
            endpoints=endpoint_store,
            logs=log_store,
            sender=externals.sender,
            delays_s=settings.webhook_delays_s,
            clock=clock,
        ),
        endpoint_health=EndpointHealth(
            merchants=merchant_store,
            endpoints=endpoint_store,
            health=health_store,
            events=event_store,
            logs=log_store,
            clock=clock,
        ),
        pace=EndpointPace(
            paces=WebhookPaceStore(database.bind(WebhookPaceRow, tables.webhook_pace)), clock=clock
        ),
        limiter=Limiter(limit=settings.rate_limit, clock=clock),
        stats=stats,
        jobs=JobStatusService(
            counters=counters,
            random=random,
            is_production=settings.is_production,
            client=_client,
            queues=_watched(settings),
        ),
        health=HealthService(
            merchants=merchant_store,
            client=_client,
            queue_urls=tuple(queue.url for queue in vars(queues).values()),
            clock=clock,
        ),
        relay=Relay(
            merchants=merchant_store,
            endpoints=endpoint_store,
            logs=log_store,
            queues=queues,
        ),
        recorder=Recorder(events=event_store, counters=counters, clock=clock),
        queues=queues,
        dead_letters=_dead_letters(settings),
        clock=clock,
    )


def _charges(settings: Settings, database: Database) -> SimulatedChargeStore:
    return SimulatedChargeStore(database.bind(SimulatedChargeRow, settings.tables.simulated_charges))


def _queues(settings: Settings, clock: Clock) -> JobQueues:
    sqs, urls = _client("sqs"), settings.queues
    return JobQueues(
        payments=JobQueue(sqs, urls.payments.jobs, clock),
        refunds=JobQueue(sqs, urls.refunds.jobs, clock),
        webhooks=JobQueue(sqs, urls.webhooks.jobs, clock),
        slow_webhooks=JobQueue(sqs, urls.slow_webhooks.jobs, clock),
    )


def _dead_letters(settings: Settings) -> DeadLetterQueues:
    sqs, urls = _client("sqs"), settings.stream_dead_letters
    return DeadLetterQueues(
        relay=DeadLetterQueue(sqs, urls.relay), recorder=DeadLetterQueue(sqs, urls.recorder)
    )


def _watched(settings: Settings) -> tuple[WatchedQueue, ...]:
    """The queues of each kind of job, by the name in the response."""
    queues = settings.queues
    kinds = {
        "payments": (queues.payments,),
        "refunds": (queues.refunds,),
        "webhooks": (queues.webhooks, queues.slow_webhooks),
    }
    return tuple(
        WatchedQueue(
            name=name,
            urls=tuple(queue.jobs for queue in own),
            dead_letters_urls=tuple(queue.dead_letters for queue in own),
        )
        for name, own in kinds.items()
    )


@cache
def gateway() -> Gateway:
    """The gateway with the settings of the environment. One per process."""
    settings = load_settings(os.environ)
    set_log_level(settings.log_level)
    database = Database()
    return build(settings, production_externals(settings, database), database)
