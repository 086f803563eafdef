"""Settings to collaborators to services: put together once a process, at the first use."""

import os
from dataclasses import dataclass
from functools import cache
from random import Random, SystemRandom
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.acquirer.protocol import Acquirer
from chalicelib.acquirer.simulated import SimulatedAcquirer
from chalicelib.delivery import HttpSender, Sender
from chalicelib.domain.clock import Clock, utc_now
from chalicelib.jobs import JobQueue, JobQueues
from chalicelib.observability import set_log_level
from chalicelib.relay import Relay
from chalicelib.services.accounts import AccountService
from chalicelib.services.attempts import AttemptService
from chalicelib.services.guesses import GuessLimit
from chalicelib.services.health import HealthService
from chalicelib.services.job_status import WATCHED, JobStatusService, WatchedQueue
from chalicelib.services.limiter import Limiter
from chalicelib.services.merchants import MerchantService
from chalicelib.services.onboarding import OnboardingService
from chalicelib.services.orders import OrderService
from chalicelib.services.payments import PaymentService
from chalicelib.services.refunds import RefundService
from chalicelib.services.sessions import SessionService
from chalicelib.services.stats import StatsService
from chalicelib.services.webhooks import WebhookService
from chalicelib.settings import Settings, load_settings
from chalicelib.store.counters import CounterStore
from chalicelib.store.database import Database
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.lists import Lists
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.orders import OrderStore
from chalicelib.store.payments import PaymentStore
from chalicelib.store.refunds import RefundStore
from chalicelib.store.sessions import SessionStore
from chalicelib.store.tables import (
    CounterRow,
    IdempotencyKeyRow,
    MerchantRow,
    OrderRow,
    PaymentRow,
    RefundRow,
    SessionRow,
    WebhookAttemptRow,
    WebhookLogRow,
)
from chalicelib.store.webhook_attempts import WebhookAttemptStore
from chalicelib.store.webhook_logs import WebhookLogStore

_CLIENT_CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4, "mode": "standard"}
)


@dataclass(frozen=True, kw_only=True)
class World:
    """What is beyond the gateway: time, chance, the acquirer and the merchants' servers."""

    clock: Clock
    random: Random
    acquirer: Acquirer
    sender: Sender


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The services that the entry points call."""

    settings: Settings
    merchants: MerchantService
    onboarding: OnboardingService
    sessions: SessionService
    accounts: AccountService
    orders: OrderService
    payments: PaymentService
    refunds: RefundService
    webhooks: WebhookService
    attempts: AttemptService
    limiter: Limiter
    stats: StatsService
    jobs: JobStatusService
    health: HealthService
    relay: Relay
    queues: JobQueues
    clock: Clock


def real_world(settings: Settings) -> World:
    """The world of a deployment."""
    return World(
        clock=utc_now,
        random=SystemRandom(),
        acquirer=SimulatedAcquirer(settings.acquirer),
        sender=HttpSender(allow_private=settings.allow_private_webhook_addresses),
    )


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=_CLIENT_CONFIG)


def build(settings: Settings, world: World) -> Gateway:
    """The gateway of ``settings`` in ``world``."""
    tables, clock, random = settings.tables, world.clock, world.random
    database = Database()
    lists = Lists(settings.list_shards)
    once = IdempotencyStore(database.bind(IdempotencyKeyRow, tables.idempotency_keys))
    merchant_store = MerchantStore(database.bind(MerchantRow, tables.merchants))
    log_store = WebhookLogStore(
        database.bind(WebhookLogRow, tables.webhook_logs),
        WebhookAttemptStore(database.bind(WebhookAttemptRow, tables.webhook_attempts)),
        once,
        lists,
    )
    counters = CounterStore(database.bind(CounterRow, tables.stats))
    payment_table = database.bind(PaymentRow, tables.payments)
    order_table = database.bind(OrderRow, tables.orders)
    payment_store = PaymentStore(payment_table, order_table, once, lists)
    merchants = MerchantService(merchants=merchant_store, clock=clock, random=random)
    session_store = SessionStore(database.bind(SessionRow, tables.sessions))
    guesses = GuessLimit(attempts=session_store, clock=clock)
    stats = StatsService(counters=counters, clock=clock)
    queues = _queues(settings, clock)
    return Gateway(
        settings=settings,
        merchants=merchants,
        onboarding=OnboardingService(merchants=merchant_store, clock=clock, random=random),
        sessions=SessionService(
            sessions=session_store,
            merchants=merchants,
            guesses=guesses,
            clock=clock,
            random=random,
        ),
        accounts=AccountService(merchants=merchant_store, guesses=guesses, random=random),
        orders=OrderService(
            orders=OrderStore(order_table, once, lists),
            payments=payment_store,
            merchants=merchants,
            idempotency=once,
            clock=clock,
            random=random,
        ),
        payments=PaymentService(
            payments=payment_store,
            acquirer=world.acquirer,
            idempotency=once,
            delay=settings.payment_delay,
            clock=clock,
            random=random,
        ),
        refunds=RefundService(
            refunds=RefundStore(database.bind(RefundRow, tables.refunds), payment_table, once, lists),
            acquirer=world.acquirer,
            delay=settings.refund_delay,
            clock=clock,
            random=random,
        ),
        webhooks=WebhookService(logs=log_store, clock=clock, random=random),
        attempts=AttemptService(
            logs=log_store,
            merchants=merchant_store,
            sender=world.sender,
            delays_s=settings.webhook_delays_s,
            clock=clock,
        ),
        limiter=Limiter(limit=settings.rate_limit, clock=clock),
        stats=stats,
        jobs=JobStatusService(stats=stats, client=_client, queues=_watched(settings)),
        health=HealthService(
            merchants=merchant_store,
            client=_client,
            queue_urls=tuple(queue.url for queue in (queues.payments, queues.refunds, queues.webhooks)),
            clock=clock,
        ),
        relay=Relay(
            tables=tables,
            merchants=merchant_store,
            logs=log_store,
            counters=counters,
            queues=queues,
            clock=clock,
        ),
        queues=queues,
        clock=clock,
    )


def _queues(settings: Settings, clock: Clock) -> JobQueues:
    sqs, urls = _client("sqs"), settings.queues
    return JobQueues(
        payments=JobQueue(sqs, urls.payments.jobs, clock),
        refunds=JobQueue(sqs, urls.refunds.jobs, clock),
        webhooks=JobQueue(sqs, urls.webhooks.jobs, clock),
    )


def _watched(settings: Settings) -> tuple[WatchedQueue, ...]:
    urls = vars(settings.queues)
    return tuple(
        WatchedQueue(
            name=name,
            url=urls[name].jobs,
            dead_letters_url=urls[name].dead_letters,
            completed=completed,
            failed=failed,
        )
        for name, (completed, failed) in WATCHED.items()
    )


@cache
def gateway() -> Gateway:
    """The gateway of this process's environment."""
    settings = load_settings(os.environ)
    set_log_level(settings.log_level)
    return build(settings, real_world(settings))
