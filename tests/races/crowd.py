"""Many requests at the same moment, and what came of them."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from infra.template.functions import LOCAL_CONCURRENCY
from tests.e2e.api import Api

PATIENCE_S = 300.0  # the last of a thousand waits for all before it, on a busy machine for minutes

Ask = Callable[[], requests.Response]


@dataclass(frozen=True)
class Rush:
    """The answers to requests that were made at once, and how long it took to have them all."""

    answers: list[requests.Response]
    wall_s: float

    def of(self, status: int) -> list[requests.Response]:
        """The answers with that status."""
        return [answer for answer in self.answers if answer.status_code == status]

    @property
    def statuses(self) -> Counter[int]:
        """How many there were of each."""
        return Counter(answer.status_code for answer in self.answers)


def rush(asks: Sequence[Ask]) -> Rush:
    """Ask all of ``asks`` at once, each on a connection of its own."""
    ready = threading.Barrier(len(asks))

    def ask(one: Ask) -> requests.Response:
        ready.wait()
        return one()

    started = time.monotonic()
    with ThreadPoolExecutor(len(asks)) as crowd:
        answers = list(crowd.map(ask, asks))
    return Rush(answers, time.monotonic() - started)


def warm_up(anonymous: Api) -> None:
    """Have every process of the API started: on a busy machine that takes longer than a request may."""
    rush([lambda: anonymous.get("/openapi.json")] * LOCAL_CONCURRENCY["APIHandler"])
