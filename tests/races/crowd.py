"""Many concurrent requests and their responses."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from infra.template.functions import LOCAL_CONCURRENCY
from tests.e2e.api import Api

PATIENCE_S = 300.0  # the last of a thousand requests waits for all others, for minutes on a busy machine

Send = Callable[[], requests.Response]


@dataclass(frozen=True)
class Rush:
    """The responses to concurrent requests, and the time until the last one."""

    answers: list[requests.Response]
    wall_s: float

    def of(self, status: int) -> list[requests.Response]:
        """The responses with that status."""
        return [answer for answer in self.answers if answer.status_code == status]

    @property
    def statuses(self) -> Counter[int]:
        """The number of responses by status."""
        return Counter(answer.status_code for answer in self.answers)


def rush(sends: Sequence[Send]) -> Rush:
    """Send all requests concurrently, each on a separate connection."""
    ready = threading.Barrier(len(sends))

    def send(one: Send) -> requests.Response:
        ready.wait()
        return one()

    started = time.monotonic()
    with ThreadPoolExecutor(len(sends)) as crowd:
        answers = list(crowd.map(send, sends))
    return Rush(answers, time.monotonic() - started)


def warm_up(client: Api) -> None:
    """Start every process of the API, which can exceed the time-out of a request on a busy machine."""
    rush([lambda: client.get("/openapi.json")] * LOCAL_CONCURRENCY["APIHandler"])
