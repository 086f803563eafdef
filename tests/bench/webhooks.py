"""The delivery of webhooks: batches, connections, and the time from an outcome to its first attempt."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import SystemRandom

from aiohttp import web

from chalicelib.domain.signature import new_signing_secret
from chalicelib.jobs.batch import MAX_CONCURRENCY
from chalicelib.jobs.concurrent import run_concurrently
from chalicelib.webhooks.http import DEADLINE_S, HttpSender
from infra.local.ports import HOST
from tests.bench.figures import Figure
from tests.bench.interleaved import medians
from tests.bench.receiving import Receiving, receiving
from tests.bench.throughput import EVENT, orders, payments
from tests.e2e.api import Api
from tests.latency.__main__ import percentile
from tests.stack import merchants_of, temporary_gateway

RECEIVERS = 10
SLOW_S = 0.2
BATCHES = 30  # in each round
ROUNDS = 5
GOAL_TIMES = 9.0
PAYMENTS, PER_S, CONNECTIONS = 200, 10.0, 8
WARM_UP = 20  # payments before, which start the processes of the functions
GOAL_FIRST_S = 1.0
BODY = b"x" * 1_000


@dataclass
class Receivers:
    """Receivers at different ports, which are different origins. They answer after ``delay_s``."""

    delay_s: float = 0.0
    is_kept: bool = True  # whether a connection stays open after a response
    urls: list[str] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)  # all of them, so that no identity is used twice

    async def serve(self, started: threading.Event, stopped: asyncio.Event) -> None:
        """Serve until ``stopped``."""
        application = web.Application()
        application.add_routes([web.post("/", self._receive)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        for _ in range(RECEIVERS):
            await web.TCPSite(runner, HOST, 0).start()
        self.urls = [f"http://{HOST}:{port}/" for _, port in runner.addresses]
        started.set()
        await stopped.wait()
        await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        self.connections.add(request.protocol)
        await request.read()
        await asyncio.sleep(self.delay_s)
        response = web.Response()
        if not self.is_kept:
            response.force_close()
        return response


@contextmanager
def serving(receivers: Receivers) -> Iterator[Receivers]:
    """The receivers, in another thread."""
    loop, started, stopped = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(receivers.serve(started, stopped)))
    thread.start()
    started.wait()
    try:
        yield receivers
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


def measure() -> Iterator[Figure]:
    """The figures of the sender, and those of a separate local stack."""
    yield slow_batch()
    yield from worker()
    with temporary_gateway("webhooks") as gateway:
        secret = new_signing_secret(SystemRandom())
        with receiving(secret) as received:
            merchant = merchants_of(gateway)(secret)
            changed = merchant.patch("/webhooks/endpoints/default", {"url": received.url, "events": [EVENT]})
            assert changed.status_code == 200, changed.text
            yield from first_attempts(merchant, received)


def slow_batch() -> Figure:
    """A batch of 10 webhooks to 10 slow receivers, compared with one webhook after another."""
    sender = HttpSender(allow_private=True)
    with serving(Receivers(delay_s=SLOW_S)) as slow:
        batch_s, sequential_s = medians(
            lambda: took_s(sender, slow.urls, concurrency=MAX_CONCURRENCY),
            lambda: took_s(sender, slow.urls, concurrency=1),
            rounds=ROUNDS,
        )
    return Figure(
        metric="batch of 10 webhooks to receivers that take 0.2 s",
        value=batch_s,
        unit="s",
        baseline=sequential_s,
        goal_ratio=GOAL_TIMES,
    )


def worker() -> Iterator[Figure]:
    """The sender of one worker, and the same with receivers that close each connection."""
    sender = HttpSender(allow_private=True)
    with serving(Receivers()) as keeping, serving(Receivers(is_kept=False)) as closing:
        kept, closed = medians(
            partial(sent_per_s, sender, keeping), partial(sent_per_s, sender, closing), rounds=ROUNDS
        )
        yield Figure(
            metric="webhooks of one worker, without the database",
            value=kept,
            unit="webhooks/s",
            baseline=closed,
            is_rate=True,
        )
        yield Figure(
            metric=f"connections of {BATCHES * ROUNDS * RECEIVERS} webhooks to {RECEIVERS} receivers",
            value=len(keeping.connections),
            unit="connections",
            baseline=len(closing.connections),
        )


def sent_per_s(sender: HttpSender, receivers: Receivers) -> float:
    """Webhooks per second, in full batches."""
    spent_s = sum(took_s(sender, receivers.urls, concurrency=MAX_CONCURRENCY) for _ in range(BATCHES))
    return BATCHES * RECEIVERS / spent_s


def took_s(sender: HttpSender, urls: list[str], *, concurrency: int) -> float:
    """The seconds for one webhook to each URL. AssertionError if one fails."""
    started = time.monotonic()
    responses = run_concurrently(
        lambda url: sender.post(url, BODY, {}),
        urls,
        max_workers=concurrency,
        timeout_s=DEADLINE_S * len(urls),
    )
    spent_s = time.monotonic() - started
    assert all(response and response.code == 200 for response in responses)
    return spent_s


def first_attempts(merchant: Api, received: Receiving) -> Iterator[Figure]:
    """The time from the outcome of a payment to the receipt of its webhook, at a steady load."""
    order_ids = [answer.id for answer in orders(merchant, WARM_UP + PAYMENTS)]
    for some in (order_ids[:WARM_UP], order_ids[WARM_UP:]):
        created = [answer.id for answer in payments(merchant, some, CONNECTIONS, PER_S).send()]
        received.wait_for(set(created))
    after_s = [received.received_at[id_] - settled_at(merchant, id_) for id_ in created]
    for share in (50, 95, 99):
        yield Figure(
            metric=f"first attempt after the outcome at {PER_S:g} payments/s, p{share}",
            value=percentile(after_s, share),
            unit="s",
            goal=GOAL_FIRST_S if share == 95 else None,
        )


def settled_at(merchant: Api, payment_id: str) -> float:
    """The time of the outcome of a payment."""
    payment = merchant.get(f"/payments/{payment_id}").json()
    return datetime.fromisoformat(payment["settled_at"]).timestamp()
