"""The local stack of the HTTP tests: one per run, with a separate merchant for each test."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random, SystemRandom
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.domain.clock import utc_now
from chalicelib.domain.merchant import (
    Merchant,
    hash_api_secret,
    new_api_key,
    new_api_secret,
)
from chalicelib.domain.password import hash_password
from chalicelib.domain.signature import new_signing_secret
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.store.merchants import MerchantRow, MerchantStore
from infra.aws import Aws
from infra.local.environment import isolate
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from infra.output import fit_any_encoding
from tests.e2e.api import Api
from tests.secrecy.plugin import overheard
from tests.secrecy.stack import leaks_of

ENVIRONMENT = {
    "TEST_MODE": "true",
    "TEST_PROCESSING_DELAY": "1000",
    "WEBHOOK_RETRY_INTERVALS_TEST": "true",
}
PASSWORD = "correct horse battery staple"  # the dashboard password of every merchant


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    state_dir = tmp_path_factory.mktemp("gateway")
    with LocalGateway(
        stage="test", ports=Ports.free(), environment=ENVIRONMENT, state_dir=state_dir, persist=False
    ) as gateway:
        yield gateway
        assert leaks_of(gateway, state_dir / "aws.log", overheard.run) == []


@contextmanager
def temporary_gateway(name: str, **variables: str) -> Iterator[LocalGateway]:
    """A separate stack for a command, without the tests' fixtures. Its data is deleted afterwards.

    ``variables``: more environment variables.
    """
    fit_any_encoding()
    isolate(os.environ)
    with (
        TemporaryDirectory(prefix=f"{name}-") as folder,
        LocalGateway(
            stage="test",
            ports=Ports.free(),
            environment=ENVIRONMENT | variables,
            state_dir=Path(folder),
            persist=False,
        ) as gateway,
    ):
        yield gateway


@pytest.fixture(scope="session")
def aws(gateway: LocalGateway) -> Callable[[str], Any]:
    """A function that creates an AWS client for the stack."""
    return Aws(gateway.aws_endpoint_url).client


@pytest.fixture(scope="session")
def new_merchant(gateway: LocalGateway) -> Callable[..., Api]:
    """A function that creates a merchant without a webhook URL, as an operator does."""
    return merchants_of(gateway)


def merchants_of(gateway: LocalGateway) -> Callable[..., Api]:
    """A function that creates a merchant of ``gateway``."""
    database = Aws(gateway.aws_endpoint_url).database()
    store = MerchantStore(database.bind(MerchantRow, gateway.stack_outputs["MerchantsTable"]))

    def register(webhook_secret: str | None = None) -> Api:
        merchant, api_secret = create_merchant(store, webhook_secret)
        credentials = {"X-Api-Key": merchant.api_key, "X-Api-Secret": api_secret}
        return Api(gateway.api_url, merchant.id, credentials, merchant.email)

    return register


def create_merchant(store: MerchantStore, webhook_secret: str | None = None) -> tuple[Merchant, str]:
    """Create a merchant with PASSWORD and without a webhook URL; returns it and its API secret."""
    random, name = SystemRandom(), secrets.token_hex(8)
    api_secret = new_api_secret(random)
    merchant = Merchant(
        id=str(uuid4()),
        name=f"Merchant {name}",
        email=f"{name}@example.com",
        api_key=new_api_key(random),
        api_secret_hash=hash_api_secret(api_secret),
        password_hash=hash_password(PASSWORD, Random(1)),  # fixed salt: a hash takes 50 ms of CPU time
        webhook=WebhookEndpoint(url=None, secret=webhook_secret or new_signing_secret(random)),
        created_at=utc_now(),
    )
    assert store.create(merchant)
    return merchant, api_secret


@pytest.fixture
def merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()
