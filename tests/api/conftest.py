"""The API on moto: one gateway per module, and a separate merchant per test."""

import io
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import pytest
from botocore.client import BaseClient
from chalice.test import Client

import app
from chalicelib.domain.merchant import Merchant, hash_api_secret
from chalicelib.domain.password import hash_password
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.observability import logger
from tests.api.client import PASSWORD, Api, Http
from tests.cloud import CREDENTIALS, START, Cloud, without_test_clocks
from tests.cloud import cloud as new_cloud


@pytest.fixture(scope="module", name="shared_cloud")
def _shared_cloud() -> Iterator[Cloud]:
    """One per module, because creating it takes longer than most tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        with new_cloud(
            RATE_LIMIT_PER_S="10000"
        ) as made:  # the clock is frozen, so token buckets do not refill
            made.gateway.onboarding.seed_test_merchant()
            yield made


@pytest.fixture(name="cloud")
def _cloud(shared_cloud: Cloud) -> Cloud:
    """The module's gateway, reset to START. It may contain rows of other tests, of other merchants."""
    shared_cloud.time.move_to(START)
    shared_cloud.acquirer.approves = shared_cloud.acquirer.refunds_succeed = True
    shared_cloud.acquirer.charges.clear()
    shared_cloud.acquirer.refunds.clear()
    shared_cloud.sender.script.clear()
    shared_cloud.sender.delivered.clear()
    return shared_cloud


@pytest.fixture
def no_test_clocks() -> Iterator[None]:
    """Count requests as in production."""
    with without_test_clocks():
        yield


@pytest.fixture
def http(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Http:
    """A client of ``cloud``."""
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
    return Client(app.app).http


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Computed once, because hashing takes 50 ms."""
    return hash_password(PASSWORD, Random(1))


def take_in(cloud: Cloud, http: Http, password_hash: str) -> Api:
    """Create a merchant."""
    name, secret = uuid4().hex, uuid4().hex
    merchant = Merchant(
        id=str(uuid4()),
        name=name,
        email=f"{name}@example.com",
        api_key=f"key_{name}",
        api_secret_hash=hash_api_secret(secret),
        password_hash=password_hash,
        webhook=WebhookEndpoint(url=None, secret="whsec_test_abc123"),
        created_at=datetime.now(UTC),
    )
    assert cloud.gateway.merchants.merchants.create(merchant)
    credentials = {"X-Api-Key": merchant.api_key, "X-Api-Secret": secret}
    return Api(http, merchant.id, credentials, merchant.email)


@pytest.fixture
def new_merchant(cloud: Cloud, http: Http, password_hash: str) -> Callable[[], Api]:
    """A function that creates a merchant."""
    return lambda: take_in(cloud, http, password_hash)


@pytest.fixture
def merchant(new_merchant: Callable[[], Api]) -> Api:
    """The test's merchant."""
    return new_merchant()


@pytest.fixture
def stranger(new_merchant: Callable[[], Api]) -> Api:
    """Another merchant."""
    return new_merchant()


@pytest.fixture
def anonymous(http: Http) -> Api:
    """A client without credentials."""
    return Api(http)


@pytest.fixture
def aws_requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the requests sent to AWS, in order."""
    names: list[str] = []
    send = BaseClient._make_api_call

    def record_and_send(client: BaseClient, operation: str, parameters: object) -> object:
        names.append(operation)
        return send(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", record_and_send)
    return names


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log output of the gateway and its libraries, at every level."""
    text = io.StringIO()
    everything, root = logging.StreamHandler(text), logging.getLogger()
    levels = root.level, logger.log_level
    monkeypatch.setattr(logger.registered_handler, "stream", text)
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    logger.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(everything)
        root.setLevel(levels[0])
        logger.setLevel(levels[1])
