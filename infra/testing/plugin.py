"""The pytest plugin. Every run of pytest imports it, so it imports the rest when a test needs the gateway."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from infra.testing.gateway import PaymentGateway
    from infra.testing.process import GatewayProcess


@pytest.fixture(scope="session")
def payment_gateway_settings() -> Mapping[str, str]:
    """Settings of the gateway, as environment variables. Override it in conftest.py."""
    return {}


@pytest.fixture(scope="session")
def payment_gateway_process(payment_gateway_settings: Mapping[str, str]) -> "Iterator[GatewayProcess]":
    """The gateway of this run of pytest, or of this worker of pytest-xdist. It starts at its first use."""
    from infra.testing.process import GatewayProcess  # noqa: PLC0415

    with GatewayProcess(payment_gateway_settings) as process:
        yield process


@pytest.fixture
def new_payment_gateway(payment_gateway_process: "GatewayProcess") -> "Callable[[], PaymentGateway]":
    """A function that creates another merchant of the gateway."""
    from infra.testing.gateway import PaymentGateway  # noqa: PLC0415

    return lambda: PaymentGateway(payment_gateway_process, payment_gateway_process.new_merchant())


@pytest.fixture
def payment_gateway(new_payment_gateway: "Callable[[], PaymentGateway]") -> "PaymentGateway":
    """A payment gateway for one test: a new merchant, without orders, payments or a webhook URL."""
    return new_payment_gateway()
