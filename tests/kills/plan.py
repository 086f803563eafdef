"""The size of a trial, its kills, and its environment."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from random import SystemRandom

from chalicelib.settings import AcquirerSettings
from infra.local.ports import Ports, is_taken
from infra.template.lambdas import LAMBDAS

STAGE = "trial"  # packaged separately from the other tests, which run at the same time
WORKERS = [function.name for id_, function in LAMBDAS.items() if id_ != "APIHandler"]
ALL_FUNCTIONS = [function.name for function in LAMBDAS.values()]
SUCCESS_RATE = 0.8
ENVIRONMENT = {
    "PROCESSING_DELAY_MIN": "500",
    "PROCESSING_DELAY_MAX": "2000",
    "UPI_SUCCESS_RATE": str(SUCCESS_RATE),
    "CARD_SUCCESS_RATE": str(SUCCESS_RATE),
    "WEBHOOK_RETRY_INTERVALS_TEST": "true",
    "RATE_LIMIT_PER_S": "10000",
}
ACQUIRER = AcquirerSettings(
    test_mode=False,
    test_payment_success=True,
    upi_success_rate=SUCCESS_RATE,
    card_success_rate=SUCCESS_RATE,
)
LOW_PORTS = range(20_000, 32_000)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The number of payments, and the kills."""

    payments: int
    kills: int
    victims: Collection[str]
    kill_every_s: float
    visibility_s: int  # after which the job of a killed worker is redelivered
    receiver_down_s: float
    restarts: int
    finish_within_s: float
    quiet_s: float  # before the doctor runs, which ignores recent changes
    seed: int


def ports_out_of_reach() -> Ports:
    """Free ports below those that systems assign to connections.

    A client that connects to a port while its server is down can be assigned that port, which is then in use.
    """
    free = (port for port in SystemRandom().sample(LOW_PORTS, len(LOW_PORTS)) if not is_taken(port))
    return Ports(**{each.name: next(free) for each in fields(Ports)})
