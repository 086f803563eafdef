"""The whole gateway on this machine: AWS, the deployed stack, and the local server on the known ports."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import requests

from infra.aws import Aws
from infra.deploy.packaging import Package, package
from infra.deploy.site_upload import upload_sites
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.local import loopback
from infra.local.emulator import MiniStack
from infra.local.local_server import Announce, LocalServer, Proxy, say_nothing
from infra.local.ports import HOST, Ports
from infra.local.proxies import ApiProxy, SiteProxy
from infra.local.seed import seed_test_merchant
from infra.local.steps import Steps
from infra.sites import CHECKOUT, DASHBOARD, Addresses
from infra.stage import Stage
from infra.template.functions import LOCAL_CONCURRENCY

__all__ = ["LocalGateway", "Ports"]

HEALTH_TIMEOUT_S = 30
HEALTH_PATIENCE_S = 180  # on a busy machine the first processes may take longer to start than a request may
_POLL_S = 0.2


class Emulator(Protocol):
    """An AWS on this machine."""

    endpoint_url: str
    brings_dependencies: bool

    def start(self) -> None:
        """Start it and wait until it answers."""

    def stop(self) -> None:
        """Stop it."""

    def require_alive(self) -> None:
        """InfraError when it has died."""

    def complete(self, package: Package, outputs: dict[str, str]) -> None:
        """Do what its CloudFormation left out."""


class LocalGateway:
    """A stack of its own on ``ports``; a context manager. ``persist`` keeps its data in ``state_dir``."""

    def __init__(
        self,
        *,
        stage: str,
        ports: Ports,
        environment: Mapping[str, str],
        state_dir: Path,
        persist: bool,
        emulator: Emulator | None = None,
        progress: Steps | None = None,
        announce: Announce = say_nothing,
    ) -> None:
        self._stage = Stage.of(stage, environment)
        self._ports = ports
        self._state_dir = state_dir
        self._emulator = emulator or MiniStack(port=ports.aws, state_dir=state_dir, persist=persist)
        self._progress = progress or Steps()
        self._announce = announce
        self._started = ExitStack()
        self.aws_endpoint_url = self._emulator.endpoint_url
        self.api_url = f"http://localhost:{ports.api}"
        self.dashboard_url = f"http://localhost:{ports.dashboard}"
        self.checkout_url = f"http://localhost:{ports.checkout}"
        self.receiver_url = f"http://localhost:{ports.receiver}"  # whoever receives, it is not started here
        self.stack_outputs: dict[str, str] = {}

    def start(self) -> None:
        """Bring everything up; what was started is stopped again when something fails."""
        with ExitStack() as started:
            self._start(started)
            self._started = started.pop_all()

    def stop(self) -> None:
        """Stop everything, the last started first."""
        self._started.close()

    def require_alive(self) -> None:
        """InfraError when a part of it has died."""
        self._emulator.require_alive()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, started: ExitStack) -> None:
        step, aws = self._progress.step, Aws(self.aws_endpoint_url)
        with step("package"):
            packaged = package(self._stage, dependencies=not self._emulator.brings_dependencies)
        with step("embedded AWS"):
            started.callback(self._emulator.stop)
            self._emulator.start()
        with step("stack"):
            self.stack_outputs = self._deploy(packaged, aws)
            self._emulator.complete(packaged, self.stack_outputs)
        with step("test merchant"):
            seed_test_merchant(self.stack_outputs["MerchantsTable"], aws)
        with step("sites"):
            upload_sites(self.stack_outputs, self._addresses(), aws)
        with step("gateway"):
            server = self._local_server()
            server.start()
            started.callback(server.stop)
            self._require_health()

    def _deploy(self, packaged: Package, aws: Aws) -> dict[str, str]:
        try:
            return Stack(self._stage, aws).deploy(packaged)
        except InfraError as error:
            raise InfraError(f"{error}\nTo begin anew without its data, delete {self._state_dir}.") from error

    def _addresses(self) -> Addresses:
        return Addresses(
            api_url=self.api_url,
            checkout_url=self.checkout_url,
            merchant_server_url=self.receiver_url,
        )

    def _local_server(self) -> LocalServer:
        stage = self.stack_outputs["EndpointURL"].rstrip("/").rsplit("/", 1)[1]
        execute_api = f"{self.aws_endpoint_url}/_aws/execute-api/{self.stack_outputs['RestAPIId']}/{stage}"
        proxies: dict[int, Proxy] = {
            self._ports.api: ApiProxy(execute_api, LOCAL_CONCURRENCY["APIHandler"]),
            self._ports.dashboard: SiteProxy(DASHBOARD, self._bucket_address(DASHBOARD.bucket)),
            self._ports.checkout: SiteProxy(CHECKOUT, self._bucket_address(CHECKOUT.bucket)),
        }
        return LocalServer(proxies, self._announce)

    def _bucket_address(self, output: str) -> str:
        return f"{self.aws_endpoint_url}/{self.stack_outputs[output]}"

    def _require_health(self) -> None:
        """The first request, which also warms the API up."""
        deadline = time.monotonic() + HEALTH_PATIENCE_S
        while not _is_healthy(answer := self._health()):
            if time.monotonic() > deadline:
                raise InfraError(f"The gateway came up unwell: GET /health answered {answer.text}")
            time.sleep(_POLL_S)

    def _health(self) -> requests.Response:
        return loopback.session().get(f"http://{HOST}:{self._ports.api}/health", timeout=HEALTH_TIMEOUT_S)


def _is_healthy(answer: requests.Response) -> bool:
    return answer.ok and bool(answer.json()["status"] == "healthy")
