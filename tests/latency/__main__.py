# ruff: noqa: T201 - a command-line program prints
"""`python -m tests.latency`: the latency of webhooks beside an endpoint that never answers, and of the feed.

Exit status 1 if 1,000 webhooks of that endpoint increase the 95th percentile of another merchant's webhooks
by more than 20 %.
"""

import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from infra.local.ports import HOST
from infra.local.receiver import Receiver
from tests.e2e.api import Api
from tests.stack import merchants_of, temporary_gateway

BLOCKED = 1_000  # webhooks of the endpoint that never answers
SAMPLES = 200  # webhooks of the other merchant in each phase
PAUSE_S = 0.3
MAX_INCREASE = 1.2
FEED_SAMPLES = 60
DEADLINE_S = 120.0


def main() -> int:
    """Measure on a separate stack."""
    with temporary_gateway("latency") as gateway:
        new_merchant = merchants_of(gateway)
        measure_feed(new_merchant())
        return measure_fairness(new_merchant(), new_merchant())


def measure_fairness(quiet: Api, noisy: Api) -> int:
    """Compare the latencies of the quiet merchant's webhooks before and during the noise."""
    with quiet.receiver() as receiver, never_answering() as url:
        quiet.send_webhooks_to(receiver.url)
        webhooks(quiet, receiver, 20)  # starts the functions
        alone = webhooks(quiet, receiver, SAMPLES)
        show("webhooks alone", alone)
        noisy.send_webhooks_to(url)
        for number in range(BLOCKED):
            assert noisy.post("/webhooks/test").status_code == 201
            if number % 250 == 249:
                print(f"  {number + 1} webhooks to an endpoint that never answers", flush=True)
        beside = webhooks(quiet, receiver, SAMPLES)
        waiting = noisy.anonymous.get("/test/jobs/status").json()["queues"]["webhooks"]
        show("webhooks beside it", beside)
        print(
            f"  jobs of webhooks at the end: {waiting['pending']} pending, {waiting['processing']} in process"
        )
    increase = percentile(beside, 95) / percentile(alone, 95)
    print(f"  p95: {increase:.2f} times, at most {MAX_INCREASE} is allowed")
    return 1 if increase > MAX_INCREASE else 0


def webhooks(merchant: Api, receiver: Receiver, count: int) -> list[float]:
    """The seconds from the request of each webhook until its arrival."""
    sent: dict[str, datetime] = {}
    for _ in range(count):
        at = datetime.now(UTC)
        response = merchant.post("/webhooks/test")
        assert response.status_code == 201
        sent[response.json()["id"]] = at
        time.sleep(PAUSE_S)
    return list(arrivals(receiver, sent))


def arrivals(receiver: Receiver, sent: dict[str, datetime]) -> Iterator[float]:
    """The latency of each webhook in ``sent``. Raises AssertionError if one does not arrive in time."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        received = {one.webhook_id: one.received_at for one in reversed(receiver.deliveries)}
        if sent.keys() <= received.keys():
            yield from ((received[id_] - at).total_seconds() for id_, at in sent.items())
            return
        assert time.monotonic() < deadline, f"{len(sent.keys() - received.keys())} webhooks did not arrive"
        time.sleep(PAUSE_S)


def measure_feed(merchant: Api) -> None:
    """Show the seconds from an event until it is in the feed."""
    after: str | None = None
    took: list[float] = []
    for _ in range(FEED_SAMPLES):
        assert merchant.payment()["status"] == "pending"
    deadline = time.monotonic() + DEADLINE_S
    while len(took) < 3 * FEED_SAMPLES and time.monotonic() < deadline:
        page = merchant.get("/events?limit=100" + (f"&after={after}" if after else "")).json()
        now = datetime.now(UTC)
        took += [
            (now - datetime.fromisoformat(event["created_at"])).total_seconds() for event in page["data"]
        ]
        after = page["next_after"] or after
        time.sleep(0.1)
    show("events until they are in the feed", took)


@contextmanager
def never_answering() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server((HOST, 0), backlog=4096) as listening:
        yield f"http://{HOST}:{listening.getsockname()[1]}/webhook"


def show(name: str, took_s: list[float]) -> None:
    """Print the percentiles."""
    p50, p95 = (percentile(took_s, share) for share in (50, 95))
    print(
        f"{name:<36}{len(took_s):>5}  p50 {p50:6.3f} s  p95 {p95:6.3f} s  max {max(took_s):6.3f} s",
        flush=True,
    )


def percentile(took_s: list[float], share: int) -> float:
    """The percentile ``share`` of the durations."""
    return statistics.quantiles(took_s, n=100, method="inclusive")[share - 1]


if __name__ == "__main__":
    sys.exit(main())
