"""The cost of calls, measured in a separate process: time, memory, log, and the lifetime of threads.

Run as ``python -m tests.security.outbound.measure DEADLINE_S CALM_URL URLS…``. Each argument of ``URLS`` is a
group of comma-separated URLs that are called concurrently; the groups run in sequence.
"""

import json
import logging
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from chalicelib.observability import set_log_level
from chalicelib.webhooks.http import DeliveryError, HttpSender
from tests.security.outbound.misbehaviour import Misbehaviour
from tests.security.outbound.receivers import OK, answering, receiver

PROJECT = Path(__file__).parents[3]
PROCESSES = 4  # concurrent: they wait most of the time


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The results and the cost of concurrent calls. ``ended_s``: until the last thread ended."""

    said: list[str]
    wall_s: float
    ended_s: float
    peak_bytes: int
    logged_chars: int


def measure_each(receivers: Sequence[Misbehaviour], *, deadline_s: float) -> list[Cost]:
    """The cost of a call to each of ``receivers``."""
    shares = [receivers[first::PROCESSES] for first in range(PROCESSES)]

    def measure_share(share: Sequence[Misbehaviour]) -> list[Cost]:
        return measure([[one] for one in share], deadline_s=deadline_s)

    with ThreadPoolExecutor(PROCESSES) as pool:
        measured = [iter(costs) for costs in pool.map(measure_share, shares)]
    return [next(measured[number % PROCESSES]) for number in range(len(receivers))]


def measure(groups: Sequence[Sequence[Misbehaviour]], *, deadline_s: float) -> list[Cost]:
    """The cost of each group of concurrent calls, in sequence."""
    with ExitStack() as running:
        calm = running.enter_context(receiver(answering(OK)))
        urls = [",".join(running.enter_context(_served(one)) for one in group) for group in groups]
        command = [sys.executable, "-m", __name__, str(deadline_s), calm, *urls]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return [Cost(**cost) for cost in json.loads(done.stdout)]


@contextmanager
def _served(one: Misbehaviour) -> Iterator[str]:
    with receiver(one.behave, first_read=one.first_read) as url:
        yield url.replace("http:", "https:") if one.over_tls else url


class _CountingHandler(logging.Handler):
    """The output that a Lambda would write to its log."""

    chars = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.chars += len(self.format(record))


def _cost(sender: HttpSender, urls: list[str], log: _CountingHandler) -> Cost:
    logged_before = log.chars
    tracemalloc.start()
    started = time.monotonic()
    with ThreadPoolExecutor(len(urls)) as pool:
        said = list(pool.map(lambda url: _said(sender, url), urls))
    wall_s = time.monotonic() - started
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Cost(
        said=said,
        wall_s=wall_s,
        ended_s=time.monotonic() - started,
        peak_bytes=peak_bytes,
        logged_chars=log.chars - logged_before,
    )


def _said(sender: HttpSender, url: str) -> str:
    try:
        answer = sender.post(url, b"{}", {"X-Webhook-Signature": "00"})
    except DeliveryError as error:
        return str(error)
    return f"{answer.code}, {len(answer.body)} bytes{', cut' if answer.truncated else ''}"


def _main(deadline_s: str, calm: str, *groups: str) -> None:
    log = _CountingHandler()
    logging.getLogger().addHandler(log)
    set_log_level("INFO")
    sender = HttpSender(allow_private=True, deadline_s=float(deadline_s))
    sender.post(calm, b"{}", {})  # imports the modules that the first call needs
    costs = [_cost(sender, group.split(","), log) for group in groups]
    print(json.dumps([asdict(cost) for cost in costs]))  # noqa: T201 - what it is for


if __name__ == "__main__":
    _main(*sys.argv[1:])
