"""The test clock: all attempts of a webhook, which take 2 h 36 min with the real time."""

import time
from collections.abc import Iterator
from statistics import median

from infra.local.receiver import Behaviour
from tests.bench.figures import Figure
from tests.e2e.api import Api
from tests.stack import merchants_of, temporary_gateway

ROUNDS = 5
RETRIES = "2h36m30s"
GOAL_S = 5
# The intervals of production; the stack of the tests shortens them.
INTERVALS = {"WEBHOOK_RETRY_INTERVALS_TEST": "false"}


def measure() -> Iterator[Figure]:
    """The median of ROUNDS merchants on one stack, after one that starts the processes of the functions."""
    with temporary_gateway("clock", **INTERVALS) as gateway:
        new_merchant = merchants_of(gateway)
        _advance(new_merchant())
        took = [_advance(new_merchant()) for _ in range(ROUNDS)]
    yield Figure(
        metric=f"five webhook attempts, clock advanced by {RETRIES}",
        value=median(took),
        unit="s",
        goal=GOAL_S,
    )


def _advance(merchant: Api) -> float:
    """Fail a webhook and advance the clock beyond its last attempt. Returns how long it took."""
    with merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(status=500)
        merchant.send_webhooks_to(receiver.url)
        merchant.post("/webhooks/test")
        began = time.monotonic()
        clock = merchant.advance(RETRIES)
        took_s = time.monotonic() - began
    (log,) = merchant.logs()
    if (log["status"], log["attempts"], clock["status"]) != ("failed", 5, "idle"):
        raise RuntimeError(f"The webhook has not failed after all attempts: {log}")
    return took_s
