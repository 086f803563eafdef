"""`python -m tests.bench.load`: send HTTP requests on kept connections, in a separate process.

A separate process, so that the load does not share an interpreter with the local server. Standard input is a
`Load` as JSON; standard output is a JSON list of `Answer`.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from itertools import count
from threading import Barrier
from typing import Any

from infra.local.ports import HOST
from infra.project import ROOT

TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Load:
    """Requests of one kind. ``per_s`` spaces their starts; 0 sends each as soon as a connection is free."""

    port: int
    path: str
    headers: Mapping[str, str]
    bodies: Sequence[str]
    connections: int
    per_s: float = 0

    def send(self) -> "list[Answer]":
        """Send the requests from a separate process. AssertionError if one fails."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.load"],
            input=json.dumps(asdict(self)),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        answers = [Answer(**answer) for answer in json.loads(done.stdout)]
        failed = [answer for answer in answers if answer.status >= 300]
        assert not failed, f"{len(failed)} of {len(answers)} failed, the first with {failed[0]}"
        return answers


@dataclass(frozen=True)
class Answer:
    """A response. ``ended_at`` is a time of the epoch, which all processes of a machine share."""

    status: int
    body: str
    ended_at: float
    took_s: float

    @property
    def id(self) -> str:
        """The id of the created object."""
        return str(json.loads(self.body)["id"])


def rate(answers: Sequence[Answer]) -> float:
    """Responses per second, from the start of the first request to the end of the last."""
    started = min(answer.ended_at - answer.took_s for answer in answers)
    return len(answers) / (max(answer.ended_at for answer in answers) - started)


def _sent(load: Load) -> list[Answer]:
    numbers, together = count(), Barrier(load.connections)
    started: list[float] = []

    def connection(_: int) -> list[Answer]:
        http = HTTPConnection(HOST, load.port, timeout=TIMEOUT_S)
        http.connect()
        together.wait()
        started.append(time.monotonic())
        return [_answer(http, load, number) for number in _turns(load, numbers, started[0])]

    with ThreadPoolExecutor(load.connections) as pool:
        return [answer for answers in pool.map(connection, range(load.connections)) for answer in answers]


def _turns(load: Load, numbers: Iterator[int], started: float) -> Iterator[int]:
    while (number := next(numbers)) < len(load.bodies):
        if load.per_s:
            time.sleep(max(0.0, started + number / load.per_s - time.monotonic()))
        yield number


def _answer(http: HTTPConnection, load: Load, number: int) -> Answer:
    began = time.monotonic()
    http.request("POST", load.path, load.bodies[number], dict(load.headers))
    response = http.getresponse()
    body = response.read().decode()
    return Answer(status=response.status, body=body, ended_at=time.time(), took_s=time.monotonic() - began)


def main() -> None:
    """Send the load of standard input."""
    given: dict[str, Any] = json.load(sys.stdin)
    json.dump([asdict(answer) for answer in _sent(Load(**given))], sys.stdout)


if __name__ == "__main__":
    main()
