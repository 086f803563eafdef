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
from chalicelib.jobs import JobQueue
from chalicelib.observability import set_log_level
from chalicelib.relay import Relay
from chalicelib.services.attempts import AttemptService
from chalicelib.services.health import HealthService
from chalicelib.services.merchants import MerchantService
from chalicelib.services.onboarding import OnboardingService
from chalicelib.services.orders import OrderService
from chalicelib.services.payments import PaymentService
from chalicelib.services.refunds import RefundService
from chalicelib.services.sessions import SessionService
from chalicelib.services.webhooks import WebhookService
from chalicelib.settings import Settings, load_settings
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.orders import OrderStore
from chalicelib.store.payments import PaymentStore
from chalicelib.store.refunds import RefundStore
from chalicelib.store.sessions import SessionStore
from chalicelib.store.tables import (
    IdempotencyKeyRow,
    MerchantRow,
    OrderRow,
    PaymentRow,
    RefundRow,
    SessionRow,
    WebhookLogRow,
    bind,
)
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
    orders: OrderService
    payments: PaymentService
    refunds: RefundService
    webhooks: WebhookService
    attempts: AttemptService
    health: HealthService
    relay: Relay
    payment_queue: JobQueue
    refund_queue: JobQueue
    webhook_queue: JobQueue
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
    tables, clock = settings.tables, world.clock
    once = IdempotencyStore(bind(IdempotencyKeyRow, tables.idempotency_keys))
    merchant_store = MerchantStore(bind(MerchantRow, tables.merchants))
    log_store = WebhookLogStore(bind(WebhookLogRow, tables.webhook_logs))
    merchants = MerchantService(merchants=merchant_store, clock=clock, random=world.random)
    orders = OrderService(
        orders=OrderStore(bind(OrderRow, tables.orders), once), clock=clock, random=world.random
    )
    payment_table = bind(PaymentRow, tables.payments)
    payments = PaymentService(
        payments=PaymentStore(payment_table, once),
        acquirer=world.acquirer,
        delay=settings.payment_delay,
        clock=clock,
        random=world.random,
    )
    refunds = RefundService(
        refunds=RefundStore(bind(RefundRow, tables.refunds), payment_table, once),
        acquirer=world.acquirer,
        delay=settings.refund_delay,
        clock=clock,
        random=world.random,
    )
    sqs = _client("sqs")
    payment_queue = JobQueue(sqs, settings.queues.payments, clock)
    refund_queue = JobQueue(sqs, settings.queues.refunds, clock)
    webhook_queue = JobQueue(sqs, settings.queues.webhooks, clock)
    return Gateway(
        settings=settings,
        merchants=merchants,
        onboarding=OnboardingService(merchants=merchant_store, clock=clock, random=world.random),
        sessions=SessionService(
            sessions=SessionStore(bind(SessionRow, tables.sessions)),
            merchants=merchants,
            clock=clock,
            random=world.random,
        ),
        orders=orders,
        payments=payments,
        refunds=refunds,
        webhooks=WebhookService(logs=log_store, clock=clock, random=world.random),
        attempts=AttemptService(
            logs=log_store,
            merchants=merchant_store,
            sender=world.sender,
            delays_s=settings.webhook_delays_s,
            clock=clock,
        ),
        health=HealthService(
            merchants=merchant_store,
            client=_client,
            queue_urls=(payment_queue.url, refund_queue.url, webhook_queue.url),
        ),
        relay=Relay(
            payment_table=tables.payments,
            webhook_log_table=tables.webhook_logs,
            merchants=merchant_store,
            logs=log_store,
            payment_queue=payment_queue,
            refund_queue=refund_queue,
            webhook_queue=webhook_queue,
        ),
        payment_queue=payment_queue,
        refund_queue=refund_queue,
        webhook_queue=webhook_queue,
        clock=clock,
    )


@cache
def gateway() -> Gateway:
    """The gateway of this process's environment."""
    settings = load_settings(os.environ)
    set_log_level(settings.log_level)
    return build(settings, real_world(settings))
