"""One stack for all of these tests, and a merchant of its own for each."""

import secrets
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.merchant import hash_api_secret
from chalicelib.store.tables import MerchantRow
from infra.aws import Aws
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from tests.e2e.api import Api

ENVIRONMENT = {
    "TEST_MODE": "true",
    "TEST_PROCESSING_DELAY": "1000",
    "WEBHOOK_RETRY_INTERVALS_TEST": "true",
}


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these share the stack, and so the worker."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    with LocalGateway(
        stage="test",
        ports=Ports.free(),
        environment=ENVIRONMENT,
        state_dir=tmp_path_factory.mktemp("gateway"),
        persist=False,
    ) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def aws(gateway: LocalGateway) -> Callable[[str], Any]:
    """Makes an AWS client of the stack's account."""
    return Aws(gateway.aws_endpoint_url).client


@pytest.fixture
def new_merchant(gateway: LocalGateway, aws: Callable[[str], Any]) -> Callable[..., Api]:
    """Registers a merchant without a webhook URL."""

    def register(webhook_secret: str = "whsec_test_abc123") -> Api:
        merchant_id, name = str(uuid.uuid4()), secrets.token_hex(8)
        api_key, api_secret = f"key_test_{name}", f"secret_test_{name}"
        row = MerchantRow(
            id=merchant_id,
            name=f"Merchant {name}",
            email=f"{name}@example.com",
            api_key=api_key,
            api_secret_hash=hash_api_secret(api_secret),
            webhook_secret=webhook_secret,
            created_at=datetime.now(UTC),
        )
        table = gateway.stack_outputs["MerchantsTable"]
        aws("dynamodb").put_item(TableName=table, Item=row.to_dynamodb_dict())
        return Api(gateway.api_url, merchant_id, {"X-Api-Key": api_key, "X-Api-Secret": api_secret})

    return register


@pytest.fixture
def merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()


@pytest.fixture
def other_merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()
