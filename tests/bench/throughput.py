"""Payments per second on the local stack, from the request to the verified webhook of the success.

Beside it, localstripe creates PaymentIntents: an emulator without a database, queues or webhooks. It writes
all its data to a file after each change, as it does for its users. Another comparison omits that.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from urllib.parse import urlencode, urlsplit

from chalicelib.domain.signature import new_signing_secret
from infra.local.stripe_emulator import StripeEmulator
from tests.bench.figures import Figure
from tests.bench.interleaved import medians
from tests.bench.load import Answer, Load, rate
from tests.bench.processes import cpu_s_by_kind
from tests.bench.receiving import Receiving, receiving
from tests.e2e.api import UPI, Api
from tests.latency.__main__ import percentile
from tests.stack import merchants_of, temporary_gateway

PAYMENTS = 1_000
CONNECTIONS = 8
ROUNDS = 3
CREATED = 200  # in each round of the comparison with localstripe
EVENT = "payment.success"
GOAL_PER_S, GOAL_BEHIND_S, GOAL_BURST_S, GOAL_RATIO = 60.0, 5.0, 2.0, 1.5


def measure() -> Iterator[Figure]:
    """The figures of a separate stack."""
    # One merchant sends everything, and localstripe has no limit.
    with temporary_gateway("throughput", RATE_LIMIT_PER_S="10000") as gateway:
        new_merchant = merchants_of(gateway)
        yield first_burst(new_merchant())
        secret = new_signing_secret(SystemRandom())
        with receiving(secret) as received:
            merchant = new_merchant(secret)
            changed = merchant.patch("/webhooks/endpoints/default", {"url": received.url, "events": [EVENT]})
            assert changed.status_code == 200, changed.text
            yield from loop(merchant, received)
        with StripeEmulator() as stripe:
            yield from comparison(new_merchant(), stripe, "localstripe in memory")
        with (
            TemporaryDirectory(prefix="localstripe-") as folder,
            StripeEmulator(dump=Path(folder) / "dump") as stripe,
        ):
            *figures, last = comparison(new_merchant(), stripe, "localstripe")
        yield from figures
        yield replace(last, goal_ratio=GOAL_RATIO)


def first_burst(merchant: Api) -> Figure:
    """The slowest of the first 8 concurrent requests of a fresh stack."""
    slowest_s = max(answer.took_s for answer in orders(merchant, CONNECTIONS))
    return Figure(
        metric="first burst of 8 requests",
        value=slowest_s,
        unit="s",
        goal=GOAL_BURST_S,
    )


def loop(merchant: Api, received: Receiving) -> Iterator[Figure]:
    """Create payments at 8 connections, and wait for the webhooks of their success."""
    order_ids = [answer.id for answer in orders(merchant, PAYMENTS)]
    before = cpu_s_by_kind()
    answers = payments(merchant, order_ids).send()
    created_at = {answer.id: answer.ended_at for answer in answers}
    received.wait_for(set(created_at))
    after = cpu_s_by_kind()
    started = min(answer.ended_at - answer.took_s for answer in answers)
    per_s = PAYMENTS / (max(received.received_at[id_] for id_ in created_at) - started)
    behind_s = [received.received_at[id_] - at for id_, at in created_at.items()]
    yield Figure(
        metric="payments until the verified webhook",
        value=per_s,
        unit="payments/s",
        is_rate=True,
        goal=GOAL_PER_S,
    )
    yield Figure(metric="payments created meanwhile", value=rate(answers), unit="payments/s")
    p95_s = percentile(behind_s, 95)
    yield Figure(
        metric="webhook after the creation, p95, at full load",
        value=p95_s,
        unit="s",
        goal=GOAL_BEHIND_S,
    )
    spent = {kind: (after[kind] - before.get(kind, 0.0)) / PAYMENTS * 1000 for kind in after}
    yield Figure(metric="CPU per payment", value=sum(spent.values()), unit="ms")
    for kind, spent_ms in sorted(spent.items(), key=lambda one: -one[1]):
        yield Figure(metric=f"CPU per payment: {kind}", value=spent_ms, unit="ms")


def comparison(merchant: Api, stripe: StripeEmulator, name: str) -> Iterator[Figure]:
    """The creation of payments, and of PaymentIntents at localstripe, at 1 and at more connections."""
    for connections in (1, CONNECTIONS):
        ours, theirs = medians(
            partial(created_per_s, merchant, connections),
            partial(intents_per_s, stripe, connections),
            rounds=ROUNDS,
        )
        yield Figure(
            metric=f"payments created, compared with {name}, connections: {connections}",
            value=ours,
            unit="payments/s",
            baseline=theirs,
            is_rate=True,
        )


def intents_per_s(stripe: StripeEmulator, connections: int) -> float:
    """PaymentIntents per second."""
    return rate(payment_intents(stripe, connections).send())


def created_per_s(merchant: Api, connections: int) -> float:
    """Payments per second. Returns after the payments are settled, which would slow down the next round."""
    answers = payments(merchant, [answer.id for answer in orders(merchant, CREATED)], connections).send()
    merchant.settled(answers[-1].id)
    return rate(answers)


def orders(merchant: Api, number: int) -> list[Answer]:
    """Create orders."""
    return _load(merchant, "/api/v1/orders", [json.dumps({"amount": 50_000})] * number, CONNECTIONS).send()


def payments(merchant: Api, order_ids: list[str], connections: int = CONNECTIONS, per_s: float = 0) -> Load:
    """A UPI payment of each order."""
    bodies = [json.dumps({"order_id": order_id, **UPI}) for order_id in order_ids]
    return _load(merchant, "/api/v1/payments", bodies, connections, per_s)


def payment_intents(stripe: StripeEmulator, connections: int) -> Load:
    """PaymentIntents of localstripe."""
    body = urlencode({"amount": 50_000, "currency": "inr", "payment_method_types[]": "card"})
    return Load(
        port=stripe.port,
        path="/v1/payment_intents",
        headers={
            "Authorization": f"Bearer {stripe.secret_key}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        bodies=[body] * CREATED,
        connections=connections,
    )


def _load(merchant: Api, path: str, bodies: list[str], connections: int, per_s: float = 0) -> Load:
    return Load(
        port=urlsplit(merchant.url).port or 0,
        path=path,
        headers={**merchant.credentials, "Content-Type": "application/json"},
        bodies=bodies,
        connections=connections,
        per_s=per_s,
    )
