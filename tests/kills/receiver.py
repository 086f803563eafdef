"""`python -m tests.kills.receiver`: a receiver that can be killed; it stores webhooks in a file."""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from infra.local.ports import HOST
from infra.local.receiver.verification import UnverifiedWebhookError, verify


@dataclass(frozen=True)
class Journal:
    """The acknowledged webhooks: one line each, written to disk before the response is sent."""

    path: Path

    def write(self, webhook_id: str, body: str) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps([webhook_id, body]) + "\n")

    def read(self) -> list[tuple[str, str]]:
        """The ids and bodies, in the order of receipt."""
        if not self.path.exists():
            return []
        return [
            (webhook_id, body) for webhook_id, body in map(json.loads, self.path.read_text().splitlines())
        ]


@dataclass
class KillableReceiver:
    """The server in a separate process."""

    port: int
    secret: str
    journal: Journal
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/webhook"

    def start(self) -> None:
        options = ["--port", str(self.port), "--secret", self.secret, "--journal", str(self.journal.path)]
        self.process = subprocess.Popen([sys.executable, "-m", "tests.kills.receiver", *options])

    def kill(self) -> None:
        """Kill the process, like a power failure."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def main() -> None:
    """Receive until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--journal", type=Path, required=True)
    given = parser.parse_args()
    journal = Journal(given.journal)

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            verify(given.secret, body, request.headers)
        except UnverifiedWebhookError as error:
            return web.Response(status=400, text=str(error))
        journal.write(request.headers["webhook-id"], body.decode())
        return web.Response(text="thanks")

    application = web.Application()
    application.add_routes([web.post("/webhook", receive)])
    web.run_app(application, host=HOST, port=given.port, print=None)


if __name__ == "__main__":
    main()
