"""The stack of the tests that go over HTTP: one for all of them, and a merchant of its own for each."""

import secrets
from collections.abc import Callable, Iterator
from random import SystemRandom
from typing import Any

import pytest

from chalicelib.domain.clock import utc_now
from chalicelib.services.onboarding import OnboardingService
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
    onboarding = OnboardingService(merchants=store, clock=utc_now, random=SystemRandom())

    def register(webhook_secret: str | None = None) -> Api:
        name = secrets.token_hex(8)
        made = onboarding.create(name=f"Merchant {name}", email=f"{name}@example.com", password=PASSWORD)
        merchant = made.merchant
        if webhook_secret:
            store.set_webhook_secret(merchant.id, webhook_secret, previous_until=utc_now())
        credentials = {"X-Api-Key": merchant.api_key, "X-Api-Secret": made.api_secret}
        return Api(gateway.api_url, merchant.id, credentials, merchant.email)

    return register


@pytest.fixture
def merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()
