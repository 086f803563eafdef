"""The public contract in process: HTTP requests to Chalice's test client on moto."""

from collections.abc import Callable, Iterator

import pytest
import requests
from chalice.test import Client

import app
from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.acquirers.simulated.bank import SimulatedBank
from chalicelib.domain.clock import utc_now
from chalicelib.settings import AcquirerSettings
from tests.cloud import CREDENTIALS, Cloud
from tests.cloud import cloud as new_cloud
from tests.contract.in_process import URL, InProcess, InProcessApi
from tests.e2e.claims import _claims_are_fulfilled
from tests.stack import create_merchant

TEST_MODE = AcquirerSettings(
    test_mode=True, test_payment_success=True, upi_success_rate=1, card_success_rate=1
)

__all__ = ["_claims_are_fulfilled"]


@pytest.fixture(scope="module", name="cloud")
def _cloud() -> Iterator[Cloud]:
    """One per module, because each test uses separate merchants or only reads."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        with new_cloud() as made:
            patch.setattr("chalicelib.api.routing.gateway", lambda: made.gateway)
            bank = SimulatedBank(charges=made.gateway.bank.charges, api_url=URL, clock=utc_now)
            simulated = SimulatedAcquirer(TEST_MODE, utc_now, bank)
            for name in ("tokenize", "authorize", "status", "void"):
                patch.setattr(made.acquirer, name, getattr(simulated, name))
            yield made


@pytest.fixture(scope="module")
def new_merchant(cloud: Cloud) -> Callable[[], InProcessApi]:
    """A function that creates a merchant without a webhook URL."""
    session = requests.Session()
    session.mount(URL, InProcess(Client(app.app).http))

    def make() -> InProcessApi:
        merchant, api_secret = create_merchant(cloud.gateway.merchants.merchants)
        credentials = {"X-Api-Key": merchant.api_key, "X-Api-Secret": api_secret}
        return InProcessApi(
            URL, merchant.id, credentials, merchant.email, session=session, run=lambda: cloud.run(for_s=60)
        )

    return make


@pytest.fixture
def merchant(new_merchant: Callable[[], InProcessApi]) -> InProcessApi:
    return new_merchant()


@pytest.fixture
def other_merchant(new_merchant: Callable[[], InProcessApi]) -> InProcessApi:
    return new_merchant()
