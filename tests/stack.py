"""The stack of the tests that go over HTTP: one for all of them, and a merchant of its own for each."""

import secrets
from collections.abc import Callable, Iterator
from random import Random, SystemRandom
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.domain.clock import utc_now
from chalicelib.domain.merchant import (
    Merchant,
    WebhookEndpoint,
    hash_api_secret,
    new_api_key,
    new_api_secret,
)
from chalicelib.domain.password import hash_password
from chalicelib.domain.signature import new_signing_secret
from chalicelib.store.merchants import MerchantRow, MerchantStore
from infra.aws import Aws
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from tests.e2e.api import Api
from tests.secrecy.plugin import overheard
from tests.secrecy.stack import leaks_of

ENVIRONMENT = {
    "TEST_MODE": "true",
    "TEST_PROCESSING_DELAY": "1000",
    "WEBHOOK_RETRY_INTERVALS_TEST": "true",
}
PASSWORD = "correct horse battery staple"  # of every merchant's dashboard


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    state_dir = tmp_path_factory.mktemp("gateway")
    with LocalGateway(
        stage="test", ports=Ports.free(), environment=ENVIRONMENT, state_dir=state_dir, persist=False
    ) as gateway:
        yield gateway
        assert leaks_of(gateway, state_dir / "aws.log", overheard.run) == []


@pytest.fixture(scope="session")
def aws(gateway: LocalGateway) -> Callable[[str], Any]:
    """Makes an AWS client of the stack's account."""
    return Aws(gateway.aws_endpoint_url).client


@pytest.fixture(scope="session")
def new_merchant(gateway: LocalGateway) -> Callable[..., Api]:
    """Takes a merchant in, as an operator does; without a webhook URL."""
    return merchants_of(gateway)


def merchants_of(gateway: LocalGateway) -> Callable[..., Api]:
    """What takes a merchant of ``gateway`` in."""
    database = Aws(gateway.aws_endpoint_url).database()
    store = MerchantStore(database.bind(MerchantRow, gateway.stack_outputs["MerchantsTable"]))

    def register(webhook_secret: str | None = None) -> Api:
        merchant, api_secret = take_in(store, webhook_secret)
        credentials = {"X-Api-Key": merchant.api_key, "X-Api-Secret": api_secret}
        return Api(gateway.api_url, merchant.id, credentials, merchant.email)

    return register


def take_in(store: MerchantStore, webhook_secret: str | None = None) -> tuple[Merchant, str]:
    """A new merchant with PASSWORD and without a webhook URL, and its API secret."""
    random, name = SystemRandom(), secrets.token_hex(8)
    api_secret = new_api_secret(random)
    merchant = Merchant(
        id=str(uuid4()),
        name=f"Merchant {name}",
        email=f"{name}@example.com",
        api_key=new_api_key(random),
        api_secret_hash=hash_api_secret(api_secret),
        password_hash=hash_password(PASSWORD, Random(1)),  # one salt: a hash takes 50 ms of a processor
        webhook=WebhookEndpoint(url=None, secret=webhook_secret or new_signing_secret(random)),
        created_at=utc_now(),
    )
    assert store.create(merchant)
    return merchant, api_secret


@pytest.fixture
def merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()
