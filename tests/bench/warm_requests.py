"""CPU time of warm requests and of a webhook attempt, compared with minimal handlers written by hand.

Both sides handle the same events in this process, from the event of Lambda to the response. The responses of
AWS are recorded with moto and replayed to both sides by the same transport, below botocore. The log of API
requests is off: the handlers written by hand have none. Before a comparison, both sides must send the same
requests to AWS and respond with the same fields.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chalicelib.api.application import create_app, create_router
from chalicelib.bootstrap import gateway
from chalicelib.domain.clock import utc_now
from chalicelib.metrics import publisher
from chalicelib.observability import logger
from chalicelib.services.onboarding import (
    TEST_API_KEY,
    TEST_API_SECRET,
    TEST_MERCHANT_ID,
    TEST_SIGNING_SECRET,
)
from chalicelib.webhooks.http import HttpSender
from chalicelib.workers.streams import relay_changes
from chalicelib.workers.webhook_jobs import deliver_webhooks
from tests.api.client import UPI, Json, made, shown
from tests.bench.aws_replay import Recording, recorded
from tests.bench.by_hand import LOG, ByHand
from tests.bench.figures import Figure
from tests.bench.functions import ENVIRONMENT, UNAUTHENTICATED
from tests.bench.interleaved import medians
from tests.bench.receiving import receiving
from tests.cost.journey import ORDER, prepared

ROUNDS = 9
CALLS = 100  # of each side in each round
MAX_TIMES = 1.3  # the CPU time of the handler written by hand
PREFIX = "test-"
CREDENTIALS = {"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET}
PAYMENTS = "/api/v1/payments"

Handler = Callable[[Json], Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """An event, and what AWS replies to its requests."""

    name: str
    event: Json
    recording: Recording


@dataclass(frozen=True)
class Side:
    """The handlers of one side."""

    api: Handler
    deliver: Handler

    def handle(self, case: Case) -> Mapping[str, Any]:
        """The response to the event of the case."""
        return (self.deliver if "Records" in case.event else self.api)(case.event)

    def cpu_ms(self, case: Case) -> float:
        """The CPU time of one call."""
        started = time.process_time()
        for _ in range(CALLS):
            self.handle(case)
        return (time.process_time() - started) * 1000 / CALLS


def measure() -> Iterator[Figure]:
    """The CPU time of each case, compared with the handler written by hand."""
    with receiving(TEST_SIGNING_SECRET) as receiver:
        now = utc_now()
        recorded_cases = cases(receiver.url, now)
        with warm_sides(now) as (ours, by_hand):
            for case in recorded_cases:
                with case.recording.replayed():
                    check_equal(case, ours, by_hand)
                    value, baseline = medians(
                        partial(ours.cpu_ms, case), partial(by_hand.cpu_ms, case), rounds=ROUNDS
                    )
                yield Figure(
                    metric=f"{case.name}, CPU",
                    value=value,
                    unit="ms",
                    baseline=baseline,
                    goal_ratio=round(1 / MAX_TIMES, 2),
                )


def check_equal(case: Case, *sides: Side) -> None:
    """AssertionError if the sides send different requests to AWS, or respond with different fields."""
    seen = list[tuple[list[str], Any]]()
    for side in sides:
        side.handle(case)  # loads what is loaded at the first use, and reads the merchant
        case.recording.operations.clear()
        response = side.handle(case)
        seen.append((list(case.recording.operations), _fields(response)))
    assert all(one == seen[0] for one in seen), f"{case.name}: {seen}"


def _fields(response: Mapping[str, Any]) -> Any:
    if "statusCode" not in response:
        return response
    assert response["statusCode"] < 300, response
    return response["statusCode"], sorted(json.loads(response["body"]))


@contextmanager
def warm_sides(now: datetime) -> Iterator[tuple[Side, Side]]:
    """The gateway at the time of the recording, and the handlers written by hand.

    The gateway can send webhooks to this machine. Its time is ``now``: it accepts only the lease that it
    requested, which is in the recorded response.
    """
    variables = {"TABLE_PREFIX": PREFIX, "RATE_LIMIT_PER_S": "10000", "REQUEST_LOG_DAYS": "0"}
    with ExitStack() as patches, Path(os.devnull).open("w") as log:
        patches.enter_context(patch.dict(os.environ, ENVIRONMENT | variables))
        patches.enter_context(patch.object(logger.registered_handler, "stream", log))
        patches.enter_context(patch.object(publisher.handler, "stream", log))
        patches.enter_context(patch.multiple(LOG, handlers=[logging.StreamHandler(log)], level=logging.INFO))
        gateway.cache_clear()
        patches.callback(gateway.cache_clear)
        services = gateway()
        services.externals = replace(
            services.externals, clock=lambda: now, sender=lambda: HttpSender(allow_private=True)
        )
        app, minimal = create_app(create_router()), ByHand(PREFIX)
        yield (
            Side(
                api=lambda event: app(event, None),
                deliver=lambda event: deliver_webhooks(services, event["Records"]),
            ),
            Side(api=minimal.api, deliver=lambda event: minimal.deliver(event["Records"])),
        )


def cases(webhook_url: str, now: datetime) -> list[Case]:
    """The cases, recorded at ``now``."""
    with prepared() as (cloud, merchant):
        cloud.time.move_to(now)
        services = cloud.gateway
        services.webhook_endpoints.set_url(TEST_MERCHANT_ID, webhook_url)
        body = {"order_id": made(merchant.post("/orders", ORDER))["id"], **UPI}
        key = {"Idempotency-Key": "4c1e2f90-a7f1-4d1e-a5b3-1f7d2b0f9a11"}

        def pay(headers: Mapping[str, str]) -> Json:
            return made(merchant.request("POST", "/payments", body, headers))

        merchants = recorded(lambda: services.stores.merchants.find_by_api_key(TEST_API_KEY))
        created = recorded(lambda: pay({}))
        id_ = pay(key)["id"]
        replayed = recorded(lambda: pay(key))
        polled = recorded(lambda: shown(merchant.get(f"/payments/{id_}")))
        relay_changes(services, cloud.payment_changes())
        relay_changes(services, cloud.log_changes())
        jobs = list[Json]()

        def keep(_gateway: object, received: list[Json]) -> Mapping[str, Any]:
            jobs.extend(received)
            return {"batchItemFailures": []}

        cloud.work_on(services.settings.queues.webhooks.jobs, keep)
        delivered = recorded(lambda: deliver_webhooks(services, jobs[:1]))
    for recording in (created, replayed, polled):
        recording.replies.update(merchants.replies)
    return [
        Case("create payment", _request("POST", PAYMENTS, body=body), created),
        Case("get payment", _request("GET", f"{PAYMENTS}/{{payment_id}}", payment_id=id_), polled),
        Case("replay of a create payment", _request("POST", PAYMENTS, key, body), replayed),
        Case("webhook attempt", {"Records": jobs[:1]}, delivered),
    ]


def _request(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: Json | None = None, **ids: str
) -> Json:
    """The event of API Gateway."""
    sent = {"Content-Type": "application/json", **CREDENTIALS, **(headers or {})}
    return UNAUTHENTICATED | {
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "pathParameters": ids or None,
        "body": json.dumps(body) if body else None,
        "requestContext": UNAUTHENTICATED["requestContext"] | {"httpMethod": method, "resourcePath": path},
    }
