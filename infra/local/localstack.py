"""The other AWS on this machine: LocalStack, in Docker."""

import os
import shutil
import subprocess

from infra.deploy.packaging import Package
from infra.errors import InfraError
from infra.project import ROOT

TIMEOUT_S = 600  # the first start downloads the image


class LocalStack:
    """LocalStack on ``port``. It keeps nothing over a stop: that is no part of its free edition."""

    brings_dependencies = False

    def __init__(self, *, port: int) -> None:
        self.endpoint_url = f"http://localhost:{port}"
        self._environment = {**os.environ, "AWS_PORT": str(port)}

    def start(self) -> None:
        """Start it and wait until it is healthy."""
        if shutil.which("docker") is None:
            raise InfraError(
                "BACKEND=localstack needs Docker; without it, plain `make run` brings its own AWS along."
            )
        self._compose("up", "--detach", "--wait")

    def stop(self) -> None:
        """Stop and remove it."""
        self._compose("down")

    def require_alive(self) -> None:
        """InfraError when its container has died."""
        if not self._compose("ps", "--quiet", "--status", "running").strip():
            raise InfraError("LocalStack died; `docker compose -f localstack-compose.yml logs` says why.")

    def complete(self, package: Package, outputs: dict[str, str]) -> None:
        """Nothing: what the template says, it does."""

    def _compose(self, *arguments: str) -> str:
        command = ["docker", "compose", "--file", str(ROOT / "localstack-compose.yml"), *arguments]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise InfraError(f"LocalStack could not be handled, Docker says: {reason}")
        return done.stdout
