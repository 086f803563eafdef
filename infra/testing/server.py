"""A temporary gateway: free ports, data in a temporary directory, a new merchant for each test."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory

from chalicelib.domain.clock import utc_now
from chalicelib.services.onboarding import OnboardingService
from chalicelib.store.merchants import MerchantRow, MerchantStore
from infra.aws import Aws
from infra.errors import InfraError
from infra.local.environment import isolate
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports, is_taken
from infra.local.steps import Steps
from infra.testing.connection import Connection

STAGE = "test"
# Outcomes follow from the payment method, and nothing waits. Retries of webhooks have the intervals of
# production: the test clock skips them.
SETTINGS = {"TEST_MODE": "true", "TEST_PROCESSING_DELAY": "0"}
LOG_LINES = 20  # of the embedded AWS, in the message if the gateway does not start
_PASSWORD_BYTES = 15


@dataclass(frozen=True)
class TemporaryGateway:
    """A running gateway."""

    gateway: LocalGateway

    def new_merchant(self) -> Connection:
        """Create a merchant that shares nothing with the others. 2 requests to the database."""
        name, password = secrets.token_hex(4), secrets.token_urlsafe(_PASSWORD_BYTES)
        created = self._onboarding.create(
            name=f"Shop {name}", email=f"shop-{name}@example.com", password=password
        )
        return Connection(
            api_url=self.gateway.api_url,
            checkout_url=f"{self.gateway.checkout_url}/checkout",
            dashboard_url=self.gateway.dashboard_url,
            merchant_id=created.merchant.id,
            api_key=created.merchant.api_key,
            api_secret=created.api_secret,
            webhook_secret=created.merchant.webhook.secret,
            email=created.merchant.email,
            password=password,
        )

    @cached_property
    def _onboarding(self) -> OnboardingService:
        database = Aws(self.gateway.aws_endpoint_url).database()
        merchants = MerchantStore(database.bind(MerchantRow, self.gateway.stack_outputs["MerchantsTable"]))
        return OnboardingService(merchants=merchants, clock=utc_now, random=SystemRandom())

    def upload_pages(self) -> None:
        """Make the checkout page and the dashboard available. Raises InfraError."""
        self.gateway.upload_pages()

    def require_alive(self) -> None:
        """Raise InfraError if the embedded AWS has exited."""
        self.gateway.require_alive()


@contextmanager
def temporary_gateway(
    settings: Mapping[str, str], *, api_port: int | None, pages: bool, progress: Steps | None = None
) -> Iterator[TemporaryGateway]:
    """Run a gateway. ``settings`` are environment variables, in addition to SETTINGS.

    Raises InfraError, with the log of the embedded AWS, if it does not start.
    """
    isolate(os.environ)
    with TemporaryDirectory(prefix="payment-gateway-") as folder, ExitStack() as started:
        gateway = LocalGateway(
            stage=STAGE,
            ports=_ports(api_port),
            environment=SETTINGS | dict(settings),
            state_dir=Path(folder),
            persist=False,
            pages=pages,
            progress=progress,
        )
        try:
            started.enter_context(gateway)
        except InfraError as error:
            raise InfraError(f"{error}{_log(Path(folder))}") from error
        yield TemporaryGateway(gateway)


def _ports(api_port: int | None) -> Ports:
    ports = Ports.free()
    if api_port is None:
        return ports
    if is_taken(api_port):
        raise InfraError(
            f"Port {api_port} is in use. Stop the process that listens on it, "
            "choose another port, or leave out --port to use a free one."
        )
    return replace(ports, api=api_port)


def _log(folder: Path) -> str:
    """The end of the log of the embedded AWS, which is deleted with its directory."""
    try:
        lines = (folder / "aws.log").read_text(errors="replace").splitlines()[-LOG_LINES:]
    except FileNotFoundError:
        return ""
    return "\n".join(["\nThe end of its log:", *lines]) if lines else ""
