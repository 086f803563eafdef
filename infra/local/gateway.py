"""The local gateway: the emulated AWS, the deployed stack, and the local server on fixed ports."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

import requests

from infra.aws import Aws
from infra.deploy.packaging import ANY_API_URL, Package, package
from infra.deploy.site_upload import upload_sites
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.local import loopback
from infra.local.emulator import MiniStack
from infra.local.local_server import LocalServer, LogRequest, Proxy, ignore_request
from infra.local.ports import HOST, Ports
from infra.local.proxies import ApiProxy, SiteProxy
from infra.local.seed import seed_test_merchant
from infra.local.steps import Steps
from infra.sites import CHECKOUT, DASHBOARD, Addresses, Mode
from infra.stage import Stage
from infra.template.functions import LOCAL_CONCURRENCY

__all__ = ["LocalGateway", "Ports"]

HEALTH_TIMEOUT_S = 30
HEALTH_DEADLINE_S = 180  # on a busy machine, the first processes can take longer to start than one request
_POLL_S = 0.2


class Emulator(Protocol):
    """A local emulator of AWS.

    ``shares_dependencies``: whether the functions import their dependencies from this Python environment.
    ``this_machine``: the host name by which the functions reach this machine.
    """

    endpoint_url: str
    shares_dependencies: bool
    this_machine: str

    def start(self) -> None:
        """Start the emulator and wait until it responds."""

    def stop(self) -> None:
        """Stop the emulator."""

    def require_alive(self) -> None:
        """Raise InfraError if the emulator has exited."""

    def complete(self, package: Package, outputs: dict[str, str]) -> None:
        """Apply the properties of the template that its CloudFormation ignores."""


class LocalGateway:
    """A gateway with a separate stack on ``ports``. ``persist`` keeps its data in ``state_dir``.

    Use it as a context manager. Without ``pages``, the sites have no files until ``upload_pages`` is called:
    their scripts are bundled with packages from npm, which the API does not need.
    """

    def __init__(
        self,
        *,
        stage: str,
        ports: Ports,
        environment: Mapping[str, str],
        state_dir: Path,
        persist: bool,
        pages: bool = True,
        emulator: Emulator | None = None,
        progress: Steps | None = None,
        log_request: LogRequest = ignore_request,
    ) -> None:
        self.api_url = f"http://localhost:{ports.api}"
        self._stage = Stage.of(stage, {**environment, "API_URL": ANY_API_URL})
        self._ports = ports
        self._state_dir = state_dir
        self._pages = pages
        self._emulator = emulator or MiniStack(port=ports.aws, state_dir=state_dir, persist=persist)
        self._progress = progress or Steps()
        self._log_request = log_request
        self._started = ExitStack()
        self.aws_endpoint_url = self._emulator.endpoint_url
        self.dashboard_url = f"http://localhost:{ports.dashboard}"
        self.checkout_url = f"http://localhost:{ports.checkout}"
        self.receiver_url = f"http://localhost:{ports.receiver}"  # the caller starts the receiver
        self.webhook_url = f"http://{self._emulator.this_machine}:{ports.receiver}/webhook"
        self.stack_outputs: dict[str, str] = {}

    def start(self) -> None:
        """Start all parts. If one fails, stop the parts that were started."""
        with ExitStack() as started:
            self._start(started)
            self._started = started.pop_all()

    def stop(self) -> None:
        """Stop all parts in reverse order."""
        self._started.close()

    def upload_pages(self) -> None:
        """Upload the files of the sites. Raises InfraError if their npm packages cannot be installed."""
        upload_sites(self.stack_outputs, self._addresses(), Aws(self.aws_endpoint_url))

    def require_alive(self) -> None:
        """Raise InfraError if the emulator has exited."""
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
            packaged = package(self._stage, dependencies=not self._emulator.shares_dependencies)
            packaged = replace(packaged, api_url=self.api_url)
        with step("embedded AWS"):
            started.callback(self._emulator.stop)
            self._emulator.start()
        with step("stack"):
            self.stack_outputs = self._deploy(packaged, aws)
            self._emulator.complete(packaged, self.stack_outputs)
        with step("test merchant"):
            seed_test_merchant(self.stack_outputs["MerchantsTable"], aws)
        if self._pages:
            with step("sites"):
                self.upload_pages()
        with step("gateway"):
            server = self._local_server()
            server.start()
            started.callback(server.stop)
            self._require_health()

    def _deploy(self, packaged: Package, aws: Aws) -> dict[str, str]:
        try:
            return Stack(self._stage, aws).deploy(packaged)
        except InfraError as error:
            raise InfraError(
                f"{error}\nTo start again without the local data, delete {self._state_dir}."
            ) from error

    def _addresses(self) -> Addresses:
        return Addresses(
            api_url=self.api_url,
            checkout_url=self.checkout_url,
            mode=Mode.of_stage(self._stage.name),
            merchant_server_url=self.receiver_url,
            receiver_url=self.webhook_url,
        )

    def _local_server(self) -> LocalServer:
        on_aws = urlsplit(self.stack_outputs["EndpointURL"].rstrip("/"))
        api_id, _, _ = on_aws.netloc.partition(".")
        execute_api = f"{self.aws_endpoint_url}/_aws/execute-api/{api_id}{on_aws.path}"
        proxies: dict[int, Proxy] = {
            self._ports.api: ApiProxy(execute_api, LOCAL_CONCURRENCY["APIHandler"]),
            self._ports.dashboard: SiteProxy(DASHBOARD, self._bucket_address(DASHBOARD.bucket)),
            self._ports.checkout: SiteProxy(CHECKOUT, self._bucket_address(CHECKOUT.bucket)),
        }
        return LocalServer(proxies, self._log_request)

    def _bucket_address(self, output: str) -> str:
        return f"{self.aws_endpoint_url}/{self.stack_outputs[output]}"

    def _require_health(self) -> None:
        """Wait until the gateway is healthy. The first request also warms up the API."""
        deadline = time.monotonic() + HEALTH_DEADLINE_S
        while not _is_healthy(response := self._health()):
            if time.monotonic() > deadline:
                raise InfraError(
                    f"The gateway was not healthy within {HEALTH_DEADLINE_S} s. "
                    f"GET /health returned {response.text}"
                )
            time.sleep(_POLL_S)

    def _health(self) -> requests.Response:
        return loopback.session().get(f"http://{HOST}:{self._ports.api}/health", timeout=HEALTH_TIMEOUT_S)


def _is_healthy(response: requests.Response) -> bool:
    return response.ok and bool(response.json()["status"] == "healthy")
