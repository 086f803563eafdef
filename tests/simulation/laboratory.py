"""The objects that all stories of a process share, because creating them takes longer than most stories."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any
from unittest.mock import patch

from botocore.loaders import JSONFileLoader
from botocore.retries.quota import RetryQuota
from botocore.session import Session
from moto import mock_aws

from chalicelib.api import routing
from chalicelib.bootstrap import Externals, Gateway, build
from chalicelib.jobs import batch
from chalicelib.observability import set_log_level
from chalicelib.services.onboarding import TEST_MERCHANT_ID
from chalicelib.settings import Settings, load_settings
from tests.cloud import CREDENTIALS, ENVIRONMENT, resources
from tests.simulation.dynamodb import DynamoDB
from tests.simulation.lambdas import Processes, running_gateway, simulated_concurrently

START = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
URL = "https://merchant.example/webhook"


@dataclass(kw_only=True)
class Laboratory:
    """Shared by all stories of a process: tables, which each story clears, Lambdas, and the current story."""

    settings: Settings
    dynamodb: DynamoDB
    merchant_row: dict[str, Any]
    world: Any = None

    def __post_init__(self) -> None:
        self.processes = Processes(self._build)

    def _build(self) -> Gateway:
        """A gateway that uses the current world."""
        return build(
            self.settings,
            Externals(
                clock=_deferred(lambda: self.world.scheduler.clock),
                random=_deferred(lambda: self.world.gateway_random),
                acquirers=_deferred(lambda: self.world.acquirers),
                sender=lambda: _deferred(lambda: self.world.server),
            ),
        )


def _deferred(find: Callable[[], Any]) -> Any:
    """Defers every access to the current object."""
    return _Deferred(find)


class _Deferred:
    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)

    def __call__(self) -> Any:
        return self._find()()


@contextmanager
def laboratory() -> Iterator[Laboratory]:
    """Create the tables, and one client per service, because a new client takes longer than a story."""
    create_client = Session.create_client
    clients: dict[str, Any] = {}

    def once(session: Session, service_name: str, *arguments: Any, **options: Any) -> Any:
        if service_name not in clients:
            clients[service_name] = create_client(session, service_name, *arguments, **options)
        return clients[service_name]

    read_once = staticmethod(cache(JSONFileLoader().load_file))
    with ExitStack() as stack:
        # Chalice's test client replaces the environment, and with concurrent requests does not restore it.
        stack.enter_context(patch.object(os, "environ", os.environ))
        for name, value in CREDENTIALS.items():
            stack.enter_context(patch.dict("os.environ", {name: value}))
        stack.enter_context(patch.object(JSONFileLoader, "load_file", read_once))
        stack.enter_context(mock_aws())
        settings = load_settings(CREDENTIALS | resources() | ENVIRONMENT)
        stack.enter_context(patch.object(Session, "create_client", once))
        # Each Lambda has its own retry quota, which no story reaches; here they share one client.
        stack.enter_context(patch.object(RetryQuota, "acquire", lambda quota, amount: True))
        stack.enter_context(patch.object(routing, "gateway", running_gateway))
        stack.enter_context(patch.object(batch, "run_concurrently", simulated_concurrently))
        set_log_level("CRITICAL")
        stack.callback(set_log_level, settings.log_level)
        dynamodb = DynamoDB()
        yield Laboratory(settings=settings, dynamodb=dynamodb, merchant_row=_seed(settings, dynamodb))


def _seed(settings: Settings, dynamodb: DynamoDB) -> dict[str, Any]:
    """The row of a merchant with a webhook URL."""
    unused: Any = None
    gateway = build(
        settings, Externals(clock=lambda: START, random=Random(0), acquirers=unused, sender=unused)
    )
    gateway.onboarding.seed_test_merchant()
    gateway.webhook_endpoints.set_url(TEST_MERCHANT_ID, URL)
    (item,) = dynamodb.table(settings.tables.merchants).all_items()
    row: dict[str, Any] = item.to_json()["Attributes"]
    return row


@contextmanager
def chance_of_libraries(seed: str | None) -> Iterator[None]:
    """botocore randomises its retries with Python's global random numbers."""
    state = random.getstate()
    random.seed(seed or "calm")
    try:
        yield
    finally:
        random.setstate(state)
