"""`make run`: start the gateway with progress output, then print the logs until Ctrl-C."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET, TEST_SIGNING_SECRET
from infra.aws import Aws
from infra.deploy.preflight import validate_settings
from infra.errors import InfraError
from infra.local import loopback
from infra.local.console import Console
from infra.local.emulator import MiniStack
from infra.local.environment import isolate
from infra.local.gateway import Emulator, LocalGateway
from infra.local.localstack import LocalStack
from infra.local.logs import LogFollower
from infra.local.ports import Ports
from infra.local.receiver import MerchantAccount, Receiver
from infra.local.steps import PrintedSteps
from infra.local.welcome import welcome
from infra.project import LOCAL_DIR
from infra.stage import Stage

STAGE = "local"
REQUEST_TIMEOUT_S = 30
_WATCH_INTERVAL_S = 0.5


def run(backend: str) -> int:
    """Run until SIGINT or SIGTERM. Prints an error and returns 1 if a part fails or exits."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt_once)
    isolate(os.environ)
    try:
        with ExitStack() as started:
            validate_settings(Stage.of(STAGE, os.environ))
            _Run(started, Ports.chosen(os.environ), backend).execute()
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0
    except InfraError as error:
        sys.stdout.flush()
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _interrupt_once(_signal: int, _frame: FrameType | None) -> None:
    """Stop the run. Ignore further signals while the parts are being stopped."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


@dataclass(frozen=True)
class _Run:
    """One run. ``started`` stops the parts that it has started."""

    started: ExitStack
    ports: Ports
    backend: str
    progress: PrintedSteps = field(default_factory=PrintedSteps)

    def execute(self) -> None:
        """Start all parts and monitor them. Never returns."""
        began = time.monotonic()
        console = Console(self.progress)
        emulator = self._emulator(LOCAL_DIR)
        self.ports.require_free()
        gateway = self._gateway(emulator, console)
        secret = _webhook_secret(gateway)
        self._receiver(gateway, secret, console)
        self._logs(gateway, console)
        print(welcome(gateway, self.ports, secret, time.monotonic() - began), flush=True)
        console.open()
        self.started.callback(console.close)
        while True:
            gateway.require_alive()
            time.sleep(_WATCH_INTERVAL_S)

    def _emulator(self, state_dir: Path) -> Emulator:
        if self.backend == "localstack":
            return LocalStack(port=self.ports.aws)
        ministack = MiniStack(port=self.ports.aws, state_dir=state_dir, persist=True)
        ministack.prepare()
        self.started.callback(ministack.stop)
        return ministack

    def _gateway(self, emulator: Emulator, console: Console) -> LocalGateway:
        gateway = LocalGateway(
            stage=STAGE,
            ports=self.ports,
            environment=os.environ,
            state_dir=LOCAL_DIR,
            persist=True,
            emulator=emulator,
            progress=self.progress,
            log_request=console.print,
        )
        return self.started.enter_context(gateway)

    def _receiver(self, gateway: LocalGateway, secret: str, console: Console) -> None:
        with self.progress.step("receiver"):
            receiver = Receiver(
                secret=secret,
                port=self.ports.receiver,
                shop=MerchantAccount(
                    page_origin=gateway.checkout_url,
                    api_url=gateway.api_url,
                    api_key=TEST_API_KEY,
                    api_secret=TEST_API_SECRET,
                ),
                announce=lambda line: console.print("receiver", line.partition(" ")[2]),  # without its time
            )
            self.started.enter_context(receiver)

    def _logs(self, gateway: LocalGateway, console: Console) -> None:
        follower = LogFollower(Stage(STAGE), Aws(gateway.aws_endpoint_url), console)
        follower.start()
        self.started.callback(follower.stop)


def _webhook_secret(gateway: LocalGateway) -> str:
    """The test merchant's webhook secret, which may have been regenerated in an earlier run."""
    credentials = {"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET}
    response = loopback.session().get(
        f"{gateway.api_url}/api/v1/webhooks/config", headers=credentials, timeout=REQUEST_TIMEOUT_S
    )
    return str(response.json()["webhook_secret"]) if response.ok else TEST_SIGNING_SECRET
