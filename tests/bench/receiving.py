"""`python -m tests.bench.receiving`: a receiver of webhooks in a separate process, which verifies signatures.

Its output is one JSON line for each verified webhook: the payment, the time of receipt and the number of
connections so far. The first line is its port. It ends with its standard input.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from infra.local.ports import HOST
from infra.local.receiver.verification import verify
from infra.project import ROOT

DEADLINE_S = 180.0
_POLL_S = 0.05


@dataclass
class Receiving:
    """The webhooks that the process received."""

    port: int
    received_at: dict[str, float] = field(default_factory=dict)  # by payment; the first delivery counts
    connections: int = 0

    @property
    def url(self) -> str:
        """The URL of the webhook endpoint."""
        return f"http://{HOST}:{self.port}/webhook"

    def wait_for(self, payments: set[str]) -> None:
        """Wait for a verified webhook of each payment. AssertionError after DEADLINE_S."""
        deadline = time.monotonic() + DEADLINE_S
        while missing := payments - self.received_at.keys():
            assert time.monotonic() < deadline, f"{len(missing)} of {len(payments)} webhooks did not arrive"
            time.sleep(_POLL_S)

    def read(self, lines: Iterator[str]) -> None:
        """Read the output of the process until it ends."""
        for line in lines:
            payment_id, at, self.connections = json.loads(line)
            self.received_at.setdefault(payment_id, at)


@contextmanager
def receiving(secret: str) -> Iterator[Receiving]:
    """A receiver of webhooks that are signed with ``secret``."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.receiving", secret],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        received = Receiving(port=int(process.stdout.readline()))
        reader = threading.Thread(target=received.read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            yield received
        finally:
            process.stdin.close()  # ends the process
            reader.join()


async def _serve(secret: str) -> None:
    connections = set[object]()

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        verify(secret, body, request.headers)  # if it raises, the response is 500 and the webhook is missing
        connections.add(request.protocol)
        payment_id = json.loads(body)["data"]["payment"]["id"]
        _print_line(json.dumps([payment_id, time.time(), len(connections)]))
        return web.Response()

    application = web.Application()
    application.add_routes([web.post("/webhook", receive)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    _print_line(str(runner.addresses[0][1]))
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


def _print_line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until standard input ends."""
    asyncio.run(_serve(sys.argv[1]))


if __name__ == "__main__":
    main()
